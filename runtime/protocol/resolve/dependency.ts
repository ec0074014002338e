/**
 * One dependency to its provider: health, capability, tags, version, schema, tie-break.
 *
 * @module
 */
import type { Dependency } from "../registration.ts";
import type { Pass } from "./availability.ts";
import { choose, type Match } from "./choice.ts";
import type { DirectoryAgent } from "./model.ts";
import { dependencyRequirement } from "./requirement.ts";
import { type Stage, Trail } from "./trail.ts";

export type { Match } from "./choice.ts";
export type { Eviction, Stage, StageName } from "./trail.ts";

function match(
  pass: Pass,
  consumer: DirectoryAgent,
  dependency: Dependency,
  trail?: Trail,
): Match {
  return choose(
    pass.versions,
    dependencyRequirement(pass, dependency),
    pass.field(consumer, dependency.capability),
    trail,
  );
}

/**
 * Resolves one dependency inside the consumer's namespace. The consumer itself is a legal
 * provider; the dependency's own namespace field means nothing.
 */
export function matchDependency(
  pass: Pass,
  consumer: DirectoryAgent,
  dependency: Dependency,
): Match {
  return match(pass, consumer, dependency);
}

/** {@linkcode matchDependency} with an account of what each stage did to each candidate. */
export function explainDependency(
  pass: Pass,
  consumer: DirectoryAgent,
  dependency: Dependency,
): { match: Match; stages: Stage[] } {
  const trail = new Trail();
  const found = match(pass, consumer, dependency, trail);
  return { match: found, stages: trail.stages(found.chosen) };
}
