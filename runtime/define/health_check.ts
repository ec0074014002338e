/**
 * Checks of an agent's health.
 *
 * @module
 */

/** What a health or startup check finds. */
export interface CheckVerdict {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** What was looked at, and whether it was well. */
  readonly checks?: Readonly<Record<string, boolean>>;
  /** What is wrong, for people. */
  readonly errors?: readonly string[];
}

/** Looks whether the agent can do its work. `true` is healthy, `false` unhealthy, throwing degraded. */
export type Check = () => boolean | CheckVerdict | Promise<boolean | CheckVerdict>;
