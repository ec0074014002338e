/**
 * The attempts that each attacker makes in an isolation, and those that are expected to succeed.
 *
 * @module
 */
import { type AttackerName, ATTACKERS, isPermitted, permissionsOf } from "./agents.ts";
import { ATTEMPTS } from "./all.ts";
import type { Attempt, Isolation } from "./attempt.ts";
import { WORKER_ISOLATION } from "./worker_isolation.ts";

/** The attempts that an attacker makes. */
export interface Plan {
  readonly attacker: AttackerName;
  readonly attempts: readonly Attempt[];
  /** Ids of those that are not stopped. */
  readonly expected: ReadonlySet<string>;
}

/** Returns the plans of all attackers. */
export function plans(isolation: Isolation): Plan[] {
  const attackers = Object.keys(ATTACKERS) as AttackerName[];
  const unstopped = isolation === "worker" ? WORKER_ISOLATION : [];
  const ending = new Set(unstopped.filter(({ ends }) => ends).flatMap(({ ids }) => ids));
  const made = ATTEMPTS.filter(({ leftOut }) => leftOut?.[isolation] === undefined);
  const dealt = made.filter(({ id, dealt }) => dealt === true || ending.has(id));
  return attackers.map((attacker, hand) => {
    const permissions = permissionsOf(attacker);
    const own = new Set(dealt.filter((_, index) => index % attackers.length === hand));
    const attempts = made.filter((attempt) =>
      !isPermitted(attempt, permissions) && (!dealt.includes(attempt) || own.has(attempt))
    );
    const succeeding = new Set(
      unstopped.filter(({ by }) => by?.includes(attacker) ?? true).flatMap(({ ids }) => ids),
    );
    const expected = attempts.filter(({ id }) => succeeding.has(id)).map(({ id }) => id);
    return { attacker, attempts, expected: new Set(expected) };
  });
}
