/**
 * The MCP face of an agent through the SDK's server: every method, in both eras of the protocol. What
 * an operation does is the agent's business ({@linkcode AgentServer}); this file only translates.
 *
 * @module
 */
import {
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  LOG_LEVEL_META_KEY,
  McpServer as SdkServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type RequestStateCodec,
  ResourceNotFoundError,
  type Server,
  type ServerContext,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import { detailOf } from "../base/error_details.ts";
import type { JsonObject } from "../base/json.ts";
import { STATE_KEY } from "../define/ask.ts";
import { asMeshError, isMeshError, MeshError } from "../base/errors.ts";
import type { McpClient } from "../define/handler_context.ts";
import { type AgentManifest, promptKey } from "../define/manifest.ts";
import type { JsonSchema } from "../define/json_schema.ts";
import {
  type AgentServer,
  type InboundCall,
  LARGEST_BODY,
  type Listings,
  listings,
  type McpServer,
  resourceOf,
} from "./agent_server.ts";
import { failureMeta } from "../base/failure.ts";
import { CHUNKS_ONLY_META } from "./client.ts";
import { ProgressNotes, type ProgressParams } from "./progress.ts";
import {
  errorOf,
  type Outcome,
  outcomeToResult,
  type QuestionsOutcome,
  writable,
} from "../boundary/result.ts";
import { asNumbers } from "../base/exact_json.ts";
import { ToolLists } from "./tool_lists.ts";

/** What a call that waits for answers carries in its `requestState`: the answers it has. */
type Answered = Readonly<Record<string, unknown>>;

/** How long a client may take to answer, in seconds. */
const ANSWER_SECONDS = 600;
/** Most suggestions of one completion (MCP completion §results). */
const MOST_VALUES = 100;

/** What an SDK server is for. */
export type Serving =
  /** One request of the 2025 era: nothing can be sent to the client but the answer. */
  | { readonly kind: "legacy"; readonly headers: Headers }
  /** One request of the 2026 era. */
  | { readonly kind: "modern"; readonly headers: Headers }
  /** A session of the 2025 era; the URIs its client subscribed to are kept in `subscriptions`. */
  | { readonly kind: "session"; readonly subscriptions: Set<string> };

/** What {@linkcode AgentMcp} needs beside the agent. */
export interface AgentMcpOptions {
  /** Signs what travels through clients while they answer questions; at least 32 bytes. */
  readonly stateKey: Uint8Array;
}

/** Makes SDK servers for an agent: one a request, or one a session. */
export class AgentMcp {
  /** The lists of the agent's tools. */
  readonly lists = new ToolLists();
  readonly #agent: AgentServer;
  readonly #codec: RequestStateCodec<Answered>;

  constructor(agent: AgentServer, { stateKey }: AgentMcpOptions) {
    this.#agent = agent;
    this.#codec = createRequestStateCodec<Answered>({
      key: stateKey,
      ttlSeconds: ANSWER_SECONDS,
    });
  }

  /** A server for one request or one session. */
  server(serving: Serving): SdkServer {
    const { manifest } = this.#agent;
    const hasPrompts = manifest.prompts.length > 0;
    const hasResources = manifest.resources.length > 0;
    const completes = [...manifest.prompts, ...manifest.resources]
      .some(({ completes }) => completes.length > 0);
    const isSession = serving.kind === "session";
    // Only what can be kept is promised: changes need somewhere to be told.
    const changes = serving.kind === "legacy" ? {} : { listChanged: true };
    const whole = new ManifestServer(manifest, {
      ...(manifest.instructions === undefined ? {} : { instructions: manifest.instructions }),
      requestState: { verify: this.#codec.verify },
    });
    const { server } = whole;
    server.registerCapabilities({
      tools: changes,
      ...(hasPrompts ? { prompts: changes } : {}),
      ...(hasResources ? { resources: { ...changes, subscribe: serving.kind !== "legacy" } } : {}),
      ...(completes ? { completions: {} } : {}),
      ...(serving.kind === "legacy" ? {} : { logging: {} }),
    });
    const headers = isSession ? undefined : serving.headers;
    const of = (context: ServerContext) =>
      new Exchange(server, context, serving.kind === "modern", headers);
    server.setRequestHandler("tools/list", () => ({ tools: [...this.#listings.tools] }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const { name, arguments: given = {} } = params;
      const exchange = of(context);
      const isPassedOn = this.lists.isPassedOn(this.#agent.manifest, name);
      // They stay an object.
      const args = isPassedOn ? given : asNumbers(given) as typeof given;
      const outcome = await this.#run(exchange, name, args, `Unknown tool: ${name}`);
      // The SDK's content types are those of the specification, ours the part we deal with.
      const wraps = this.lists.wraps(this.#agent.manifest, name);
      return await this.#answer(outcome, exchange, wraps) as { content: [] };
    });
    if (hasPrompts) this.#servePrompts(server, of);
    if (hasResources) this.#serveResources(server, of);
    if (completes) this.#serveCompletions(server);
    if (isSession) serveSubscriptions(server, serving.subscriptions);
    return whole;
  }

  get #listings(): Listings {
    return listings(this.#agent.manifest);
  }

  #servePrompts(server: Server, of: (context: ServerContext) => Exchange): void {
    server.setRequestHandler("prompts/list", () => ({
      // Made of what the specification lists, see listings().
      prompts: this.#listings.prompts as unknown as [],
    }));
    server.setRequestHandler("prompts/get", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const exchange = of(context);
      const outcome = await this.#run(exchange, promptKey(name), args, `Unknown prompt: ${name}`);
      // encodeMessages() made it.
      return await this.#complete(outcome, exchange) as { messages: [] };
    });
  }

  #serveResources(server: Server, of: (context: ServerContext) => Exchange): void {
    // Made of what the specification lists, see listings().
    server.setRequestHandler("resources/list", () => ({
      resources: this.#listings.resources as unknown as [],
    }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: this.#listings.resourceTemplates as unknown as [],
    }));
    server.setRequestHandler("resources/read", async ({ params: { uri } }, context) => {
      const found = resourceOf(this.#agent.manifest, uri);
      if (found === undefined) throw new ResourceNotFoundError(uri);
      const exchange = of(context);
      const outcome = await this.#run(exchange, found.key, found.args, uri);
      if (errorOf(outcome)?.code === "not_found") throw new ResourceNotFoundError(uri);
      // encodeContents() made it.
      return await this.#complete(outcome, exchange) as { contents: [] };
    });
  }

  #serveCompletions(server: Server): void {
    server.setRequestHandler("completion/complete", async ({ params }) => {
      const { ref, argument, context } = params;
      const { manifest } = this.#agent;
      const key = ref.type === "ref/prompt"
        ? manifest.prompts.find(({ name }) => name === ref.name)?.key
        : manifest.resources.find(({ uri }) => uri === ref.uri)?.key;
      if (key === undefined) {
        const asked = ref.type === "ref/prompt" ? `prompt: ${ref.name}` : `resource: ${ref.uri}`;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown ${asked}`);
      }
      const values = await this.#agent.complete(key, {
        argument: argument.name,
        value: argument.value,
        others: context?.arguments ?? {},
      });
      const hasMore = values.length > MOST_VALUES;
      return {
        completion: { values: values.slice(0, MOST_VALUES), total: values.length, hasMore },
      };
    });
  }

  async #run(
    exchange: Exchange,
    key: string,
    args: Record<string, unknown>,
    unknown: string,
  ): Promise<Outcome> {
    try {
      return writable(await this.#agent.call(exchange.inbound(key, args)));
    } catch (error) {
      if (isMeshError(error, "not_found")) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          unknown,
          failureMeta({ code: "not_found", message: unknown }),
        );
      }
      throw asMeshError(error, "tool_failed");
    }
  }

  /** The result of a call: a failure is one too. */
  async #answer(
    outcome: Outcome,
    exchange: Exchange,
    wraps = false,
  ): Promise<Record<string, unknown>> {
    if (outcome.kind === "questions") return await this.questions(outcome, exchange.answers);
    if (exchange.isModern) refuseIfUnanswerable(errorOf(outcome));
    return outcomeToResult(outcome, wraps);
  }

  /** The result of what has no error results: a failure is a JSON-RPC error. */
  async #complete(outcome: Outcome, exchange: Exchange): Promise<Record<string, unknown>> {
    const error = errorOf(outcome);
    if (error === undefined) return await this.#answer(outcome, exchange);
    if (exchange.isModern) refuseIfUnanswerable(error);
    const code = error.code === "bad_input"
      ? ProtocolErrorCode.InvalidParams
      : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, error.message, failureMeta(error));
  }

  /**
   * The result that asks the client, whose answers come back with the same request.
   *
   * @param answered What it has answered already.
   */
  async questions(
    { requests, state }: QuestionsOutcome,
    answered: Answered,
  ): Promise<Record<string, unknown>> {
    return inputRequired({
      // What elicit(), sample() and listRoots() made is what the specification asks for.
      inputRequests: requests as Record<string, never>,
      requestState: await this.#codec.mint(
        state === undefined ? answered : { [STATE_KEY]: state },
      ),
    });
  }
}

/**
 * The SDK's server with the tools of a manifest: the SDK asks it for the input schema of a tool to
 * check the headers that repeat arguments (MCP transports, `x-mcp-header`).
 */
class ManifestServer extends SdkServer {
  readonly #manifest: AgentManifest;

  constructor(manifest: AgentManifest, options: ServerOptions) {
    super({ name: manifest.name, version: manifest.version }, options);
    this.#manifest = manifest;
  }

  override toolInputSchemaJson(name: string): JsonSchema | undefined {
    return this.#manifest.tools.find((tool) => tool.name === name)?.inputSchema;
  }
}

/** Most subscriptions of one session. */
const MOST_SUBSCRIPTIONS = 128;
/** Longest URI that a session subscribes to, in characters. */
const LONGEST_URI = 2_048;

function serveSubscriptions(server: Server, subscriptions: Set<string>): void {
  if (server.getCapabilities().resources === undefined) return;
  server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
    if (uri.length > LONGEST_URI) {
      const text = `a subscription is to a URI of at most ${LONGEST_URI} characters`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    if (subscriptions.size >= MOST_SUBSCRIPTIONS && !subscriptions.has(uri)) {
      const text = `a session has at most ${MOST_SUBSCRIPTIONS} subscriptions; end another first`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    subscriptions.add(uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    subscriptions.delete(uri);
    return {};
  });
}

/** A handler that has to ask a client that cannot be asked (MCP -32021). */
function refuseIfUnanswerable(error: MeshError | undefined): void {
  if (error?.code !== "cannot_ask") return;
  throw new MissingRequiredClientCapabilityError(requiredCapabilities(error), error.message);
}

/** The capabilities a `cannot_ask` names. */
export function requiredCapabilities(error: MeshError): { requiredCapabilities: JsonObject } {
  return { requiredCapabilities: detailOf(error, "requiredCapabilities") ?? {} };
}

/** One request as an inbound call. */
class Exchange {
  readonly isModern: boolean;
  readonly #server: Server;
  readonly #context: ServerContext;
  readonly #headers: Headers | undefined;

  /** @param headers Of the request, where the SDK does not tell. */
  constructor(
    server: Server,
    context: ServerContext,
    isModern: boolean,
    headers: Headers | undefined,
  ) {
    this.isModern = isModern;
    this.#server = server;
    this.#context = context;
    this.#headers = headers;
  }

  /** What was answered so far: in earlier rounds, signed by us, and in this one. */
  get answers(): Answered {
    const { mcpReq } = this.#context;
    // Only we say where a call goes on.
    const { [STATE_KEY]: _, ...answers } = mcpReq.inputResponses ?? {};
    // They stay an object.
    return { ...mcpReq.requestState<Answered>(), ...asNumbers(answers) as typeof answers };
  }

  inbound(key: string, args: Record<string, unknown>): InboundCall {
    const { mcpReq, http } = this.#context;
    const token = mcpReq._meta?.progressToken;
    const notes = token === undefined ? undefined : new ProgressNotes(token);
    const notify = async (params: ProgressParams | undefined) => {
      if (params === undefined) return;
      await mcpReq.notify({ method: "notifications/progress", params });
    };
    return {
      key,
      args,
      headers: this.#headers ?? http?.req?.headers ?? new Headers(),
      signal: http?.req === undefined
        ? mcpReq.signal
        : AbortSignal.any([mcpReq.signal, http.req.signal]),
      client: this.#client(),
      answers: this.answers,
      chunks: token === undefined
        ? "none"
        : mcpReq._meta?.[CHUNKS_ONLY_META] === true
        ? "only"
        : "also",
      emit: (chunk) => notify(notes?.chunk(chunk)),
      progress: (...report) => {
        // A caller that is gone is noticed by the call's own signal.
        void notify(notes?.report(...report)).catch(() => {});
      },
      ...this.#log(),
    };
  }

  #client(): McpClient | undefined {
    const capabilities = this.#server.getClientCapabilities();
    if (capabilities === undefined) return undefined;
    const info = this.#server.getClientVersion();
    const logLevel = this.#logLevel;
    return {
      ...(info && { name: info.name, version: info.version }),
      capabilities,
      ...(logLevel !== undefined && { logLevel }),
    };
  }

  /** The quietest lines that the client takes; in a session the SDK knows more closely. */
  get #logLevel(): string | undefined {
    const isSession = !this.isModern && this.#server.getCapabilities().logging !== undefined;
    if (isSession) return "debug";
    // The types leave the key out because it is deprecated; clients may send it.
    const envelope: Readonly<Record<string, unknown>> = { ...this.#context.mcpReq.envelope };
    const asked = envelope[LOG_LEVEL_META_KEY];
    return typeof asked === "string" ? asked : undefined;
  }

  /** Where the client said that it takes log lines, it gets the handler's. */
  #log(): Pick<InboundCall, "log"> {
    const { mcpReq } = this.#context;
    if (this.#logLevel === undefined) return {};
    return {
      log: (level, message, fields) => {
        const data = fields === undefined ? message : { message, ...fields };
        void mcpReq.log(level === "warn" ? "warning" : level, data).catch(() => {});
      },
    };
  }
}

/** The MCP face of an agent, all of it through the SDK, stateless. */
export function sdkServer(mcp: AgentMcp): McpServer {
  const handler = createMcpHandler(
    ({ era, requestInfo }) =>
      mcp.server({ kind: era, headers: requestInfo?.headers ?? new Headers() }),
    { maxRequestBodySize: LARGEST_BODY },
  );
  return {
    fetch: (request, body) =>
      handler.fetch(request, body === undefined ? undefined : { parsedBody: body }),
    listsChanged: ({ tools, prompts, resources }) => {
      if (tools) handler.notify.toolsChanged();
      if (prompts) handler.notify.promptsChanged();
      if (resources) handler.notify.resourcesChanged();
    },
    resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
    close: () => handler.close(),
  };
}
