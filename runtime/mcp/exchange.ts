/**
 * One plain call on the short path: the call as the agent gets it, and its answer, which is whole if
 * that is possible, and else a stream.
 *
 * @module
 */
import type { Deadline, Deadlines } from "../deadline.ts";
import type { McpClient } from "../handler_context.ts";
import type { AgentServer, InboundCall } from "./agent_server.ts";
import { EventStream, KEEP_ALIVE_MS } from "./event_stream.ts";
import type { PlainRequest } from "./plain_request.ts";
import { chunkParams, progressParams } from "./progress.ts";
import { asMeshError, errorOf, errorToOutcome, type Outcome, outcomeToJson } from "./result.ts";
import { type AgentMcp, requiredCapabilities } from "./server.ts";
import { errorMessage, MODERN_HEADERS, resultMessage, serverInfo, whole } from "./whole_answer.ts";

/** What an exchange needs. */
export interface ExchangeOptions {
  readonly agent: AgentServer;
  /** Signs questions. */
  readonly mcp: AgentMcp;
  readonly deadlines: Deadlines;
  readonly request: Request;
  readonly plain: PlainRequest;
}

const NO_ANSWERS = {};
/** MCP -32021: the client lacks a capability the call needs. */
const MISSING_CAPABILITY = -32021;

/** One call and its answer. It is the inbound call itself, so that a call makes one object less. */
export class Exchange implements InboundCall {
  /**
   * The response.
   *
   * @throws {MeshError} `not_found` for a tool that does not exist.
   */
  readonly answer: Promise<Response>;
  readonly #options: ExchangeOptions;
  #stream: EventStream | undefined;
  #patience: Deadline | undefined;
  #respond!: (response: Response | Promise<Response>) => void;
  #streaming = false;
  #chunks = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#respond = resolve;
      if (!options.plain.isModern) {
        // A connection on which nothing happens for long would be closed by somebody in between.
        this.#patience = options.deadlines.start(KEEP_ALIVE_MS);
        this.#patience.onEnd = () => this.#open();
      }
      options.agent.call(this).then((outcome) => this.#came(outcome), (error) => {
        this.#patience?.[Symbol.dispose]();
        // Nothing has been sent: that there is no such tool is found first.
        if (!this.#streaming) return reject(error);
        this.#came(errorToOutcome(asMeshError(error, "tool_failed")));
      });
    });
  }

  get key(): string {
    return this.#options.plain.name;
  }

  get args(): Record<string, unknown> {
    return this.#options.plain.args;
  }

  get headers(): Headers {
    return this.#options.request.headers;
  }

  get signal(): AbortSignal {
    const { signal } = this.#options.request;
    return this.#stream === undefined ? signal : AbortSignal.any([signal, this.#stream.gone]);
  }

  get client(): McpClient | undefined {
    return this.#options.plain.client;
  }

  get answers(): Readonly<Record<string, unknown>> {
    return NO_ANSWERS;
  }

  get chunksOnly(): boolean {
    return this.#options.plain.chunksOnly;
  }

  async emit(chunk: unknown): Promise<void> {
    if (this.#options.plain.token === undefined) return;
    this.#chunks += 1;
    const notification = this.#notification(chunkParams(chunk));
    await this.#open().write(notification);
  }

  progress(progress: number, total?: number, message?: string): void {
    if (this.#options.plain.token === undefined) return;
    this.#open().report(this.#notification(progressParams(progress, total, message)));
  }

  #notification(params: Record<string, unknown>): string {
    return JSON.stringify({
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progress: this.#chunks, ...params, progressToken: this.#options.plain.token },
    });
  }

  /** The stream of the answer, which begins with it. */
  #open(): EventStream {
    const stream = this.#stream ??= new EventStream();
    if (!this.#streaming) {
      this.#streaming = true;
      this.#patience?.[Symbol.dispose]();
      this.#respond(stream.response());
    }
    return stream;
  }

  #came(outcome: Outcome): void {
    this.#patience?.[Symbol.dispose]();
    const { plain } = this.#options;
    if (this.#stream === undefined && outcome.kind === "value") {
      // Almost all of them.
      this.#respond(whole(plain, this.#result(outcome)));
    } else if (this.#stream === undefined) this.#respond(this.#whole(outcome));
    else void this.#message(outcome).then((message) => this.#stream?.end(message));
  }

  async #whole(outcome: Outcome): Promise<Response> {
    const { plain } = this.#options;
    // A client that lacks what the call needs is told by the status as well (MCP lifecycle §errors).
    if (plain.isModern && errorOf(outcome)?.code === "cannot_ask") {
      return new Response(await this.#message(outcome), { status: 400, headers: MODERN_HEADERS });
    }
    return whole(
      plain,
      outcome.kind === "questions" ? await this.#asked(outcome) : this.#result(outcome),
    );
  }

  /** The JSON-RPC message that tells an outcome. */
  async #message(outcome: Outcome): Promise<string> {
    const { id, isModern } = this.#options.plain;
    if (outcome.kind === "questions") return resultMessage(id, await this.#asked(outcome));
    const error = isModern ? errorOf(outcome) : undefined;
    if (error?.code !== "cannot_ask") return resultMessage(id, this.#result(outcome));
    const data = requiredCapabilities(error);
    return errorMessage(id, { code: MISSING_CAPABILITY, message: error.message, data });
  }

  #result(outcome: Exclude<Outcome, { readonly kind: "questions" }>): string {
    const { agent, plain } = this.#options;
    return plain.isModern
      ? outcomeToJson(outcome, `,"resultType":"complete"`, `,${serverInfo(agent.manifest)}`)
      : outcomeToJson(outcome);
  }

  async #asked(outcome: Outcome & { readonly kind: "questions" }): Promise<string> {
    const { agent, mcp } = this.#options;
    const asked = JSON.stringify(await mcp.questions(outcome, NO_ANSWERS));
    return `${asked.slice(0, -1)},"_meta":{${serverInfo(agent.manifest)}}}`;
  }
}
