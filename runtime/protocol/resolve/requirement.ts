/**
 * What a consumer requires of a provider, prepared once so that testing a candidate is cheap.
 *
 * @module
 */
import type { Dependency, LlmProvider, Tool } from "../registration.ts";
import type { Look } from "./effort.ts";
import type { KnownSchemas } from "./known_schemas.ts";
import { type ParsedVersions, rangeCount, type VersionDemand } from "./parsed_versions.ts";
import { type SchemaDemand, schemaDemand, schemaFits, schemaViolations } from "./schema.ts";
import { parseTags, REJECTED, tagCount, type TagQuery, tagRejection, tagScore } from "./tags.ts";
import type { Trail } from "./trail.ts";

/** Tags of a tool that are looked through in the time of one step. */
const TAGS_A_STEP = 16;

/** A prepared requirement. */
export interface Requirement {
  readonly capability: string;
  readonly tags: TagQuery;
  readonly version: VersionDemand;
  readonly schema: SchemaDemand | undefined;
  /** Steps of looking at one candidate, its schema aside. */
  readonly steps: number;
}

/** A text that dependencies of one namespace share exactly when they lead to the same. */
export function selectorKey(namespace: string, dependency: Dependency): string {
  const { capability, tags, version, matchMode } = dependency;
  const { expectedSchemaHash, expectedSchemaCanonical, expectedSchema } = dependency;
  const schema = matchMode === ""
    ? []
    : [matchMode, expectedSchemaHash, expectedSchemaCanonical, expectedSchema];
  return JSON.stringify([namespace, capability, version, tags, ...schema]);
}

/** Parsed texts and schemas, each computed once. One may serve many passes. */
export interface Known {
  readonly versions: ParsedVersions;
  readonly schemas: KnownSchemas;
}

/** Prepares a declared dependency. */
export function dependencyRequirement(
  { versions, schemas }: Known,
  dependency: Dependency,
): Requirement {
  return requirement(versions, dependency, schemaDemand(schemas, dependency));
}

/** Prepares an LLM provider selector; its namespace field is ignored, as that of a dependency is. */
export function providerRequirement(
  versions: ParsedVersions,
  provider: Pick<LlmProvider, "capability" | "tags" | "version">,
): Requirement {
  return requirement(versions, provider, undefined);
}

function requirement(
  versions: ParsedVersions,
  selector: Pick<Dependency, "capability" | "tags" | "version">,
  schema: SchemaDemand | undefined,
): Requirement {
  const tags = parseTags(selector.tags);
  const version = versions.demand(selector.version);
  const steps = 1 + tagCount(tags) + rangeCount(version);
  return { capability: selector.capability, tags, version, schema, steps };
}

/**
 * The tags, version and schema stages for one tool that offers the capability.
 *
 * @param trail Told of the stage that turned the tool away, if any.
 * @returns The tag score, or {@linkcode REJECTED}.
 * @throws {EffortExceeded} When so much looking is not left.
 */
export function fit(
  { versions, effort }: Look,
  requirement: Requirement,
  tool: Tool,
  trail?: Trail,
): number {
  effort.spend(requirement.steps + Math.floor(tool.tags.length / TAGS_A_STEP));
  const score = tagScore(requirement.tags, tool.tags);
  if (score === REJECTED) {
    const rejection = trail && tagRejection(requirement.tags, tool.tags);
    if (rejection) trail?.evict("tags", rejection.reason, { ...rejection.details });
    return REJECTED;
  }
  if (!versions.meets(tool.version, requirement.version)) {
    trail?.evict("version", "VersionConstraintFailed", {
      version: tool.version,
      constraint: requirement.version.text,
    });
    return REJECTED;
  }
  const { schema } = requirement;
  if (schema !== undefined && !schemaFits(schema, tool, effort)) {
    trail?.evict("schema", "SchemaIncompatible", {
      mode: schema.mode,
      consumer_hash: schema.hash,
      producer_hash: tool.outputSchemaHash,
      reasons: schemaViolations(schema, tool, effort),
    });
    return REJECTED;
  }
  return score;
}
