/**
 * Log lines of an MCP server (MCP logging). Those of a call are its caller's, the others the agent's.
 *
 * A line does not say which call it belongs to. Over HTTP it comes in the answer to its call, which the
 * transport notes in the line; elsewhere it is taken for a line of the only call under way, if there is
 * one.
 *
 * @module
 */
import type { Client, LoggingLevel } from "@modelcontextprotocol/client";
import type { Logger } from "../define/handler_context.ts";
import { isPlain } from "../base/json_form.ts";
import { boundedJson } from "../base/bounded_json.ts";

/** A line as the server sends it. */
export interface LogLine {
  readonly level: LoggingLevel;
  readonly data: unknown;
}

/** Takes the lines of one call. */
export type OnLogLine = (line: LogLine) => void;

/** Levels of MCP log lines as ours. */
const LEVELS = {
  debug: "debug",
  info: "info",
  notice: "info",
  warning: "warn",
  error: "error",
  critical: "error",
  alert: "error",
  emergency: "error",
} as const satisfies Record<LoggingLevel, keyof Logger>;

/** Writes a line down, what is no text as JSON. */
export function writeLine(log: Logger, { level, data }: LogLine, prefix = ""): void {
  const text = typeof data === "string"
    ? data
    : isPlain(data)
    ? JSON.stringify(data)
    : "something that is nested too deep";
  log[LEVELS[level]](prefix + text);
}

/** The calls under way in one session, and who takes their lines. */
export class CallLines {
  readonly #underWay = new Map<string, OnLogLine>();

  /** Hands the lines that a server sends to whom they are for. */
  follow(client: Client, log: Logger): void {
    client.setNotificationHandler("notifications/message", ({ params }) => {
      const { level, data, _meta: meta } = params;
      const call = meta?.[CALL_META];
      const onLine = typeof call === "string" ? this.#underWay.get(call) : this.#only;
      if (onLine === undefined) writeLine(log, { level, data }, "server: ");
      else onLine({ level, data });
    });
  }

  /** A call begins, whose lines are known by `call`; it is over when what is returned is disposed of. */
  begin(call: string, onLine: OnLogLine): Disposable {
    this.#underWay.set(call, onLine);
    return { [Symbol.dispose]: () => void this.#underWay.delete(call) };
  }

  get #only(): OnLogLine | undefined {
    const [only, ...others] = this.#underWay.values();
    return others.length === 0 ? only : undefined;
  }
}

/** Key of `_meta` under which a line says which call it belongs to, between transport and session. */
export const CALL_META = "mesh/call";

/** The part of a notification that is looked at. */
interface Notification {
  readonly method?: unknown;
  readonly params?: { readonly _meta?: Readonly<Record<string, unknown>> };
}

/** A line that readers skip. */
const COMMENT = ":";

/**
 * Returns a line of an event stream with a note, if it is a log line, which call it belongs to.
 *
 * @param call `undefined` for a stream that belongs to none: its lines say so, whatever they said.
 */
export function notedLine(line: string, call: string | undefined): string {
  if (!line.startsWith("data:") || !line.includes('"notifications/message"')) return line;
  let message: Notification | null;
  try {
    // What its members are is looked at where they are used.
    message = boundedJson(line.slice("data:".length)) as Notification | null;
  } catch (error) {
    // What is too deep is left out; of a part of a message nothing can be said.
    return error instanceof RangeError ? COMMENT : line;
  }
  if (message?.method !== "notifications/message") return line;
  const { [CALL_META]: _, ...meta } = message.params?._meta ?? {};
  const _meta = { ...meta, ...(call !== undefined && { [CALL_META]: call }) };
  return `data: ${JSON.stringify({ ...message, params: { ...message.params, _meta } })}`;
}
