/**
 * Reports of what agent code does beside its calls: lines for the console, and refusals by Deno.
 *
 * @module
 */
import { format } from "node:util";
import { abridged } from "../../base/cut_text.ts";
import { LOG_TEXT_MAX, type LogLevel } from "../../base/log.ts";
import type { FromAgent } from "../../boundary/agent_messages.ts";

/** Sends what agent code writes to `console` as lines of the agent's log. */
export function forwardConsole(post: (message: FromAgent) => void): void {
  const at = (level: LogLevel) => (...args: unknown[]) => {
    const message = abridged(format(...args), LOG_TEXT_MAX);
    post({ type: "log", call: undefined, level, message, fields: undefined });
  };
  Object.assign(console, {
    debug: at("debug"),
    log: at("info"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  });
}

/**
 * Reports everything that the code is refused, also what it catches itself: Deno makes a `NotCapable`
 * for each, and names it, so that a setter of the name sees all of them.
 */
export function followRefusals(told: (message: string) => void): void {
  Object.defineProperty(Deno.errors.NotCapable.prototype, "name", {
    configurable: true,
    get: () => "NotCapable",
    set(this: Error, value: string) {
      Object.defineProperty(this, "name", {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
      told(this.message);
    },
  });
}
