/**
 * Serving an agent whose file is run directly (`./flight-agent.ts`, `deno run flight-agent.ts`).
 * Only then does declaring an agent lead to anything, and only if the file exports it as default.
 *
 * @module
 */
import type { RunningAgent, ServeOptions } from "./serving.ts";
import { errorText } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";

/** A declaration that may be the program. */
interface Program {
  onListen(address: Deno.Addr): void;
  serve(options: ServeOptions): Promise<RunningAgent>;
}

/**
 * Serves `agent` if the module that declares it is the program itself and `deno serve` is not
 * already doing so.
 */
export function whenMainModule(agent: Program): void {
  // `undefined` in workers; elsewhere the URL of the program.
  const main: string | undefined = Deno.mainModule;
  if (main === undefined || !new Error().stack?.includes(`${main}:`)) return;
  let underDenoServe = false;
  const onListen = agent.onListen;
  agent.onListen = (address) => {
    underDenoServe = true;
    onListen(address);
  };
  // The module is already loaded or loading: this waits for it and loads nothing.
  void import(main).then(async (module: { default?: unknown }) => {
    if (module.default !== agent || underDenoServe) return;
    try {
      const running = await agent.serve({ handleSignals: true });
      await running.finished;
    } catch (error) {
      console.error(visibleText(errorText(error)));
      Deno.exit(1);
    }
  });
}
