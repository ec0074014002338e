/**
 * Log lines of one agent.
 *
 * @module
 */
import type { AgentConfig } from "./config.ts";
import type { LogLevel } from "./host/host.ts";
import { indentedText, visibleJson } from "./visible.ts";

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

/**
 * A log that drops what is below `threshold`.
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
  return (level, message, fields) => {
    if (ORDER.indexOf(level) < lowest) return;
    const now = new Date().toISOString();
    if (style?.format === "json") {
      const line = { time: now, level, agent: style.agent, message, ...rest(fields) };
      write(visibleJson(JSON.stringify(line)));
      return;
    }
    const time = now.replace("T", " ").slice(0, 23);
    const suffix = fields === undefined || Object.keys(fields).length === 0
      ? ""
      : ` ${visibleJson(JSON.stringify(fields))}`;
    write(`${time} ${level.toUpperCase().padEnd(5)} ${indentedText(message)}${suffix}`);
  };
}

/** A log on standard error, where a server's talk belongs; lines for people begin with the name. */
export function standardErrorLog(
  { name, logLevel, logFormat }: Pick<AgentConfig, "name" | "logLevel" | "logFormat">,
): Log {
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
