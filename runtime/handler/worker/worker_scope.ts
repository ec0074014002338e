/**
 * What the code of a sandbox does beside its calls, told to the trusted side: what it prints, what it
 * is refused, and that it ends its own thread.
 *
 * @module
 */
import { format } from "node:util";
import type { LogLevel } from "../../base/log.ts";
import type { FromAgent, ToAgent } from "../../boundary/agent_messages.ts";

/** The part of a worker's global scope the sandbox uses. */
export interface WorkerScope {
  postMessage(batch: readonly FromAgent[], transfer: ArrayBuffer[]): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<readonly ToAgent[]>) => void,
  ): void;
  close(): void;
}

/** Lets `console` of agent code join the agent's log, whose lines name the agent. */
export function forwardConsole(post: (message: FromAgent) => void): void {
  const at = (level: LogLevel) => (...args: unknown[]) =>
    post({ type: "log", call: undefined, level, message: format(...args), fields: undefined });
  Object.assign(console, {
    debug: at("debug"),
    log: at("info"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  });
}

/**
 * Tells of everything that this thread's code is refused, also of what it catches itself: Deno makes a
 * `NotCapable` for each, and names it.
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

/** Ending a worker from inside is silent in Deno; say it first, so that no call waits for ever. */
export function announceExit(scope: WorkerScope, post: (message: FromAgent) => void): void {
  const exit = Deno.exit;
  const close = scope.close.bind(scope);
  Object.defineProperty(Deno, "exit", {
    value: (code?: number) => {
      post({ type: "exiting", reason: `agent code called Deno.exit(${code ?? ""})` });
      exit(code);
    },
  });
  scope.close = () => {
    post({ type: "exiting", reason: "agent code called close()" });
    close();
  };
}
