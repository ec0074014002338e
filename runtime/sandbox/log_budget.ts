/**
 * How much the code of an agent may have in its log, however it writes: by its standard output, by
 * `console`, by the logger of a call. More is dropped, counted and reported.
 *
 * @module
 */
import { LOG_TEXT_MAX, type LogLevel } from "../base/log.ts";
import type { LinkEvents } from "./code_link.ts";
import { type Dropped, LineBudget } from "./line_budget.ts";

/** Log lines of an agent's code a second, on average; of two seconds at once. */
export const LOG_LINES_PER_SECOND = 1_000;
/** UTF-16 units in log lines of an agent's code a second, on average; of two seconds at once. */
export const LOG_UNITS_PER_SECOND = 1024 * 1024;

/** Time from the first line that is dropped until their number is reported, milliseconds. */
const REPORT_MS = 1_000;

/** Gets how much was dropped. */
export type ReportDropped = (level: LogLevel, text: string) => void;

/** The budget of one process or worker. */
export class LogBudget {
  readonly #report: ReportDropped;
  readonly #lines: LineBudget;
  /** Most logs leave these lines out, so that they cost the others nothing. */
  readonly #debugLines: LineBudget;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param report Gets, a while after lines were dropped, how many they were.
   * @param now Milliseconds since the epoch.
   */
  constructor(report: ReportDropped, now: () => number = Date.now) {
    this.#report = report;
    const rates = { linesPerSecond: LOG_LINES_PER_SECOND, unitsPerSecond: LOG_UNITS_PER_SECOND };
    this.#lines = new LineBudget({ ...rates, now });
    this.#debugLines = new LineBudget({ ...rates, now });
  }

  /**
   * Takes lines that came together.
   *
   * @returns How many of them, from the first on, may be written.
   */
  admit(lines: readonly string[]): number {
    const admitted = this.#lines.admit(lines);
    if (admitted < lines.length) this.#reportLater();
    return admitted;
  }

  /** Takes a message of agent code, which may be anything; returns whether to go on with it. */
  admitMessage(message: unknown): boolean {
    if (!isLine(message)) return true;
    const { level, message: text, fields } = message;
    const budget = level === "debug" ? this.#debugLines : this.#lines;
    const isAdmitted = budget.admitLine(
      Math.min(text.length, LOG_TEXT_MAX),
      () => fields === undefined ? 0 : lengthOf(fields),
    );
    if (!isAdmitted) this.#reportLater();
    return isAdmitted;
  }

  /** Reports now what was dropped and is not reported yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reportOf(this.#lines, "warn");
    this.#reportOf(this.#debugLines, "debug");
  }

  #reportLater(): void {
    this.#timer ??= setTimeout(() => this.flush(), REPORT_MS);
  }

  #reportOf(budget: LineBudget, level: LogLevel): void {
    const dropped = budget.takeDropped();
    if (dropped !== undefined) this.#report(level, droppedText(dropped));
  }
}

/** Returns listeners that get no more log lines than there is a budget for. */
export function withinLogBudget(events: LinkEvents, budget: LogBudget): LinkEvents {
  return {
    received: (batch) => events.received(admittedOf(batch, budget)),
    ended: (reason) => events.ended(reason),
    unsent: (message, cause) => events.unsent(message, cause),
  };
}

/** The messages of a batch that are within the budget; what is not a list is refused by its reader. */
function admittedOf(batch: unknown, budget: LogBudget): unknown {
  if (!Array.isArray(batch)) return batch;
  const admitted: unknown[] = [];
  for (const message of batch) {
    // Nothing after it is read. A list may have very many places without anything in them.
    if (message === undefined) return [...admitted, message];
    if (budget.admitMessage(message)) admitted.push(message);
  }
  return admitted;
}

/** A message that is a log line. Its other members are checked when it is read. */
interface Line {
  readonly level: unknown;
  readonly message: string;
  readonly fields?: unknown;
}

function isLine(message: unknown): message is Line {
  return typeof message === "object" && message !== null && "type" in message &&
    message.type === "log" && "level" in message && "message" in message &&
    typeof message.message === "string";
}

function lengthOf(fields: unknown): number {
  try {
    return Math.min(JSON.stringify(fields)?.length ?? 0, LOG_TEXT_MAX);
  } catch {
    // What has no JSON is left out of the line.
    return 0;
  }
}

function droppedText({ lines, units }: Dropped): string {
  const count = (value: number) => value.toLocaleString("en");
  return `${count(lines)} ${lines === 1 ? "line" : "lines"} with ${count(units)} characters ` +
    `dropped: the log takes ${count(LOG_LINES_PER_SECOND)} lines and ` +
    `${count(LOG_UNITS_PER_SECOND)} characters a second from the code of an agent`;
}
