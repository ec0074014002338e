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
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type RequestStateCodec,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { isMeshError, MeshError } from "../errors.ts";
import type { McpClient } from "../handler_context.ts";
import { promptKey, resourceKey } from "../manifest.ts";
import {
  type AgentServer,
  type InboundCall,
  LARGEST_BODY,
  type Listings,
  listings,
  type McpServer,
  resourceOf,
} from "./agent_server.ts";
import { chunkParams, progressParams } from "./progress.ts";
import { asMeshError, errorOf, type Outcome, outcomeToResult } from "./result.ts";

/** What a call that waits for answers carries in its `requestState`: the answers it has. */
type Answered = Readonly<Record<string, unknown>>;

/** How long a client may take to answer, in seconds. */
const ANSWER_SECONDS = 600;
/** Most suggestions of one completion (MCP completion §results). */
const MOST_VALUES = 100;

/** What {@linkcode AgentMcp} needs beside the agent. */
export interface AgentMcpOptions {
  /** Signs what travels through clients while they answer questions; at least 32 bytes. */
  readonly stateKey: Uint8Array;
}

/** Makes SDK servers for an agent: one a request, or one a session. */
export class AgentMcp {
  readonly #agent: AgentServer;
  readonly #codec: RequestStateCodec<Answered>;

  constructor(agent: AgentServer, { stateKey }: AgentMcpOptions) {
    this.#agent = agent;
    this.#codec = createRequestStateCodec<Answered>({
      key: stateKey,
      ttlSeconds: ANSWER_SECONDS,
    });
  }

  /**
   * A server for one request or one session.
   *
   * @param options.headers Of the request, where the SDK does not tell.
   * @param options.isSession Whether requests to the client can be sent, and log lines.
   */
  server(options: { readonly headers?: Headers; readonly isSession?: boolean } = {}): Server {
    const { manifest } = this.#agent;
    const hasPrompts = manifest.prompts.length > 0;
    const hasResources = manifest.resources.length > 0;
    const completes = [...manifest.prompts, ...manifest.resources]
      .some(({ completes }) => completes.length > 0);
    const server = new Server({ name: manifest.name, version: manifest.version }, {
      capabilities: {
        tools: { listChanged: true },
        ...(hasPrompts ? { prompts: { listChanged: true } } : {}),
        ...(hasResources ? { resources: { listChanged: true, subscribe: true } } : {}),
        ...(completes ? { completions: {} } : {}),
        ...(options.isSession === true ? { logging: {} } : {}),
      },
      ...(manifest.instructions === undefined ? {} : { instructions: manifest.instructions }),
      requestState: { verify: this.#codec.verify },
    });
    const of = (context: ServerContext) => new Exchange(server, context, options.headers);
    server.setRequestHandler("tools/list", () => ({ tools: [...this.#listings.tools] }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const outcome = await this.#run(of(context), name, args, `Unknown tool: ${name}`);
      // The SDK's content types are those of the specification, ours the part we deal with.
      return await this.#answer(outcome, context) as { content: [] };
    });
    if (hasPrompts) this.#servePrompts(server, of);
    if (hasResources) this.#serveResources(server, of);
    if (completes) this.#serveCompletions(server);
    return server;
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
      const unknown = `Unknown prompt: ${name}`;
      const outcome = await this.#run(of(context), promptKey(name), args, unknown);
      // encodeMessages() made it.
      return await this.#complete(outcome, context) as { messages: [] };
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
      const outcome = await this.#run(of(context), found.key, found.args, uri);
      if (errorOf(outcome)?.code === "not_found") throw new ResourceNotFoundError(uri);
      // encodeContents() made it.
      return await this.#complete(outcome, context) as { contents: [] };
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
      return await this.#agent.call(exchange.inbound(key, args));
    } catch (error) {
      if (isMeshError(error, "not_found")) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknown);
      }
      throw asMeshError(error, "tool_failed");
    }
  }

  /** The result of a call: a failure is one too. */
  async #answer(outcome: Outcome, context: ServerContext): Promise<Record<string, unknown>> {
    if (outcome.kind === "questions") return await this.questions(outcome, answersOf(context));
    refuseIfUnanswerable(errorOf(outcome));
    return outcomeToResult(outcome);
  }

  /** The result of what has no error results: a failure is a JSON-RPC error. */
  async #complete(outcome: Outcome, context: ServerContext): Promise<Record<string, unknown>> {
    const error = errorOf(outcome);
    if (error === undefined) return await this.#answer(outcome, context);
    refuseIfUnanswerable(error);
    const code = error.code === "bad_input"
      ? ProtocolErrorCode.InvalidParams
      : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, error.message);
  }

  /**
   * The result that asks the client, whose answers come back with the same request.
   *
   * @param answered What it has answered already.
   */
  async questions(
    { requests }: Outcome & { readonly kind: "questions" },
    answered: Answered,
  ): Promise<Record<string, unknown>> {
    return inputRequired({
      // What elicit(), sample() and listRoots() made is what the specification asks for.
      inputRequests: requests as Record<string, never>,
      requestState: await this.#codec.mint(answered),
    });
  }
}

/** A handler that has to ask a client that cannot be asked (MCP -32021). */
function refuseIfUnanswerable(error: MeshError | undefined): void {
  if (error?.code !== "cannot_ask") return;
  throw new MissingRequiredClientCapabilityError(requiredCapabilities(error), error.message);
}

/** The capabilities a `cannot_ask` names. */
export function requiredCapabilities({ details }: MeshError): { requiredCapabilities: object } {
  const required = typeof details === "object" && details !== null &&
      "requiredCapabilities" in details && typeof details.requiredCapabilities === "object"
    ? details.requiredCapabilities
    : null;
  return { requiredCapabilities: required ?? {} };
}

/** What was answered so far: in earlier rounds, signed by us, and in this one. */
function answersOf({ mcpReq }: ServerContext): Answered {
  return { ...mcpReq.requestState<Answered>(), ...mcpReq.inputResponses };
}

/** One request as an inbound call. */
class Exchange {
  readonly #server: Server;
  readonly #context: ServerContext;
  readonly #headers: Headers | undefined;

  constructor(server: Server, context: ServerContext, headers: Headers | undefined) {
    this.#server = server;
    this.#context = context;
    this.#headers = headers;
  }

  inbound(key: string, args: Record<string, unknown>): InboundCall {
    const { mcpReq, http } = this.#context;
    const token = mcpReq._meta?.progressToken;
    let sent = 0;
    const notify = async (params: Record<string, unknown>) => {
      if (token === undefined) return;
      await mcpReq.notify({
        method: "notifications/progress",
        params: { progress: sent, ...params, progressToken: token },
      });
    };
    return {
      key,
      args,
      headers: this.#headers ?? http?.req?.headers ?? new Headers(),
      signal: http?.req === undefined
        ? mcpReq.signal
        : AbortSignal.any([mcpReq.signal, http.req.signal]),
      client: this.#client(),
      answers: answersOf(this.#context),
      chunksOnly: false,
      emit: (chunk) => {
        sent += 1;
        return notify(chunkParams(chunk));
      },
      progress: (...report) => {
        // A caller that is gone is noticed by the call's own signal.
        void notify(progressParams(...report)).catch(() => {});
      },
      ...this.#log(),
    };
  }

  #client(): McpClient | undefined {
    const capabilities = this.#server.getClientCapabilities();
    if (capabilities === undefined) return undefined;
    const info = this.#server.getClientVersion();
    return { ...(info && { name: info.name, version: info.version }), capabilities };
  }

  /** Where the client said that it takes log lines, it gets the handler's. */
  #log(): Pick<InboundCall, "log"> {
    const { mcpReq } = this.#context;
    const logging = this.#server.getCapabilities().logging !== undefined;
    // The types leave the key out because it is deprecated; clients may send it.
    const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
    const asked = envelope[LOG_LEVEL_META_KEY] !== undefined;
    if (!logging && !asked) return {};
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
    ({ requestInfo }) => mcp.server(requestInfo && { headers: requestInfo.headers }),
    { maxRequestBodySize: LARGEST_BODY },
  );
  return {
    fetch: handler.fetch,
    listsChanged: () => {
      handler.notify.toolsChanged();
      handler.notify.promptsChanged();
      handler.notify.resourcesChanged();
    },
    resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
    close: () => handler.close(),
  };
}
