/**
 * Choosing among candidates: one pass that keeps the best and its equals, no sorting of the rest.
 *
 * @module
 */
import type { Look } from "./effort.ts";
import type { Candidate } from "./model.ts";
import { fit, type Requirement } from "./requirement.ts";
import { REJECTED } from "./tags.ts";
import type { Trail } from "./trail.ts";

/** Where a dependency leads. */
export interface Match {
  /** The winner; `undefined` when nothing qualifies. */
  chosen: Candidate | undefined;
  /**
   * Every candidate of the winner's rank (same tag score, same version), the winner first: by agent
   * id, suspects after the others; tools of one agent in declared order.
   */
  equals: readonly Candidate[];
}

/**
 * The health stage: whether a candidate may be used at all.
 *
 * @param trail To be told why not.
 */
export type Gate = (candidate: Candidate, trail?: Trail) => boolean;

/** Who may be chosen: providers of one namespace that the gate lets through. */
export interface Field {
  readonly candidates: readonly Candidate[];
  readonly gate: Gate;
}

/** Steps that comparing two candidates takes. */
const COMPARISON_STEPS = 2;

function byTrust(a: Candidate, b: Candidate): number {
  const suspicion = Number(a.agent.suspect ?? false) - Number(b.agent.suspect ?? false);
  return suspicion || (a.agent.id < b.agent.id ? -1 : a.agent.id > b.agent.id ? 1 : 0);
}

/**
 * The winner by tag score, then version (newest first), then whether it is suspect, then agent id.
 *
 * @param trail Records what each stage did with each candidate.
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function choose(
  look: Look,
  requirement: Requirement,
  { candidates, gate }: Field,
  trail?: Trail,
): Match {
  const { versions, effort } = look;
  let best: Candidate | undefined;
  let bestScore = REJECTED;
  const equals: Candidate[] = [];
  for (const candidate of candidates) {
    trail?.enter(candidate);
    if (!gate(candidate, trail)) continue;
    const score = fit(look, requirement, candidate.tool, trail);
    if (score === REJECTED || score < bestScore) continue;
    let order = 1;
    if (best !== undefined && score === bestScore) {
      effort.spend(COMPARISON_STEPS);
      order = versions.compare(candidate.tool.version, best.tool.version);
    }
    if (order < 0) continue;
    if (order > 0) equals.length = 0;
    equals.push(candidate);
    best = candidate;
    bestScore = score;
  }
  if (equals.length > 1) {
    effort.spend(COMPARISON_STEPS * equals.length);
    equals.sort(byTrust);
  }
  return { chosen: equals[0], equals };
}

/**
 * Everybody who qualifies, in the order of {@linkcode choose}: the winner first.
 *
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function rank(
  look: Look,
  requirement: Requirement,
  { candidates, gate }: Field,
): Candidate[] {
  const { versions } = look;
  const scored = candidates
    .filter((candidate) => gate(candidate))
    .map((candidate) => ({ candidate, score: fit(look, requirement, candidate.tool) }))
    .filter(({ score }) => score !== REJECTED);
  scored.sort((a, b) =>
    b.score - a.score ||
    versions.compare(b.candidate.tool.version, a.candidate.tool.version) ||
    byTrust(a.candidate, b.candidate)
  );
  return scored.map(({ candidate }) => candidate);
}

/**
 * Whether {@linkcode choose} would find a winner; stops at the first candidate that qualifies.
 *
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function anyMatch(
  look: Look,
  requirement: Requirement,
  { candidates, gate }: Field,
): boolean {
  for (const candidate of candidates) {
    if (gate(candidate) && fit(look, requirement, candidate.tool) !== REJECTED) return true;
  }
  return false;
}
