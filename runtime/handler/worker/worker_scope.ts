/**
 * The scope of a worker, and the end of the worker's thread by its own code.
 *
 * @module
 */
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
