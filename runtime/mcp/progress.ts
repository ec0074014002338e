/**
 * Progress notifications: what carries the chunks of a stream and reports of progress
 * (registry-protocol §7.1). Both go over `notifications/progress` under one token; `_meta` tells which
 * is which.
 *
 * @module
 */
import { GrowingProgress, type ProgressNumbers } from "../base/growing_progress.ts";
import { CHUNK_META, PROGRESS_META } from "./client.ts";

/** The particulars of one notification. */
export type ProgressParams = ProgressNumbers & {
  readonly message?: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly progressToken: string | number;
};

/** Writes the particulars of the notifications of one call; they go out in the order they are made. */
export class ProgressNotes {
  readonly #token: string | number;
  readonly #numbers = new GrowingProgress();

  /** @param token The caller's progress token. */
  constructor(token: string | number) {
    this.#token = token;
  }

  /** The particulars of a notification that carries a chunk. */
  chunk(chunk: unknown): ProgressParams {
    const numbers = this.#numbers.step();
    const isText = typeof chunk === "string";
    // Readers that know no marks take a text with a total for a report.
    const isMarked = !isText || numbers.total !== undefined;
    return {
      ...numbers,
      message: isText ? chunk : JSON.stringify(chunk) ?? "null",
      ...(isMarked ? { _meta: { [CHUNK_META]: chunk } } : {}),
      progressToken: this.#token,
    };
  }

  /** The particulars of a notification that reports progress; `undefined` when it says nothing new. */
  report(progress: number, total?: number, message?: string): ProgressParams | undefined {
    // A sandbox may send anything.
    const isText = typeof message === "string";
    const numbers = this.#numbers.report({ progress, total }, isText);
    return numbers && {
      ...numbers,
      ...(isText ? { message } : {}),
      _meta: { [PROGRESS_META]: true },
      progressToken: this.#token,
    };
  }
}
