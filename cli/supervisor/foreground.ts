/**
 * Stays with what a foreground `start` has started until the user or the agents end it.
 *
 * @module
 */
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { type ChildExit, exitText } from "./child.ts";
import type { Session } from "./session.ts";

/** What {@linkcode stayInForeground} needs. */
export interface StayOptions {
  session: Session;
  /** Aborts at the first Ctrl+C. */
  interrupted: AbortSignal;
}

/**
 * Waits until the user interrupts or every agent is gone, and says who goes. Ends nothing itself.
 *
 * @returns 1 when an agent ended in any other way than by being asked to.
 */
export async function stayInForeground(
  { session, interrupted }: StayOptions,
  { stderr }: Pick<Context, "stderr">,
): Promise<ExitCode> {
  let failed = false;
  const over = Promise.withResolvers<void>();
  interrupted.addEventListener("abort", () => over.resolve(), { once: true });
  if (interrupted.aborted) over.resolve();
  const tell = (name: string, end: ChildExit) => {
    if (interrupted.aborted) return;
    failed ||= end.code !== 0;
    stderr.write(`${name} ${end.code === 0 ? "stopped" : exitText(end)}\n`);
  };
  const agents = session.agents.map(async ({ child, names }) =>
    tell(names.join(", "), await child.exited)
  );
  const registry = session.registry?.exited.then((end) => tell("the registry", end));
  const gone = agents.length > 0 ? Promise.all(agents) : registry;
  await Promise.race([over.promise, gone]);
  return failed ? EXIT.failure : EXIT.ok;
}
