/**
 * An answer that is sent piece by piece, as Server-Sent Events (MCP transports, Streamable HTTP), at
 * the pace of its reader.
 *
 * @module
 */
import { PacedBody } from "../base/paced_body.ts";
import {
  EVENT_STREAM_HEADERS,
  KEEP_ALIVE_MS,
  KEEP_ALIVE_TEXT,
  messageEvent,
} from "../base/event_text.ts";

/** Most progress reports that wait for the reader; older ones go first. */
const MOST_REPORTS = 64;

/** The events of one answer. */
export class EventStream {
  readonly #body = new PacedBody();
  /** How to take back each report that waits, oldest first. */
  readonly #reports = new Set<() => void>();
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  /** Fires when the reader went away. */
  get gone(): AbortSignal {
    return this.#body.gone;
  }

  /**
   * Sends a message and resolves when the next one may be sent.
   *
   * @param message JSON text.
   * @throws {MeshError} `cancelled` when the reader is gone.
   */
  write(message: string): Promise<void> {
    return this.#body.write(messageEvent(message));
  }

  /** Sends a report without waiting; when too many wait, the oldest is left out. */
  report(message: string): void {
    if (this.#reports.size === MOST_REPORTS) {
      const [oldest] = this.#reports;
      oldest?.();
    }
    let withdraw = () => {};
    const takeBack = () => {
      this.#reports.delete(takeBack);
      withdraw();
    };
    this.#reports.add(takeBack);
    withdraw = this.#body.push(messageEvent(message), () => this.#reports.delete(takeBack));
  }

  /** Sends the last message. */
  end(message: string): void {
    clearInterval(this.#keepAlive);
    this.#body.push(messageEvent(message));
    this.#body.end();
  }

  /** The response that carries it. */
  response(): Response {
    this.#keepAlive = setInterval(() => {
      // A reader with something left to read needs no sign of life.
      if (this.#body.isWanted) this.#body.push(KEEP_ALIVE_TEXT);
    }, KEEP_ALIVE_MS);
    this.gone.addEventListener("abort", () => clearInterval(this.#keepAlive), { once: true });
    return new Response(this.#body.stream, { headers: EVENT_STREAM_HEADERS });
  }
}
