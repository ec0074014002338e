/**
 * The short path of `/mcp` (design §4): plain `tools/call` and `tools/list` requests are answered
 * without the SDK, which builds a server for each. A request is plain when nothing about it needs a
 * decision; everything else, every refusal included, is the SDK's. What is answered here is answered
 * as the SDK would: short_path_test.ts holds the two paths equal.
 *
 * @module
 */
import { Deadlines } from "../deadline.ts";
import { isMeshError } from "../errors.ts";
import type { AgentManifest } from "../manifest.ts";
import { type AgentServer, LARGEST_BODY, listings, type McpServer } from "./agent_server.ts";
import { EventStream, KEEP_ALIVE_MS } from "./event_stream.ts";
import { plainEra, type PlainRequest, plainRequest } from "./plain_request.ts";
import { chunkParams, progressParams } from "./progress.ts";
import { asMeshError, errorOf, errorToOutcome, type Outcome, outcomeToJson } from "./result.ts";
import { type AgentMcp, requiredCapabilities } from "./server.ts";

const ENVELOPE = "io.modelcontextprotocol/";
/** Longest time a request may take to arrive, in milliseconds. */
const BODY_MS = 30_000;
/** MCP -32021: the client lacks a capability the call needs. */
const MISSING_CAPABILITY = -32021;

/**
 * The MCP face of an agent.
 *
 * @param rest Answers what is not plain.
 * @param mcp Signs questions.
 */
export function shortPath(agent: AgentServer, rest: McpServer, mcp: AgentMcp): McpServer {
  const path = new ShortPath(agent, mcp);
  return {
    ...rest,
    fetch: async (request) => await path.fetch(request, rest),
    async close() {
      path.close();
      await rest.close();
    },
  };
}

class ShortPath {
  readonly #agent: AgentServer;
  readonly #mcp: AgentMcp;
  readonly #lists = new ToolLists();
  readonly #deadlines = new Deadlines();

  constructor(agent: AgentServer, mcp: AgentMcp) {
    this.#agent = agent;
    this.#mcp = mcp;
  }

  close(): void {
    this.#deadlines[Symbol.dispose]();
  }

  async fetch(request: Request, rest: McpServer): Promise<Response> {
    const era = request.method === "POST" ? plainEra(request.headers, LARGEST_BODY) : undefined;
    if (era === undefined) return await rest.fetch(request);
    const text = await this.#body(request);
    if (text === undefined) return new Response(null, { status: 408 });
    const plain = plainRequest(text, era, request.headers);
    if (plain?.isModern === true && this.#lists.hasHeaders(this.#agent.manifest, plain.name)) {
      // Arguments that are repeated in headers have to be compared, which the SDK does.
      return await rest.fetch(again(request, text));
    }
    const answer = plain &&
      (plain.method === "tools/list"
        ? respond(plain, this.#lists.of(this.#agent.manifest, plain.isModern))
        : await this.#call(request, plain));
    return answer ?? await rest.fetch(again(request, text));
  }

  /** The body, if it comes in time. */
  async #body(request: Request): Promise<string | undefined> {
    using deadline = this.#deadlines.start(BODY_MS);
    try {
      return await deadline.until(request.text());
    } catch (error) {
      if (deadline.ended !== undefined) return undefined;
      throw error;
    }
  }

  /** `undefined` when the tool does not exist, which is the SDK's to say. */
  async #call(request: Request, plain: PlainRequest): Promise<Response | undefined> {
    const stream = plain.token === undefined ? undefined : new EventStream();
    const running = this.#run(request, plain, stream);
    try {
      const outcome = await this.#first(running, plain, stream);
      if (outcome !== undefined) return await this.#whole(outcome, plain);
    } catch (error) {
      if (isMeshError(error, "not_found")) return undefined;
      throw error;
    }
    return this.#streamed(running, plain, stream ?? new EventStream());
  }

  /**
   * The outcome, or `undefined` when the answer has to begin before it is there: because there is
   * something to pass on, or because a connection on which nothing happens for long would be closed
   * by somebody in between.
   */
  async #first(
    running: Promise<Outcome>,
    { isModern }: PlainRequest,
    stream: EventStream | undefined,
  ): Promise<Outcome | undefined> {
    const first = stream === undefined
      ? running
      : Promise.race([running, stream.opened.then(() => undefined)]);
    if (isModern) return await first;
    using patience = this.#deadlines.start(KEEP_ALIVE_MS);
    try {
      return await patience.until(first);
    } catch (error) {
      if (patience.ended !== undefined) return undefined;
      throw error;
    }
  }

  #run(
    request: Request,
    { name, args, token, chunksOnly, client }: PlainRequest,
    stream: EventStream | undefined,
  ): Promise<Outcome> {
    if (stream === undefined) {
      return this.#agent.call({
        key: name,
        args,
        headers: request.headers,
        // Asked for only when somebody listens to it.
        get signal() {
          return request.signal;
        },
        client,
        answers: NO_ANSWERS,
        chunksOnly,
        emit: NOBODY_LISTENS,
        progress: NOBODY_LISTENS,
      });
    }
    let sent = 0;
    const notification = (params: Record<string, unknown>) =>
      JSON.stringify({
        jsonrpc: "2.0",
        method: "notifications/progress",
        params: { progress: sent, ...params, progressToken: token },
      });
    return this.#agent.call({
      key: name,
      args,
      headers: request.headers,
      get signal() {
        return AbortSignal.any([request.signal, stream.gone]);
      },
      client,
      answers: NO_ANSWERS,
      chunksOnly,
      emit: (chunk) => {
        sent += 1;
        return stream.write(notification(chunkParams(chunk)));
      },
      progress: (...report) => stream.report(notification(progressParams(...report))),
    });
  }

  async #whole(outcome: Outcome, plain: PlainRequest): Promise<Response> {
    const message = await this.#message(outcome, plain);
    // A client that lacks what the call needs is told by the status as well (MCP lifecycle §errors).
    const isRefused = plain.isModern && errorOf(outcome)?.code === "cannot_ask";
    return isRefused
      ? new Response(message, { status: 400, headers: MODERN_HEADERS })
      : whole(message, plain.isModern);
  }

  #streamed(running: Promise<Outcome>, plain: PlainRequest, stream: EventStream): Response {
    void running
      .catch((error) => errorToOutcome(asMeshError(error, "tool_failed")))
      .then((outcome) => this.#message(outcome, plain))
      .then((message) => stream.end(message));
    return stream.response();
  }

  /** The JSON-RPC message that tells an outcome. */
  async #message(outcome: Outcome, { id, isModern }: PlainRequest): Promise<string> {
    const { manifest } = this.#agent;
    if (outcome.kind === "questions") {
      const asked = await this.#mcp.questions(outcome, NO_ANSWERS);
      const meta = `{${serverInfo(manifest)}}`;
      return resultMessage(id, `${JSON.stringify(asked).slice(0, -1)},"_meta":${meta}}`);
    }
    const error = isModern ? errorOf(outcome) : undefined;
    if (error?.code === "cannot_ask") {
      const data = requiredCapabilities(error);
      return errorMessage(id, { code: MISSING_CAPABILITY, message: error.message, data });
    }
    return resultMessage(
      id,
      isModern
        ? outcomeToJson(outcome, `,"resultType":"complete"`, `,${serverInfo(manifest)}`)
        : outcomeToJson(outcome),
    );
  }
}

const NOBODY_LISTENS = () => Promise.resolve();
const NO_ANSWERS = {};

/** What is read off a manifest, once each. */
class ToolLists {
  #of: AgentManifest | undefined;
  #legacy: string | undefined;
  #modern: string | undefined;
  #headed: ReadonlySet<string> = new Set();

  /** The result of `tools/list`. */
  of(manifest: AgentManifest, isModern: boolean): string {
    this.#look(manifest);
    return isModern
      ? this.#modern ??= listJson(manifest, true)
      : this.#legacy ??= listJson(manifest, false);
  }

  /** Whether a tool has arguments that requests of the modern era repeat in headers. */
  hasHeaders(manifest: AgentManifest, tool: string): boolean {
    this.#look(manifest);
    return this.#headed.has(tool);
  }

  #look(manifest: AgentManifest): void {
    if (this.#of === manifest) return;
    this.#of = manifest;
    this.#legacy = undefined;
    this.#modern = undefined;
    const headed = manifest.tools.filter(({ inputSchema }) =>
      JSON.stringify(inputSchema).includes('"x-mcp-header"')
    );
    this.#headed = new Set(headed.map(({ name }) => name));
  }
}

function listJson(manifest: AgentManifest, isModern: boolean): string {
  const tools = JSON.stringify(listings(manifest).tools);
  return isModern
    ? `{"tools":${tools},"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${
      serverInfo(manifest)
    }}}`
    : `{"tools":${tools}}`;
}

function serverInfo({ name, version }: AgentManifest): string {
  return `"${ENVELOPE}serverInfo":${JSON.stringify({ name, version })}`;
}

function resultMessage(id: string | number, result: string): string {
  return `{"result":${result},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`;
}

function errorMessage(id: string | number, error: Record<string, unknown>): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}

const MODERN_HEADERS = { "content-type": "application/json" };
/**
 * Without `connection` and `x-accel-buffering`, which the SDK adds: they are for streams that go on,
 * this one is complete when it leaves, and each header costs.
 */
const LEGACY_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
};

function respond({ id, isModern }: PlainRequest, result: string): Response {
  return whole(resultMessage(id, result), isModern);
}

/** An answer that is complete when it leaves. */
function whole(message: string, isModern: boolean): Response {
  return isModern
    ? new Response(message, { headers: MODERN_HEADERS })
    : new Response(`event: message\ndata: ${message}\n\n`, { headers: LEGACY_HEADERS });
}

/** The request as it was before its body was read. */
function again(request: Request, body: string): Request {
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, body, signal });
}
