/**
 * Spans on their way into the store, from however many senders: written together, as many as have
 * come while the last ones were written, and never more waiting than there is room for.
 *
 * @module
 */
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";

/** What {@linkcode Intake} works with. */
export interface IntakeOptions {
  /** Keeps spans. */
  write(spans: readonly MeasuredSpan[]): Promise<void>;
  /** Gets all that have been kept. */
  onKept(spans: readonly MeasuredSpan[]): void;
  /** Most spans waiting. @default 20000 */
  room?: number;
}

/** Most spans waiting to be written. */
export const INTAKE_ROOM = 20_000;
/** Spans written together at most. */
const TOGETHER = 2_000;

interface Waiting {
  readonly spans: readonly MeasuredSpan[];
  readonly kept: PromiseWithResolvers<void>;
}

/** Collects spans and has them written. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #room: number;
  #waiting: Waiting[] = [];
  #size = 0;
  #writing: Promise<void> | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#room = options.room ?? INTAKE_ROOM;
  }

  /** Spans that wait to be written. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes spans; what it returns resolves when they are kept, and rejects when the database does not
   * take them.
   *
   * @returns `undefined` when there is no room: nothing is taken then.
   */
  take(spans: readonly MeasuredSpan[]): Promise<void> | undefined {
    if (this.#size > 0 && this.#size + spans.length > this.#room) return undefined;
    const kept = Promise.withResolvers<void>();
    this.#waiting.push({ spans, kept });
    this.#size += spans.length;
    this.#writing ??= this.#write();
    return kept.promise;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#next();
      const spans = together.flatMap(({ spans }) => spans);
      try {
        await this.#options.write(spans);
        for (const { kept } of together) kept.resolve();
        this.#options.onKept(spans);
      } catch (error) {
        for (const { kept } of together) kept.reject(error);
      } finally {
        this.#size -= spans.length;
      }
    }
    // Not in a later turn: what is taken then must find nobody writing.
    this.#writing = undefined;
  }

  #next(): Waiting[] {
    const together: Waiting[] = [];
    let size = 0;
    for (const waiting of this.#waiting) {
      if (size > 0 && size + waiting.spans.length > TOGETHER) break;
      size += waiting.spans.length;
      together.push(waiting);
    }
    this.#waiting = this.#waiting.slice(together.length);
    return together;
  }
}
