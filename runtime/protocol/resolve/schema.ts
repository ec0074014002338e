/**
 * The schema stage: the output schema of a provider against the expected schema of a consumer.
 *
 * A strict match needs equal hashes. A subset match with different hashes compares the schemas (see
 * coverage.ts). Equal hashes are trusted unless both schemas are known exactly: the hash is that of the
 * canonical form, which is the same for types that differ only in a property named `title`.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Dependency, Tool } from "../registration.ts";
import { type CoverageViolation, coverageViolations, covers } from "./coverage.ts";
import { Effort } from "./effort.ts";
import type { KnownSchema, KnownSchemas } from "./known_schemas.ts";

/** One way in which a provider's schema falls short. */
export type SchemaViolation =
  | CoverageViolation
  | { kind: "no_published_hash" | "no_published_schema" | "hash_mismatch"; path: "" };

/** The demand of a consumer on the output of a provider. */
export interface SchemaDemand {
  /** As written: `strict`, or anything else for a subset match. */
  readonly mode: string;
  /** `sha256:…`, or empty. */
  readonly hash: string;
  readonly expected: KnownSchema | undefined;
  /** The schemas of providers. */
  readonly schemas: KnownSchemas;
}

/** The demand a dependency makes, `undefined` when it names no match mode. */
export function schemaDemand(
  schemas: KnownSchemas,
  dependency: Dependency,
): SchemaDemand | undefined {
  if (dependency.matchMode === "") return undefined;
  return {
    mode: dependency.matchMode,
    hash: dependency.expectedSchemaHash,
    expected: schemas.expected(dependency),
    schemas,
  };
}

function decide(
  { mode, hash, expected, schemas }: SchemaDemand,
  tool: Tool,
  effort: Effort,
  violations: SchemaViolation[] | undefined,
): boolean {
  const refuse = (kind: "no_published_hash" | "no_published_schema" | "hash_mismatch"): false => {
    violations?.push({ kind, path: "" });
    return false;
  };
  const isStrict = mode === "strict";
  const isPublished = tool.outputSchemaHash !== "";
  const hasSameHash = isPublished && tool.outputSchemaHash === hash;
  if (isStrict && !hasSameHash) return refuse(isPublished ? "hash_mismatch" : "no_published_hash");
  if (!isPublished || expected === undefined) return true;
  const answered = schemas.output(tool);
  if (answered === undefined) return hasSameHash || refuse("no_published_schema");
  if (hasSameHash) {
    if (!expected.isExact || !answered.isExact) return true;
    if (isDeepStrictEqual(expected.schema, answered.schema)) return true;
  }
  const isCovered = covers(expected.schema, answered.schema, effort);
  if (isStrict && isCovered) return refuse("hash_mismatch");
  if (!isCovered && violations !== undefined) {
    violations.push(...coverageViolations(expected.schema, answered.schema, effort));
  }
  return isCovered;
}

/**
 * Whether a tool's output schema answers the demand.
 *
 * @throws {EffortExceeded} When comparing takes more than is left.
 */
export function schemaFits(
  demand: SchemaDemand,
  tool: Tool,
  effort: Effort = new Effort(),
): boolean {
  return decide(demand, tool, effort, undefined);
}

/**
 * Every reason why {@linkcode schemaFits} refuses; empty when it does not.
 *
 * @throws {EffortExceeded} When comparing takes more than is left.
 */
export function schemaViolations(
  demand: SchemaDemand,
  tool: Tool,
  effort: Effort = new Effort(),
): SchemaViolation[] {
  const violations: SchemaViolation[] = [];
  decide(demand, tool, effort, violations);
  return violations;
}
