/**
 * Runs an agent's health or startup check, on the side of the agent's code.
 *
 * @module
 */
import type { Check, CheckVerdict } from "../define/health_check.ts";
import { errorText } from "../base/errors.ts";
import { type FormOf, jsonForm } from "../base/json_form.ts";
import type { CheckKind } from "../boundary/host.ts";

const VERDICT: FormOf = { code: "bad_output", what: "the verdict" };

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
    if (typeof found === "boolean") return { status: found ? "healthy" : "unhealthy" };
    if (typeof found?.status !== "string") {
      return { status: "degraded", errors: ["the check says neither true nor false nor a status"] };
    }
    // Its form has the members it has.
    return await jsonForm(found, VERDICT) as CheckVerdict;
  } catch (error) {
    return { status: "degraded", errors: [errorText(error)] };
  }
}
