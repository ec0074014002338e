/**
 * The lines of logs that are chosen, in the order of their times, a few at a time: logs may be larger
 * than the memory.
 *
 * @module
 */
import type { FileHandle } from "node:fs/promises";
import { type LogCriteria, LogFilter, type OwnedLine } from "./log_selection.ts";
import { linesIn, tailStart, timeStart } from "./log_file.ts";

/** An open log, and whose it is. */
export interface OpenedLog {
  readonly name: string;
  readonly file: FileHandle;
  /** The byte behind the last one that is read. */
  readonly end: number;
}

/** Lines, a few at a time, none of which is older than the one before. */
export type LineStream = AsyncGenerator<OwnedLine[]>;

/**
 * The lines of a log that fit.
 *
 * @param tail How many are wanted, the last; 0 is all. There may be more of them.
 */
export async function* chosenLines(
  { name, file, end }: OpenedLog,
  criteria: LogCriteria,
  tail: number,
): LineStream {
  const { since, until, level, trace } = criteria;
  const to = until === undefined ? end : await timeStart(file, until + 1, end);
  const begin = since === undefined ? 0 : await timeStart(file, since, to);
  // Which of the last lines fit is known beforehand where only their times count.
  const isTimed = level === undefined && trace === undefined;
  const from = tail > 0 && isTimed ? Math.max(begin, await tailStart(file, tail, to)) : begin;
  const filter = new LogFilter({ level, trace });
  let latest = -Infinity;
  for await (const lines of linesIn({ file, from, to })) {
    yield lines.flatMap((text): OwnedLine[] => {
      if (!filter.shows(text)) return [];
      // A log whose clock was set back is not torn apart.
      latest = Math.max(latest, filter.time);
      return [{ name, text, time: latest }];
    });
  }
}

/** The lines of several logs by time; those of one log stay in their order. */
export async function* mergedLines(streams: readonly LineStream[]): LineStream {
  const [only, ...others] = streams;
  if (only === undefined) return;
  if (others.length === 0) return yield* only;
  const heads = await Promise.all(streams.map((stream) => Head.of(stream)));
  for (let open = heads.filter((head) => !head.isOver); open.length > 0;) {
    const lines: OwnedLine[] = [];
    // As long as each has lines at hand, the oldest of them is the next.
    while (open.every((head) => head.line !== undefined)) {
      const [first, ...rest] = open;
      const next = rest.reduce(older, first as Head);
      lines.push(next.line as OwnedLine);
      next.step();
    }
    yield lines;
    await Promise.all(open.map((head) => head.fill()));
    open = open.filter((head) => !head.isOver);
  }
}

function older(a: Head, b: Head): Head {
  return (b.line?.time ?? Infinity) < (a.line?.time ?? Infinity) ? b : a;
}

/** The next line of a stream. */
class Head {
  readonly #stream: LineStream;
  #lines: OwnedLine[] = [];
  #at = 0;
  #isOver = false;

  private constructor(stream: LineStream) {
    this.#stream = stream;
  }

  static async of(stream: LineStream): Promise<Head> {
    const head = new Head(stream);
    await head.fill();
    return head;
  }

  get line(): OwnedLine | undefined {
    return this.#lines[this.#at];
  }

  /** Whether there are no more lines. */
  get isOver(): boolean {
    return this.#isOver && this.line === undefined;
  }

  step(): void {
    this.#at += 1;
  }

  /** Has lines at hand, if there are any. */
  async fill(): Promise<void> {
    while (this.line === undefined && !this.#isOver) {
      const { value, done } = await this.#stream.next();
      this.#isOver = done === true;
      this.#lines = value ?? [];
      this.#at = 0;
    }
  }
}

/** The last lines of a stream; 0 is all of them, as they come. */
export async function* lastOf(stream: LineStream, tail: number): LineStream {
  if (tail === 0) return yield* stream;
  let kept: OwnedLine[] = [];
  for await (const lines of stream) {
    kept.push(...lines);
    if (kept.length > 2 * tail) kept = kept.slice(-tail);
  }
  yield kept.slice(-tail);
}
