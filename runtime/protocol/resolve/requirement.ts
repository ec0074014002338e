/**
 * What a consumer requires of a provider, prepared once so that testing a candidate is cheap.
 *
 * @module
 */
import type { Dependency, LlmProvider, Tool } from "../registration.ts";
import type { KnownSchemas } from "./known_schemas.ts";
import type { ParsedVersions, VersionDemand } from "./parsed_versions.ts";
import { type SchemaDemand, schemaDemand, schemaFits, schemaViolations } from "./schema.ts";
import { parseTags, REJECTED, type TagQuery, tagRejection, tagScore } from "./tags.ts";
import type { Trail } from "./trail.ts";

/** A prepared requirement. */
export interface Requirement {
  readonly capability: string;
  readonly tags: TagQuery;
  readonly version: VersionDemand;
  readonly schema: SchemaDemand | undefined;
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
  return {
    capability: dependency.capability,
    tags: parseTags(dependency.tags),
    version: versions.demand(dependency.version),
    schema: schemaDemand(schemas, dependency),
  };
}

/** Prepares an LLM provider selector; its namespace field is ignored, as that of a dependency is. */
export function providerRequirement(
  versions: ParsedVersions,
  provider: Pick<LlmProvider, "capability" | "tags" | "version">,
): Requirement {
  return {
    capability: provider.capability,
    tags: parseTags(provider.tags),
    version: versions.demand(provider.version),
    schema: undefined,
  };
}

/**
 * The tags, version and schema stages for one tool that offers the capability.
 *
 * @param trail Told of the stage that turned the tool away, if any.
 * @returns The tag score, or {@linkcode REJECTED}.
 */
export function fit(
  versions: ParsedVersions,
  requirement: Requirement,
  tool: Tool,
  trail?: Trail,
): number {
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
  if (schema !== undefined && !schemaFits(schema, tool)) {
    trail?.evict("schema", "SchemaIncompatible", {
      mode: schema.mode,
      consumer_hash: schema.hash,
      producer_hash: tool.outputSchemaHash,
      reasons: schemaViolations(schema, tool),
    });
    return REJECTED;
  }
  return score;
}
