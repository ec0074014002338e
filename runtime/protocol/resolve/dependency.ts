/**
 * One dependency to its provider: health, capability, tags, version, schema, tie-break.
 *
 * @module
 */
import type { Dependency } from "../registration.ts";
import type { Pass } from "./availability.ts";
import { choose, type Match } from "./choice.ts";
import { Effort } from "./effort.ts";
import type { DirectoryAgent } from "./model.ts";
import { dependencyRequirement, selectorKey } from "./requirement.ts";
import { type Stage, Trail } from "./trail.ts";

export type { Match } from "./choice.ts";
export type { Eviction, Stage, StageName } from "./trail.ts";

/**
 * Resolves one dependency inside the consumer's namespace. The consumer itself is a legal
 * provider; the dependency's own namespace field means nothing. Equal dependencies are resolved once
 * in a pass.
 *
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function matchDependency(
  pass: Pass,
  consumer: DirectoryAgent,
  dependency: Dependency,
  effort: Effort = new Effort(),
): Match {
  effort.spend(1);
  const equals = pass.remembered(selectorKey(consumer.namespace, dependency), () => {
    const requirement = dependencyRequirement(pass, dependency);
    const field = pass.offers(consumer, dependency.capability);
    return choose({ versions: pass.versions, effort }, requirement, field).equals;
  });
  return { chosen: equals[0], equals };
}

/**
 * {@linkcode matchDependency} with an account of what each stage did to each candidate.
 *
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function explainDependency(
  pass: Pass,
  consumer: DirectoryAgent,
  dependency: Dependency,
  effort: Effort = new Effort(),
): { match: Match; stages: Stage[] } {
  const trail = new Trail();
  const match = choose(
    { versions: pass.versions, effort },
    dependencyRequirement(pass, dependency),
    pass.field(consumer, dependency.capability),
    trail,
  );
  return { match, stages: trail.stages(match.chosen) };
}
