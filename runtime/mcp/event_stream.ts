/**
 * An answer that is sent piece by piece, as Server-Sent Events (MCP transports, Streamable HTTP). The
 * reader sets the pace: what is written with {@linkcode EventStream.write} is held until it was taken,
 * so that memory does not grow with a slow reader.
 *
 * @module
 */
import { MeshError } from "../errors.ts";

/** Between comments that keep the connection open while nothing is sent, in milliseconds. */
export const KEEP_ALIVE_MS = 15_000;
/** Most progress reports that wait for the reader; older ones go first. */
const MOST_REPORTS = 64;

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

interface Frame {
  readonly text: string;
  /** A report that a later one makes superfluous. */
  readonly isReport: boolean;
  readonly taken?: () => void;
}

/** The events of one answer. */
export class EventStream {
  readonly #encoder = new TextEncoder();
  readonly #frames: Frame[] = [];
  readonly #opened = Promise.withResolvers<void>();
  readonly #gone = new AbortController();
  #reports = 0;
  #wanted: (() => void) | undefined;
  #closing = false;

  /** Resolves when there is something to send. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Fires when the reader went away. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Sends a message and resolves when the reader took it.
   *
   * @param message JSON text.
   * @throws {MeshError} `cancelled` when the reader is gone.
   */
  write(message: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { signal } = this.#gone;
    if (signal.aborted) return Promise.reject(signal.reason);
    const left = () => reject(signal.reason);
    signal.addEventListener("abort", left, { once: true });
    this.#push({
      text: frame(message),
      isReport: false,
      taken: () => {
        signal.removeEventListener("abort", left);
        resolve();
      },
    });
    return promise;
  }

  /** Sends a report without waiting; when too many wait, the oldest is left out. */
  report(message: string): void {
    if (this.#gone.signal.aborted) return;
    if (this.#reports === MOST_REPORTS) {
      this.#frames.splice(this.#frames.findIndex(({ isReport }) => isReport), 1);
      this.#reports -= 1;
    }
    this.#reports += 1;
    this.#push({ text: frame(message), isReport: true });
  }

  /** Sends the last message. */
  end(message: string): void {
    this.#push({ text: frame(message), isReport: false });
    this.#closing = true;
  }

  /** The response that carries it. */
  response(): Response {
    let keepAlive: ReturnType<typeof setInterval> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        keepAlive = setInterval(() => {
          // A reader with something left to read needs no sign of life.
          if ((controller.desiredSize ?? 0) > 0) {
            controller.enqueue(this.#encoder.encode(": keepalive\n\n"));
          }
        }, KEEP_ALIVE_MS);
      },
      pull: async (controller) => {
        const next = await this.#next();
        this.#reports -= next.isReport ? 1 : 0;
        controller.enqueue(this.#encoder.encode(next.text));
        next.taken?.();
        if (!this.#closing || this.#frames.length > 0) return;
        clearInterval(keepAlive);
        controller.close();
      },
      cancel: () => {
        clearInterval(keepAlive);
        this.#gone.abort(new MeshError("cancelled", "the caller went away"));
      },
    });
    return new Response(body, { headers: HEADERS });
  }

  #push(frame: Frame): void {
    this.#frames.push(frame);
    this.#opened.resolve();
    this.#wanted?.();
  }

  async #next(): Promise<Frame> {
    for (;;) {
      const next = this.#frames.shift();
      if (next !== undefined) return next;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wanted = resolve;
      await promise;
      this.#wanted = undefined;
    }
  }
}

function frame(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}
