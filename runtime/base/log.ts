/**
 * Log lines of one agent.
 *
 * @module
 */
import { errorText } from "./errors.ts";
import { abridged } from "./cut_text.ts";
import { lossText, lossyWriter } from "./lossy_writer.ts";
import { indentedText, visibleJson } from "./visible.ts";

/** Levels of a log line, quietest first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Writes a line; what {@linkcode agentLog} makes. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** How lines are written: for people, or each as a JSON object. */
export type LogFormat = "pretty" | "json";

/** How the lines of an agent are written. */
export interface LogStyle {
  readonly format: LogFormat;
  /** Who writes them; JSON lines say it. */
  readonly agent: string;
}

/** Longest message of a line, and longest text of its fields, in characters. */
export const LOG_TEXT_MAX = 64 * 1024;

/**
 * A log that drops what is below `threshold`. It never throws: lines that cannot be written are dropped
 * and counted, and what is longer than a line takes is cut.
 *
 * @param write Gets whole lines, without a newline: time, level, message, fields as JSON. Lines of a
 * message but the first are indented: none passes for a line of its own.
 * @param style Lines for people unless it says otherwise.
 */
export function agentLog(
  threshold: LogLevel,
  write: (line: string) => void,
  style?: LogStyle,
): Log {
  const lowest = ORDER.indexOf(threshold);
  const lineOf = style?.format === "json" ? jsonLine(style) : prettyLine;
  const put = lossyWriter(write, (lost, why) => lineOf("warn", lossText(lost, why)));
  return (level, message, fields) => {
    if (ORDER.indexOf(level) >= lowest) put(lineOf(level, message, fields));
  };
}

/** Puts a line together. */
type LineOf = (level: LogLevel, message: string, fields?: Record<string, unknown>) => string;

const prettyLine: LineOf = (level, message, fields = {}) => {
  const time = new Date().toISOString().replace("T", " ").slice(0, 23);
  const suffix = Object.keys(fields).length === 0 ? "" : ` ${visibleJson(cut(written(fields)))}`;
  return `${time} ${level.toUpperCase().padEnd(5)} ${indentedText(cut(message))}${suffix}`;
};

function jsonLine({ agent }: LogStyle): LineOf {
  return (level, message, fields) => {
    const own = { time: new Date().toISOString(), level, agent, message: cut(message) };
    const text = written({ ...own, ...rest(fields) }, own);
    const isShort = text.length <= 2 * LOG_TEXT_MAX;
    return visibleJson(isShort ? text : JSON.stringify({ ...own, fields: cut(text) }));
  };
}

/**
 * Fields as JSON. A sandbox may give what has none.
 *
 * @param own What is written in any case.
 */
function written(fields: Record<string, unknown>, own: Record<string, unknown> = {}): string {
  try {
    return JSON.stringify(fields);
  } catch (error) {
    return JSON.stringify({ ...own, unwritable: errorText(error) });
  }
}

function cut(given: string): string {
  // A sandbox may give anything for a text.
  return abridged(String(given), LOG_TEXT_MAX);
}

/** Settings of an agent's log. */
export interface LogSettings {
  readonly name: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** A log on standard error, where a server's talk belongs; lines for people begin with the name. */
export function standardErrorLog({ name, logLevel, logFormat }: LogSettings): Log {
  const prefix = logFormat === "json" ? "" : `${name} | `;
  const style = { format: logFormat, agent: name };
  return agentLog(logLevel, (line) => console.error(prefix + line), style);
}

/** Fields that leave the line's own members alone. */
function rest(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [OWN.has(name) ? `${name}_` : name, value]),
  );
}

const OWN: ReadonlySet<string> = new Set(["time", "level", "agent", "message"]);
