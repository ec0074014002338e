/**
 * The limit of what an agent keeps in its data folder. The folder is measured now and then; while it
 * is above the limit, the agent's code may read it and not write it.
 *
 * @module
 */
import { mebibytes } from "../sandbox/exit_reason.ts";
import { sleep } from "../base/sleep.ts";
import { type DataSize, dataSize } from "./data_size.ts";
import type { DataUse } from "./plan.ts";

/** Options for {@linkcode DataLimit}. */
export interface DataLimitOptions {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly limitBytes: number;
  /** Gets what each look finds. */
  readonly onLook: (use: DataUse) => void;
  /** The folder may not be written any more, or may again; see {@linkcode DataLimit.closed}. */
  readonly onChange: () => void;
  /** Shortest time between two looks, milliseconds. @default {2_000} */
  readonly lookMs?: number;
}

/** Shortest time between two looks, milliseconds. */
const LOOK_MS = 2_000;
/** The part of the time of this thread that a look takes, and the part of the time that a look goes on. */
const SHARE = 0.1;
/** How long the first look is waited for, milliseconds. */
const FIRST_MS = 1_000;
/** Beyond so many times the limit it does not matter how much there is. */
const ENOUGH = 4;

/** Returns what the size of a folder means for its limit. */
export function dataUse({ bytes, isWhole, problem }: DataSize, limit: number): DataUse {
  const use = { bytes, limit, is_whole: isWhole };
  if (bytes > limit) {
    // Rounded up, so that it reads as more than the limit.
    const size = mebibytes(Math.ceil(bytes / 1024 ** 2) * 1024 ** 2);
    const closed = `keeps ${isWhole ? "" : "at least "}${size} in its data folder, more than its ` +
      `limit of ${mebibytes(limit)}`;
    return { ...use, closed };
  }
  // Code could hide anything where nobody can look.
  if (problem !== undefined) {
    return { ...use, closed: `has a data folder that cannot be measured (${problem})` };
  }
  return use;
}

/** Watches one data folder until it is disposed of. */
export class DataLimit implements Disposable {
  readonly #options: DataLimitOptions;
  readonly #ending = new AbortController();
  readonly #first: Promise<void>;
  #closed: string | undefined;

  /** Begins with a first look. */
  constructor(options: DataLimitOptions) {
    this.#options = options;
    this.#first = this.#look(1);
    void this.#first.then(() => this.#lookOn());
  }

  /** The folder that is watched. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Why the folder may not be written; what goes on after the name of the agent. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** Waits for the first look, for a second at most. */
  async looked(): Promise<void> {
    using waiting = new DisposableStack();
    const over = new AbortController();
    waiting.defer(() => over.abort());
    await Promise.race([this.#first, sleep(FIRST_MS, over.signal)]);
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#ending;
    const { lookMs = LOOK_MS } = this.#options;
    let tookMs = 0;
    while (!signal.aborted) {
      await sleep(Math.max(lookMs, tookMs), signal);
      const begun = performance.now();
      if (!signal.aborted) await this.#look(SHARE);
      tookMs = performance.now() - begun;
    }
  }

  async #look(share: number): Promise<void> {
    const { signal } = this.#ending;
    const { folder, limitBytes, onLook, onChange } = this.#options;
    const enoughBytes = ENOUGH * limitBytes;
    const use = dataUse(await dataSize(folder, { enoughBytes, share, signal }), limitBytes);
    if (signal.aborted) return;
    const before = this.#closed;
    this.#closed = use.closed;
    onLook(use);
    if ((before === undefined) !== (use.closed === undefined)) onChange();
  }
}
