/**
 * An answer that is sent piece by piece, as Server-Sent Events (MCP transports, Streamable HTTP). The
 * reader sets the pace: who writes with {@linkcode EventStream.write} is held while more than a few
 * messages wait, so that memory does not grow with a slow reader.
 *
 * @module
 */
import { MeshError } from "../errors.ts";
import { ChunkWindow } from "../host/chunk_window.ts";

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
}

/** The events of one answer. */
export class EventStream {
  readonly #encoder = new TextEncoder();
  readonly #frames: Frame[] = [];
  readonly #opened = Promise.withResolvers<void>();
  readonly #gone = new AbortController();
  readonly #window = new ChunkWindow();
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
   * Sends a message and resolves when the next one may be sent.
   *
   * @param message JSON text.
   * @throws {MeshError} `cancelled` when the reader is gone.
   */
  write(message: string): Promise<void> {
    const { signal } = this.#gone;
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#push({ text: frame(message), isReport: false });
    return this.#window.sent(signal);
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
    this.#closing = true;
    this.#push({ text: frame(message), isReport: false });
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
        // All that waits goes out together.
        controller.enqueue(this.#encoder.encode(await this.#next()));
        if (!this.#closing) return;
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

  async #next(): Promise<string> {
    if (this.#frames.length === 0) await new Promise<void>((resolve) => this.#wanted = resolve);
    this.#wanted = undefined;
    let text = "";
    for (const frame of this.#frames) {
      text += frame.text;
      if (!frame.isReport) this.#window.taken();
    }
    this.#frames.length = 0;
    this.#reports = 0;
    return text;
  }
}

function frame(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}
