/**
 * What the user asks for while a start runs: Ctrl+C once, twice, or a closed pipe.
 *
 * @module
 */
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import type { PrefixedOutput } from "./prefixed_output.ts";
import type { StartedProcesses } from "./started_processes.ts";

/** What the user asked for while a start runs. */
export interface Interruption extends Disposable {
  /** Aborts at the first Ctrl+C. */
  interrupted: AbortSignal;
  /** Asks for an orderly end, as Ctrl+C does. */
  interrupt(): void;
}

/** Shows lines until nobody reads them any more, which ends the start. */
export function untilClosed(
  output: PrefixedOutput,
  { interrupt }: Interruption,
): PrefixedOutput["line"] {
  return (...line) => {
    try {
      output.line(...line);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      interrupt();
    }
  };
}

/** Follows Ctrl+C: the first asks for an orderly end, the second kills. */
export function followInterrupts(context: Context, started: StartedProcesses): Interruption {
  const controller = new AbortController();
  const interrupt = () =>
    controller.abort(new CliError(EXIT.failure, "interrupted before everything was ready"));
  const listening = context.onInterrupt(() => {
    if (controller.signal.aborted) started.kill();
    else interrupt();
  });
  return {
    interrupted: controller.signal,
    interrupt,
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
