/**
 * Ends processes: asked first, killed when they do not.
 *
 * @module
 */
import { sleep } from "../../runtime/base/sleep.ts";
import { askToEnd, type Child, killGroup, killRest } from "./child.ts";
import { fixedPatience, type Patience } from "./ending.ts";
import { isStillRunning, type WrittenProcess } from "./process_identity.ts";

/** Time between two looks at a process that is not a child, milliseconds. */
const POLL_MS = 20;
/** Time between two looks at how long a process may go on, milliseconds. */
const LOOK_MS = 200;
/** How long a killed process may take to disappear, milliseconds. */
const KILL_MS = 3_000;

/**
 * Ends a process that is not a child, with everything it started.
 *
 * @param patience How long it may take by itself; `undefined` kills it at once.
 * @returns Whether it is gone.
 */
export async function endProcess(
  target: WrittenProcess,
  patience: Patience | undefined,
): Promise<boolean> {
  if (!await isStillRunning(target)) return true;
  if (patience !== undefined) {
    askToEnd(target.pid);
    if (await isGone(target, patience)) {
      killRest(target.pid);
      return true;
    }
  }
  killGroup(target.pid);
  return await isGone(target, fixedPatience(KILL_MS));
}

async function isGone(target: WrittenProcess, patience: Patience): Promise<boolean> {
  let lookAt = 0;
  let until = 0;
  while (await isStillRunning(target)) {
    const now = Date.now();
    if (now >= lookAt) {
      until = await patience.until();
      lookAt = now + LOOK_MS;
    }
    if (now >= until) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** A child that is to end, and how long it may take. */
export interface EndingChild {
  readonly child: Child;
  readonly patience: Patience;
}

/** Ends children, all at once. */
export async function endChildren(children: readonly EndingChild[]): Promise<void> {
  await Promise.all(children.map(async ({ child, patience }) => {
    child.ask();
    const ended = new AbortController();
    void child.exited.then(() => ended.abort());
    while (child.exit === undefined && Date.now() < await patience.until()) {
      await sleep(LOOK_MS, ended.signal);
    }
    child.kill();
    await child.exited;
    // What it started goes with it.
    child.kill();
  }));
}
