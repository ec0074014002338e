/**
 * Runs an agent's health or startup check, on the side of the agent's code.
 *
 * @module
 */
import type { Check, CheckVerdict } from "../servable.ts";
import { errorText } from "../errors.ts";
import type { CheckKind } from "./host.ts";

/** What can be checked. */
interface Checked {
  readonly healthCheck?: Check | undefined;
  readonly startupCheck?: Check | undefined;
}

/** The verdict of a check: no check is healthy, `false` is unhealthy, throwing is degraded. */
export async function runCheck(
  checked: Checked,
  kind: CheckKind,
): Promise<CheckVerdict> {
  const check = kind === "health" ? checked.healthCheck : checked.startupCheck;
  if (check === undefined) return { status: "healthy" };
  try {
    const found = await check();
    return typeof found === "boolean" ? { status: found ? "healthy" : "unhealthy" } : found;
  } catch (error) {
    return { status: "degraded", errors: [errorText(error)] };
  }
}
