/**
 * Tells processes when they began. They write it down, and cannot find it out themselves.
 *
 * @module
 */
import type { HostCommand } from "../../runtime/host/plan.ts";
import type { Child } from "./child.ts";
import { birthOf } from "./process_stat.ts";

/** Tells a child that has just been started, and was started with an input. */
export async function tellBirth(child: Child): Promise<void> {
  const birth = await birthOf(child.pid);
  const command: HostCommand = { type: "birth", ...(birth === undefined ? {} : { birth }) };
  child.tell(JSON.stringify(command));
}
