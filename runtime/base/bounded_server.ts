/**
 * HTTP/1.1 with limits on connections, which `Deno.serve` does not have: how many there are, how long
 * a request may take to say what it is, and how long one may wait for the next.
 *
 * Connections are accepted here and handed to `node:http`. Its own way of accepting falls silent for
 * good when the process has no file descriptor left for a connection.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { errorText } from "./errors.ts";
import { within } from "./within.ts";
import { sleep } from "./sleep.ts";
import { ConnectionStream } from "./connection_stream.ts";
import { keptWithBody } from "./kept_response.ts";
import { Outage } from "./outage.ts";

/** Answers a request. `remote` is the address that it comes from. */
export type Handler = (request: Request, remote: string) => Promise<Response>;

/** How a {@linkcode BoundedServer} serves. */
export interface BoundedServerOptions {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly handler: Handler;
  /** Most connections at a time. */
  readonly maxConnections: number;
  /** Gets what went wrong, in a sentence. */
  readonly onTrouble: (message: string) => void;
  /** @default {TIMES} */
  readonly times?: ServerTimes;
}

/** How long things may take, in milliseconds. */
export interface ServerTimes {
  /** The head of a request. */
  readonly headMs: number;
  /** A whole request; those who answer bound theirs more closely. */
  readonly requestMs: number;
  /** A connection's wait for its next request. */
  readonly idleMs: number;
  /** Between looks at what takes too long. */
  readonly lookMs: number;
}

const TIMES: ServerTimes = { headMs: 10_000, requestMs: 60_000, idleMs: 75_000, lookMs: 1_000 };
/** Largest head of a request, in bytes. */
const HEAD_BYTES = 64 * 1024;
/** Most headers of a request. */
const HEADERS_MAX = 128;
/** Wait before connections are accepted again after that has failed, in milliseconds. */
const AGAIN_MS = 50;
/** Statuses whose answers have no body (RFC 9110 §6.4.1). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** A server that listens. */
export class BoundedServer {
  readonly #options: BoundedServerOptions;
  readonly #listener: Deno.TcpListener;
  readonly #server: ReturnType<typeof createServer>;
  /** Every connection, those without a request under way apart, in the order they began to wait. */
  readonly #connections = new Set<ConnectionStream>();
  readonly #waiting = new Set<ConnectionStream>();
  readonly #outage: Outage;
  #isClosed = false;

  /** @throws {Deno.errors.AddrInUse} When the port is taken. */
  constructor(options: BoundedServerOptions) {
    this.#options = options;
    this.#outage = new Outage(options.onTrouble);
    const { hostname, port, times = TIMES } = options;
    this.#listener = Deno.listen({ hostname, port });
    this.#server = createServer({
      headersTimeout: times.headMs,
      requestTimeout: times.requestMs,
      connectionsCheckingInterval: times.lookMs,
      keepAliveTimeout: times.idleMs,
      maxHeaderSize: HEAD_BYTES,
    }, (asked, answer) => void this.#answer(asked, answer));
    // It does not listen itself: it looks after time, and keeps connections, only where it thinks so.
    Object.defineProperty(this.#server, "listening", { get: () => !this.#isClosed });
    this.#server.emit("listening");
    this.#server.on("clientError", refuse);
    void this.#accept();
  }

  /** The port that it is bound to. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /**
   * Accepts nothing more, and lets answers under way go out.
   *
   * @param graceMs How long they may take, in milliseconds.
   */
  async close(graceMs: number): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#outage[Symbol.dispose]();
      this.#listener.close();
      // Its own timers end with it; that it did not listen is no news.
      this.#server.close(() => {});
    }
    for (const connection of this.#waiting) connection.destroy();
    await within(graceMs, this.#emptied());
  }

  async #emptied(): Promise<void> {
    for (const connection of this.#connections) {
      if (connection.closed) continue;
      await new Promise<void>((resolve) => connection.once("close", resolve));
    }
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#take(await this.#listener.accept());
        this.#outage.works("connections are accepted again");
      } catch (error) {
        if (this.#isClosed) return;
        this.#outage.fails(`no connection can be accepted: ${errorText(error)}`);
        await sleep(AGAIN_MS);
      }
    }
  }

  /** One that has not asked anything for the longest time makes room for one that may. */
  #take(connection: Deno.TcpConn): void {
    if (this.#connections.size >= this.#options.maxConnections) {
      const [longest] = this.#waiting;
      if (longest === undefined) return connection.close();
      this.#forget(longest);
      longest.destroy();
    }
    const stream = new ConnectionStream(connection);
    this.#connections.add(stream);
    this.#waiting.add(stream);
    stream.once("close", () => this.#forget(stream));
    // What one fails with that breaks is told by its being closed.
    stream.on("error", () => {});
    this.#server.emit("connection", stream);
  }

  #forget(stream: ConnectionStream): void {
    this.#connections.delete(stream);
    this.#waiting.delete(stream);
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    // It was given no other.
    const stream = asked.socket as unknown as ConnectionStream;
    this.#begun(stream, answer);
    // What a connection fails with that breaks is told by its request and its answer being closed.
    asked.on("error", () => {});
    answer.on("error", () => {});
    // By then all is there of it that came with its head.
    await undefined;
    const request = requestOf(asked, answer);
    if (request === undefined) return end(answer, 400);
    let response: Response;
    try {
      response = await this.#options.handler(request, stream.remoteAddress);
    } catch (error) {
      this.#options.onTrouble(`an answer broke off: ${errorText(error)}`);
      return end(answer, 500);
    }
    try {
      await send(response, asked.method === "HEAD", answer);
    } catch {
      // What has been sent would look whole.
      answer.destroy();
    }
  }

  /** A connection waits again once all that it asked is answered. */
  #begun(stream: ConnectionStream, answer: ServerResponse): void {
    stream.answers.add(answer);
    this.#waiting.delete(stream);
    answer.once("close", () => {
      stream.answers.delete(answer);
      if (stream.answers.size === 0 && this.#connections.has(stream)) this.#waiting.add(stream);
    });
  }
}

/** Answers what is not HTTP, is too large, or takes too long. */
function refuse(error: Error & { readonly code?: string }, connection: ConnectionStream): void {
  const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const line = isLate ? "408 Request Timeout" : "400 Bad Request";
  const [answer] = connection.answers;
  // It would be taken for a part of the answer that has begun.
  if (!connection.writable || answer?.headersSent) return void connection.destroy();
  connection.write(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  connection.destroySoon();
}

/** Ends an answer; one that has begun can only be cut off. */
function end(answer: ServerResponse, status: number): void {
  if (answer.headersSent) return void answer.destroy();
  answer.writeHead(status, { connection: "close" });
  answer.end();
}

/** A request as handlers take it; `undefined` when there is no such request. */
function requestOf(asked: IncomingMessage, answer: ServerResponse): Request | undefined {
  const { rawHeaders, method = "" } = asked;
  if (rawHeaders.length > 2 * HEADERS_MAX) return undefined;
  const headers: [name: string, value: string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  try {
    const request = new Request(urlOf(asked), { method, headers, body: bodyOf(asked, answer) });
    // A signal costs as much as all the rest, and few ask for it.
    let signal: AbortSignal | undefined;
    Object.defineProperty(request, "signal", { get: () => signal ??= signalOf(answer) });
    return request;
  } catch {
    return undefined;
  }
}

/** Fires when the client leaves before the whole answer is sent. */
function signalOf(answer: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const over = () => {
    if (!answer.writableFinished) gone.abort();
  };
  if (answer.closed) over();
  else answer.once("close", over);
  return gone.signal;
}

/** The address of a request. Whether its host may be asked is for others to say, of the header. */
function urlOf({ url = "/", headers: { host = "localhost" } }: IncomingMessage): string {
  // A proxy's form of the request line has it all.
  if (!url.startsWith("/")) return url === "*" ? `http://${host}/` : url;
  return URL.canParse(`http://${host}${url}`) ? `http://${host}${url}` : `http://localhost${url}`;
}

/** The body of a request; `null` when it has none. */
function bodyOf(asked: IncomingMessage, answer: ServerResponse): BodyInit | null {
  const { method, headers, complete } = asked;
  const isAnnounced = "content-length" in headers || "transfer-encoding" in headers;
  if (!isAnnounced || method === "GET" || method === "HEAD") return null;
  // Most come together with their head.
  return complete ? asked.read() ?? "" : streamOf(asked, answer);
}

/** The body of a request, at the pace of its reader; what has not come by the answer is thrown away. */
function streamOf(
  asked: IncomingMessage,
  answer: ServerResponse,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let leave = () => {};
  return new ReadableStream({
    start(controller) {
      const take = (bytes: Uint8Array<ArrayBuffer>) => {
        controller.enqueue(bytes);
        asked.pause();
      };
      const end = () => {
        leave();
        controller.close();
      };
      const breakOff = () => {
        leave();
        controller.error(new TypeError("the body broke off"));
      };
      const answered = () => {
        breakOff();
        asked.resume();
      };
      leave = () => {
        asked.off("data", take).off("end", end).off("close", breakOff);
        answer.off("finish", answered);
      };
      // First, so that nothing comes before it is asked for.
      asked.pause();
      asked.on("data", take).on("end", end).on("close", breakOff);
      answer.on("finish", answered);
    },
    pull: () => void asked.resume(),
    cancel() {
      leave();
      // What still comes is for nobody.
      asked.resume();
    },
  }, { highWaterMark: 0 });
}

/** Sends a response, at the pace of its reader. */
async function send(response: Response, isHead: boolean, answer: ServerResponse): Promise<void> {
  const { status, headers } = response;
  const { body } = keptWithBody(response);
  const head = [...headers].flat();
  if (body === null || isHead || BODILESS.has(status)) {
    answer.writeHead(status, head).end();
    return await body?.cancel();
  }
  const reader = body.getReader();
  // Whatever its closing fails with, nobody is left to be told.
  const leave = () => void reader.cancel().catch(() => {});
  if (answer.destroyed) return leave();
  answer.once("close", leave);
  const begun = [reader.read()];
  const first = await atOnce(begun[0]);
  if (first?.done === false) begun.push(reader.read());
  if (first?.done || (await atOnce(begun[1]))?.done) {
    // An answer that is there whole is sent with its length.
    const isSaid = headers.has("content-length") || headers.has("transfer-encoding");
    const length = isSaid ? [] : ["content-length", String(first?.value?.length ?? 0)];
    answer.writeHead(status, [...head, ...length]).end(first?.value);
  } else {
    answer.writeHead(status, head).flushHeaders();
    await pump(reader, begun, answer);
  }
  answer.off("close", leave);
}

type Chunk = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  begun: Promise<Chunk>[],
  answer: ServerResponse,
): Promise<void> {
  for (;;) {
    const { done, value } = await (begun.shift() ?? reader.read());
    if (done) return void answer.end();
    if (answer.destroyed) return;
    if (!answer.write(value)) await drained(answer);
  }
}

/** What a promise has come to, if it has by now. */
async function atOnce<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  let value: T | undefined;
  promise?.then((settled) => value = settled, () => {});
  for (let turn = 0; turn < 10 && value === undefined; turn++) await undefined;
  return value;
}

/** Resolves when more may be written, or nothing more can be. */
async function drained(answer: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  answer.once("drain", resolve);
  answer.once("close", resolve);
  if (answer.destroyed) resolve();
  await promise;
  answer.removeListener("drain", resolve);
  answer.removeListener("close", resolve);
}
