/**
 * MCP over standard input and output for clients that start a command, carried to a registry's `/mcp`
 * and back as it is: what the registry offers and how it answers is the registry's. Added is only what
 * a connection has that outlives requests: changes of the tools are told over restarts of the
 * registry, and giving a call up ends its request.
 *
 * @module
 */
import { parseExact } from "../../runtime/base/exact_json.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { failureMeta } from "../../runtime/base/failure.ts";
import { MCP_HEADERS } from "../../runtime/base/mcp_request.ts";
import { lostRequest, resendOf, resendPauseMs, ROUNDS_MAX } from "../../runtime/base/resend.ts";
import { readEvents } from "../../runtime/base/sse.ts";
import { followStream } from "./followed_stream.ts";
import {
  errorResponse,
  isId,
  LIST_CHANGED,
  messageHeaders,
  onOneLine,
  readLine,
  refusalResponse,
  RPC_ERROR,
  SUBSCRIPTION_META,
} from "./rpc_message.ts";

/** What {@linkcode McpBridge} needs. */
export interface McpBridgeOptions {
  /** The registry's `/mcp`, with its query. */
  readonly url: string;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  /** Takes one message for the client, without a line end. */
  write(line: string): void;
  /** Takes one line for the user. */
  notice(line: string): void;
  /** Settles after so many milliseconds, or as soon as the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** How long requests may go on once the client says no more, milliseconds. */
  readonly graceMs: number;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

type Id = string | number;

/** One client's connection to the mesh. */
export class McpBridge {
  readonly #options: McpBridgeOptions;
  /** By {@linkcode keyOf} their ids. */
  readonly #requests = new Map<string, AbortController>();
  readonly #working = new Set<Promise<void>>();
  readonly #following = new Set<Promise<void>>();
  readonly #over = new AbortController();
  /** The revision agreed on by `initialize`. */
  #negotiated: string | undefined;

  constructor(options: McpBridgeOptions) {
    this.#options = options;
  }

  /** Serves the client until its lines end; requests under way may then finish for a while. */
  async run(lines: AsyncIterable<string>): Promise<void> {
    const { signal, sleep, graceMs } = this.#options;
    const stop = () => this.#over.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const line of lines) if (line.trim() !== "") this.#take(line);
      const patience = new AbortController();
      const late = sleep(graceMs, AbortSignal.any([signal, patience.signal]));
      await Promise.race([Promise.all(this.#working), late]);
      patience.abort();
      await late;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#over.abort();
      await Promise.all([...this.#working, ...this.#following]);
    }
  }

  #take(line: string): void {
    const read = readLine(line);
    switch (read.kind) {
      case "request":
        if (read.message["method"] === "subscriptions/listen") {
          return this.#follow(this.#subscription(read.id, read.message, line));
        }
        return this.#work(this.#request(read.id, read.message, line));
      case "notification":
        return this.#notification(read.message, line);
      case "batch":
        return this.#work(this.#batch(line));
      case "response":
        return;
      case "unreadable":
        return this.#options.write(
          errorResponse(null, RPC_ERROR.parse, "the line is no JSON-RPC message"),
        );
    }
  }

  #work(work: Promise<void>): void {
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  #follow(following: Promise<void>): void {
    this.#following.add(following);
    void following.finally(() => this.#following.delete(following));
  }

  #notification(message: JsonObject, line: string): void {
    const { method, params } = message;
    if (method === "notifications/cancelled" && isObject(params)) {
      const { requestId } = params;
      if (isId(requestId)) this.#requests.get(keyOf(requestId))?.abort();
      return;
    }
    this.#work(this.#forwardNotification(message, line));
    // In the older era changes come unasked, over a stream of their own.
    if (method === "notifications/initialized") this.#follow(this.#unaskedChanges());
  }

  async #forwardNotification(message: JsonObject, line: string): Promise<void> {
    try {
      const response = await this.#post(line, message, this.#over.signal);
      await response.body?.cancel();
    } catch {
      // Nobody waits for an answer.
    }
  }

  async #request(id: Id, message: JsonObject, line: string): Promise<void> {
    using request = this.#begin(id);
    const { write } = this.#options;
    try {
      const response = await this.#post(line, message, request.signal);
      if (!response.ok) {
        return write(refusalResponse(id, response.status, await boundedText(response)));
      }
      for await (const text of messagesOf(response)) {
        if (request.signal.aborted) return;
        write(onOneLine(text));
        if (this.#isAnswer(text, id, message)) return;
      }
      const text = `${this.#options.url} ended without an answer; the request may have run`;
      write(errorResponse(id, RPC_ERROR.server, text));
    } catch (error) {
      // A client that gave up wants no answer.
      if (!request.signal.aborted) write(this.#lost(id, error));
    }
  }

  #isAnswer(text: string, id: Id, { method }: JsonObject): boolean {
    const message = parseExact(text);
    if (!isObject(message) || !isId(message["id"]) || keyOf(message["id"]) !== keyOf(id)) {
      return false;
    }
    const { result } = message;
    if (method === "initialize" && isObject(result)) {
      const { protocolVersion } = result;
      if (typeof protocolVersion === "string") this.#negotiated = protocolVersion;
    }
    return "result" in message || "error" in message;
  }

  async #batch(line: string): Promise<void> {
    const { write } = this.#options;
    try {
      const response = await this.#post(line, {}, this.#over.signal);
      if (response.ok) { for await (const text of messagesOf(response)) write(onOneLine(text)); }
      else write(errorResponse(null, RPC_ERROR.server, onOneLine(await boundedText(response))));
    } catch (error) {
      if (!this.#over.signal.aborted) write(this.#lost(null, error));
    }
  }

  async #subscription(id: Id, message: JsonObject, line: string): Promise<void> {
    using request = this.#begin(id);
    const { write } = this.#options;
    await followStream({
      ...this.#connection(request.signal),
      open: () => this.#post(line, message, request.signal),
      onMessage: (text, again) => {
        const said = parseExact(text);
        const isEnd = isObject(said) && isId(said["id"]) && keyOf(said["id"]) === keyOf(id);
        const isAcknowledgement = isObject(said) &&
          said["method"] === "notifications/subscriptions/acknowledged";
        // The client's subscription lasts as long as its connection to this program.
        if (!isEnd && !(again && isAcknowledgement)) write(onOneLine(text));
      },
      onReturn: () => {
        const params = { _meta: { [SUBSCRIPTION_META]: id } };
        write(JSON.stringify({ jsonrpc: "2.0", method: LIST_CHANGED, params }));
      },
      onRefusal: async (response) => {
        const text = await boundedText(response);
        write(response.ok ? onOneLine(text) : refusalResponse(id, response.status, text));
        return false;
      },
    });
  }

  async #unaskedChanges(): Promise<void> {
    const { fetch, url, headers, write, notice } = this.#options;
    const version = this.#negotiated;
    await followStream({
      ...this.#connection(this.#over.signal),
      open: () =>
        fetch(url, {
          headers: {
            ...headers,
            accept: "text/event-stream",
            ...(version !== undefined && { "mcp-protocol-version": version }),
          },
          signal: this.#over.signal,
        }),
      onMessage: (text) => write(onOneLine(text)),
      onReturn: () => write(JSON.stringify({ jsonrpc: "2.0", method: LIST_CHANGED })),
      onRefusal: async (response) => {
        await response.body?.cancel();
        if (response.status === 503) return true;
        notice(`Changes of the tools are not told: the registry answered HTTP ${response.status}.`);
        return false;
      },
    });
  }

  #connection(signal: AbortSignal) {
    const { notice, sleep } = this.#options;
    return { notice, sleep, signal };
  }

  /** A request begins; it ends when what is returned is disposed of. */
  #begin(id: Id): Disposable & { readonly signal: AbortSignal } {
    const controller = new AbortController();
    const key = keyOf(id);
    this.#requests.set(key, controller);
    return {
      signal: AbortSignal.any([controller.signal, this.#over.signal]),
      [Symbol.dispose]: () => {
        if (this.#requests.get(key) === controller) this.#requests.delete(key);
      },
    };
  }

  /** Sends a message, and again while no connection comes about. */
  async #post(line: string, message: JsonObject, signal: AbortSignal): Promise<Response> {
    for (let round = 1;; round++) {
      try {
        return await this.#postOnce(line, message, signal);
      } catch (error) {
        const isAgain = resendOf(lostRequest(error)) === "elsewhere" && round < ROUNDS_MAX;
        if (!isAgain || signal.aborted) throw error;
        await this.#options.sleep(resendPauseMs(round), signal);
      }
    }
  }

  async #postOnce(line: string, message: JsonObject, signal: AbortSignal): Promise<Response> {
    const { fetch, url, headers } = this.#options;
    return await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        ...MCP_HEADERS,
        ...messageHeaders(message, this.#negotiated),
      },
      body: line,
      signal,
    });
  }

  #lost(id: Id | null, error: unknown): string {
    const who = `the registry at ${new URL(this.#options.url).origin}`;
    if (error instanceof RangeError) {
      const message = `${who} answered more than fits: ${error.message}; the request may have run`;
      return errorResponse(
        id,
        RPC_ERROR.server,
        message,
        failureMeta({ code: "protocol", message }),
      );
    }
    const { code, nothingRan } = lostRequest(error);
    const message = nothingRan
      ? `${who} does not answer, nothing ran; it may be restarting, so try again in a moment`
      : `${who} was lost before it had answered; the request may have run`;
    const data = failureMeta({ code, message, nothingRan });
    return errorResponse(id, RPC_ERROR.server, message, data);
  }
}

/** Returns an id as JSON, which is the same for equal ids, whether JavaScript holds them or not. */
function keyOf(id: Id): string {
  return JSON.stringify(id);
}

async function* messagesOf(response: Response): AsyncGenerator<string> {
  const { headers, body } = response;
  if (body === null) return;
  if (!isEventStream(headers.get("content-type"))) {
    yield await boundedText(response);
    return;
  }
  for await (const { data } of readEvents(body)) if (data !== "") yield data;
}
