/**
 * Which lines of logs are shown, and in which order. Pure.
 *
 * @module
 */
import { LOG_LEVELS, type LogLevel, type LogLine, readLogLine } from "./log_line.ts";

/** What lines must be to be shown. */
export interface LogCriteria {
  /** Not older, milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Not newer, likewise. */
  readonly until?: number | undefined;
  /** Not lower. */
  readonly level?: LogLevel | undefined;
  /** Beginning of the id of the trace they belong to. */
  readonly trace?: string | undefined;
}

/** A line and whose log it is in. */
export interface OwnedLine {
  readonly name: string;
  readonly text: string;
  /** Milliseconds since the epoch; that of the line before for one without. */
  readonly time: number;
}

/** Decides line by line, in the order of one log. */
export class LogFilter {
  readonly #criteria: LogCriteria;
  /** Of the last line that had some: a line of a stack goes with what it belongs to. */
  #last: LogLine | undefined;

  constructor(criteria: LogCriteria) {
    this.#criteria = criteria;
  }

  /** When the last line was written, as far as is known. */
  get time(): number {
    return this.#last?.time ?? -Infinity;
  }

  /** Whether a line is shown. */
  shows(text: string): boolean {
    const line = readLogLine(text);
    if (line.time !== undefined) this.#last = line;
    return this.#last === undefined ? this.#showsTimeless() : this.#fits(this.#last);
  }

  /** What comes before any time may be of any time, but of no level and no trace. */
  #showsTimeless(): boolean {
    return this.#criteria.level === undefined && this.#criteria.trace === undefined;
  }

  #fits({ time = -Infinity, level, trace }: LogLine): boolean {
    const { since = -Infinity, until = Infinity, level: lowest, trace: wanted } = this.#criteria;
    if (time < since || time > until) return false;
    if (wanted !== undefined && trace?.startsWith(wanted) !== true) return false;
    return lowest === undefined || level === undefined ||
      LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(lowest);
  }
}

/** The lines of a log that fit. */
export function selected(
  name: string,
  lines: readonly string[],
  criteria: LogCriteria,
): OwnedLine[] {
  const filter = new LogFilter(criteria);
  return lines.flatMap((text) => filter.shows(text) ? [{ name, text, time: filter.time }] : []);
}

/** The lines of several logs by time; those of one log stay in their order. */
export function merged(logs: readonly (readonly OwnedLine[])[]): OwnedLine[] {
  // Sorting is stable, and no log goes back in time.
  return logs.flatMap(monotonic).sort((a, b) => a.time === b.time ? 0 : a.time - b.time);
}

/** A log whose clock was set back is not torn apart. */
function monotonic(lines: readonly OwnedLine[]): OwnedLine[] {
  let latest = -Infinity;
  return lines.map((line) => {
    latest = Math.max(latest, line.time);
    return { ...line, time: latest };
  });
}
