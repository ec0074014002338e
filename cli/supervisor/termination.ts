/**
 * Ends processes: asked first, killed when they do not.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { askToEnd, type Child, killGroup, killRest } from "./child.ts";
import { isStillRunning, type WrittenProcess } from "./process_identity.ts";

/** Time between two looks at a process that is not a child, milliseconds. */
const POLL_MS = 20;

/** How long a killed process may take to disappear, milliseconds. */
const KILL_MS = 3_000;

/**
 * Ends a process that is not a child, with everything it started.
 *
 * @param graceMs How long it may take by itself; 0 kills it at once.
 * @returns Whether it is gone.
 */
export async function endProcess(target: WrittenProcess, graceMs: number): Promise<boolean> {
  if (!await isStillRunning(target)) return true;
  if (graceMs > 0) askToEnd(target.pid);
  if (await isGoneWithin(target, graceMs)) {
    killRest(target.pid);
    return true;
  }
  killGroup(target.pid);
  return await isGoneWithin(target, KILL_MS);
}

async function isGoneWithin(target: WrittenProcess, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (await isStillRunning(target)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Ends children, all at once.
 *
 * @param graceMs How long they may take by themselves, together.
 */
export async function endChildren(children: Child[], graceMs: number): Promise<void> {
  const ended = Promise.all(children.map(({ exited }) => exited));
  for (const child of children) child.ask();
  const kill = () => {
    for (const child of children) child.kill();
  };
  const timer = setTimeout(kill, graceMs);
  await ended;
  clearTimeout(timer);
  kill();
}
