/**
 * Choosing among candidates: one pass that keeps the best and its equals, no sorting of the rest.
 *
 * @module
 */
import type { Candidate } from "./model.ts";
import type { ParsedVersions } from "./parsed_versions.ts";
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
  equals: Candidate[];
}

/**
 * The health stage: whether a candidate may be used at all.
 *
 * @param trail To be told why not.
 */
export type Gate = (candidate: Candidate, trail?: Trail) => boolean;

/** Who may be chosen: providers, of one namespace, that the gate lets through. */
export interface Field {
  readonly candidates: readonly Candidate[];
  readonly namespace: string;
  readonly gate: Gate;
}

function byTrust(a: Candidate, b: Candidate): number {
  const suspicion = Number(a.agent.suspect ?? false) - Number(b.agent.suspect ?? false);
  return suspicion || (a.agent.id < b.agent.id ? -1 : a.agent.id > b.agent.id ? 1 : 0);
}

/**
 * The winner by tag score, then version (newest first), then whether it is suspect, then agent id.
 *
 * @param trail Records what each stage did with each candidate of the namespace.
 */
export function choose(
  versions: ParsedVersions,
  requirement: Requirement,
  { candidates, namespace, gate }: Field,
  trail?: Trail,
): Match {
  let best: Candidate | undefined;
  let bestScore = REJECTED;
  const equals: Candidate[] = [];
  for (const candidate of candidates) {
    if (candidate.agent.namespace !== namespace) continue;
    trail?.enter(candidate);
    if (!gate(candidate, trail)) continue;
    const score = fit(versions, requirement, candidate.tool, trail);
    if (score === REJECTED || score < bestScore) continue;
    const order = best === undefined || score > bestScore
      ? 1
      : versions.compare(candidate.tool.version, best.tool.version);
    if (order < 0) continue;
    if (order > 0) equals.length = 0;
    equals.push(candidate);
    best = candidate;
    bestScore = score;
  }
  if (equals.length > 1) equals.sort(byTrust);
  return { chosen: equals[0], equals };
}

/** Everybody who qualifies, in the order of {@linkcode choose}: the winner first. */
export function rank(
  versions: ParsedVersions,
  requirement: Requirement,
  { candidates, namespace, gate }: Field,
): Candidate[] {
  const scored = candidates
    .filter((candidate) => candidate.agent.namespace === namespace && gate(candidate))
    .map((candidate) => ({ candidate, score: fit(versions, requirement, candidate.tool) }))
    .filter(({ score }) => score !== REJECTED);
  scored.sort((a, b) =>
    b.score - a.score ||
    versions.compare(b.candidate.tool.version, a.candidate.tool.version) ||
    byTrust(a.candidate, b.candidate)
  );
  return scored.map(({ candidate }) => candidate);
}

/** Whether {@linkcode choose} would find a winner; stops at the first candidate that qualifies. */
export function anyMatch(
  versions: ParsedVersions,
  requirement: Requirement,
  { candidates, namespace, gate }: Field,
): boolean {
  for (const candidate of candidates) {
    if (
      candidate.agent.namespace === namespace && gate(candidate) &&
      fit(versions, requirement, candidate.tool) !== REJECTED
    ) return true;
  }
  return false;
}
