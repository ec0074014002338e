/**
 * Log lines of one agent.
 *
 * @module
 */
import type { LogLevel } from "./host/host.ts";

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Writes a line; what {@linkcode agentLog} makes. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/**
 * A log that drops what is below `threshold`.
 *
 * @param write Gets whole lines, without a newline: time, level, message, fields as JSON.
 */
export function agentLog(threshold: LogLevel, write: (line: string) => void): Log {
  const lowest = ORDER.indexOf(threshold);
  return (level, message, fields) => {
    if (ORDER.indexOf(level) < lowest) return;
    const time = new Date().toISOString().replace("T", " ").slice(0, 23);
    const suffix = fields === undefined || Object.keys(fields).length === 0
      ? ""
      : ` ${JSON.stringify(fields)}`;
    write(`${time} ${level.toUpperCase().padEnd(5)} ${message}${suffix}`);
  };
}
