/**
 * Server-Sent Events the registry sends (WHATWG HTML §9.2): how they are written, and the streams
 * that are open. Streams are counted, kept alive together, and ended with the registry.
 *
 * @module
 */
import { eventText, KEEP_ALIVE_MS, KEEP_ALIVE_TEXT } from "../../runtime/base/event_text.ts";

/** One message of a stream. */
export interface Message {
  /** Where a client that comes back goes on. */
  readonly id?: string;
  /** Its type. @default "message" */
  readonly event?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** The other end of one stream. */
export interface Channel {
  /** Aborts when the client has gone or the registry stops. */
  readonly closed: AbortSignal;
  /** Sends a message; a closed channel takes and drops it. */
  send(message: Message): void;
  /**
   * Sends a message that says what those before it say: it is dropped when many of them have not been
   * read.
   */
  repeat(message: Message): void;
  /** Resolves when the client has read what was sent, or the channel is closed. */
  ready(): Promise<void>;
  /** Ends the stream. */
  close(): void;
}

/** What {@linkcode Streams} needs to know. */
export interface StreamsOptions {
  /** Most streams open at a time. */
  limit: number;
  /** Time between comments that keep a stream alive, milliseconds. @default 15000 */
  keepAliveMs?: number;
  /** Called when the first stream opens and when the last one ends. */
  onBusy?: (busy: boolean) => void;
}

/** Messages that are repeated to a client that does not read. */
const REPEATED_MAX = 16;
/** How long clients wait before they come back, milliseconds. */
const RETRY_MS = 2_000;

/** The open streams of one kind. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Set<OpenStream>();
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #ended = false;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Opens a stream.
   *
   * @param begin Gets the channel before the answer is given.
   * @returns `undefined` when no more can be opened.
   */
  open(begin: (channel: Channel) => void): Response | undefined {
    if (this.#ended || this.#open.size >= this.#options.limit) return undefined;
    const stream: OpenStream = new OpenStream(() => this.#forget(stream));
    this.#open.add(stream);
    if (this.#open.size === 1) this.#busy();
    begin(stream);
    return new Response(stream.body, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
  }

  /** Ends all streams; no more are opened. */
  end(): void {
    this.#ended = true;
    for (const stream of [...this.#open]) stream.close();
  }

  #busy(): void {
    this.#keepAlive = setInterval(() => {
      for (const stream of this.#open) stream.keepAlive();
    }, this.#options.keepAliveMs ?? KEEP_ALIVE_MS);
    this.#options.onBusy?.(true);
  }

  #forget(stream: OpenStream): void {
    if (!this.#open.delete(stream) || this.#open.size > 0) return;
    clearInterval(this.#keepAlive);
    this.#options.onBusy?.(false);
  }
}

class OpenStream implements Channel {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #closing = new AbortController();
  readonly #onEnd: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #read = Promise.withResolvers<void>();

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        this.#write(`retry: ${RETRY_MS}\n\n`);
      },
      pull: () => this.#read.resolve(),
      cancel: () => this.#end(),
    });
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  send(message: Message): void {
    if (this.closed.aborted) return;
    this.#write(eventText({ ...message, data: JSON.stringify(message.data) }));
  }

  repeat(message: Message): void {
    if ((this.#controller?.desiredSize ?? 0) > -REPEATED_MAX) this.send(message);
  }

  /** A client that does not read gets no comments piled up. */
  keepAlive(): void {
    if ((this.#controller?.desiredSize ?? 0) > 0) this.#write(KEEP_ALIVE_TEXT);
  }

  async ready(): Promise<void> {
    while (!this.closed.aborted && (this.#controller?.desiredSize ?? 0) <= 0) {
      this.#read = Promise.withResolvers();
      await this.#read.promise;
    }
  }

  close(): void {
    if (this.closed.aborted) return;
    this.#controller?.close();
    this.#end();
  }

  #write(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #end(): void {
    this.#closing.abort();
    this.#read.resolve();
    this.#onEnd();
  }
}
