/**
 * Tells processes what they cannot find out themselves, such as when they began, which they write
 * down.
 *
 * @module
 */
import type { HostCommand } from "../../runtime/process/plan.ts";
import type { Reach } from "../../runtime/sandbox/grant.ts";
import type { Child } from "./child.ts";
import { birthOf } from "./process_stat.ts";

/**
 * Tells a child that has just been started, and was started with an input.
 *
 * @param reach Where the imports of its agents may lead, by their planned names.
 */
export async function tellStartTime(child: Child, reach?: Record<string, Reach>): Promise<void> {
  const birth = await birthOf(child.pid);
  const command: HostCommand = {
    type: "birth",
    ...(birth === undefined ? {} : { birth }),
    ...(reach === undefined ? {} : { reach }),
  };
  child.tell(JSON.stringify(command));
}
