/**
 * Log lines as agents and the registry write them: for people, a time, a level and a message with
 * fields as JSON behind it; or an object a line.
 *
 * @module
 */

/** Levels, lowest first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] as const;
/** A level. */
export type LogLevel = typeof LOG_LEVELS[number];

/** What a line says besides its message. */
export interface LogLine {
  /** Milliseconds since the epoch; absent for a line that begins with no time. */
  readonly time: number | undefined;
  readonly level: LogLevel | undefined;
  /** The trace its call belongs to. */
  readonly trace: string | undefined;
}

const PRETTY =
  /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:?\d{2})?(?: +\[?([A-Z]+)\]?\b)?/;
const TRACE = /"trace":"([0-9a-f]{32})"/;
/** A line that no agent wrote. */
const OTHER: LogLine = { time: undefined, level: undefined, trace: undefined };

/** Reads a line. Without an offset its time is UTC, as agents write it. */
export function readLogLine(line: string): LogLine {
  if (line.startsWith("{")) return ofJson(line);
  const [, day, hour, offset, level] = PRETTY.exec(line) ?? [];
  if (day === undefined) return OTHER;
  const time = Date.parse(`${day}T${hour}${offset ?? "Z"}`);
  return {
    time: Number.isNaN(time) ? undefined : time,
    level: levelOf(level),
    trace: TRACE.exec(line)?.[1],
  };
}

/** Whether a line is a document that says itself whose it is, and says the truth. */
export function isDocumentOf(name: string, line: string): boolean {
  return line.startsWith('{"time":') && parsed(line)?.["agent"] === name;
}

/** The time of a line of which only the beginning is there. */
export function timeOfHead(head: string): number | undefined {
  const [, text] = /^\{"time":"([^"]+)"/.exec(head) ?? [];
  const time = text === undefined ? readLogLine(head).time : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function ofJson(line: string): LogLine {
  const read = parsed(line);
  const text = (name: string) => typeof read?.[name] === "string" ? read[name] : undefined;
  const time = Date.parse(text("time") ?? "");
  if (Number.isNaN(time)) return OTHER;
  return { time, level: levelOf(text("level")?.toUpperCase()), trace: text("trace") };
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    // It begins like an object; a line of JSON has no other root that does.
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function levelOf(word: string | undefined): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === (word === "WARNING" ? "WARN" : word));
}
