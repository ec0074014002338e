/**
 * How agents say they are: our addition to a registration. One that says it is unhealthy stays
 * listed, with its reasons, and is wired to nobody, for as long as it is heard of. Pure.
 *
 * @module
 */
import type { Registration } from "../../runtime/protocol/registration.ts";
import { cutText } from "../../runtime/base/cut_text.ts";
import { cleanedLine } from "../base/plain_text.ts";

/** What an agent that is not well says of itself. */
export interface Health {
  readonly status: "degraded" | "unhealthy";
  /** What is wrong, for people. */
  readonly errors: readonly string[];
}

/** Most reasons kept. */
export const HEALTH_ERRORS_MAX = 10;
/** Longest reason kept, in characters. */
export const HEALTH_ERROR_LENGTH_MAX = 300;

/** What an agent says of itself in a registration; `undefined` when it is well, or says nothing. */
export function reportedHealth({ health }: Pick<Registration, "health">): Health | undefined {
  if (!health || health.status === "healthy") return undefined;
  const errors = health.errors.slice(0, HEALTH_ERRORS_MAX)
    .map((error) => cleanedLine(cutText(error, HEALTH_ERROR_LENGTH_MAX)));
  return { status: health.status, errors };
}

/** Whether two say the same. */
export function sameHealth(one: Health | undefined, other: Health | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
