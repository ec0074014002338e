/**
 * The schema stage: whether what a provider returns covers what a consumer expects.
 *
 * Hashes decide first and are trusted; only when they differ in a subset match are the canonical
 * schemas compared, and then only names and types: enums, formats, ranges and `anyOf` are not
 * looked at, and a node without `type` accepts anything.
 *
 * @module
 */
import type { Dependency, Tool } from "../registration.ts";
import { Effort } from "./effort.ts";

type Json = Record<string, unknown>;

/** Nesting beyond which two schemas are called incompatible rather than followed further. */
const MAX_DEPTH = 64;

/** One way in which a provider's schema falls short. `path` is dotted; `[]` marks array items. */
export type SchemaViolation =
  | { kind: "missing_field"; path: string; field: string }
  | { kind: "type_mismatch"; path: string; consumer_type: unknown; producer_type: unknown }
  | { kind: "missing_items_schema"; path: string }
  | { kind: "too_deep"; path: string }
  | { kind: "no_published_hash" | "no_published_schema" | "hash_mismatch"; path: "" };

/** What a consumer expects of a provider's output. */
export interface SchemaDemand {
  /** As written: `strict`, or anything else for a subset match. */
  readonly mode: string;
  /** `sha256:…`, or empty. */
  readonly hash: string;
  readonly canonical: Json | undefined;
}

/** The demand a dependency makes, `undefined` when it names no match mode. */
export function schemaDemand(dependency: Dependency): SchemaDemand | undefined {
  if (dependency.matchMode === "") return undefined;
  return {
    mode: dependency.matchMode,
    hash: dependency.expectedSchemaHash,
    canonical: dependency.expectedSchemaCanonical ?? undefined,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typesOf(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

/** Steps that comparing two nodes takes, their fields aside. */
const NODE_STEPS = 4;

/** Types that a list of types is read for: JSON Schema knows seven. */
const TYPES_MAX = 16;

function acceptsType(consumer: unknown, producer: unknown): boolean {
  if (consumer === undefined || producer === undefined) return true;
  if (consumer === producer) return true;
  const offered = typesOf(producer).slice(0, TYPES_MAX);
  return typesOf(consumer).slice(0, TYPES_MAX).every((wanted) =>
    offered.includes(wanted) || (wanted === "number" && offered.includes("integer"))
  );
}

/** How two schemas are compared. */
interface Comparison {
  readonly effort: Effort;
  /** Collects every violation; without it the comparison stops at the first. */
  readonly violations: SchemaViolation[] | undefined;
}

/** Compares two nodes. */
function covers(
  consumer: Json,
  producer: Json,
  path: string,
  depth: number,
  comparison: Comparison,
): boolean {
  const { effort, violations } = comparison;
  effort.spend(NODE_STEPS);
  const refuse = (violation: SchemaViolation): false => {
    violations?.push(violation);
    return false;
  };
  if (depth > MAX_DEPTH) return refuse({ kind: "too_deep", path });
  if (!acceptsType(consumer.type, producer.type)) {
    return refuse({
      kind: "type_mismatch",
      path,
      consumer_type: consumer.type,
      producer_type: producer.type,
    });
  }
  const fields = coversFields(consumer, producer, path, depth, comparison);
  if (!fields && violations === undefined) return false;
  if (!isObject(consumer.items)) return fields;
  if (!isObject(producer.items)) return refuse({ kind: "missing_items_schema", path });
  return covers(consumer.items, producer.items, `${path}[]`, depth + 1, comparison) && fields;
}

function coversFields(
  consumer: Json,
  producer: Json,
  path: string,
  depth: number,
  comparison: Comparison,
): boolean {
  if (!Array.isArray(consumer.required)) return true;
  const { effort, violations } = comparison;
  const wanted = isObject(consumer.properties) ? consumer.properties : {};
  const offered = isObject(producer.properties) ? producer.properties : {};
  let covered = true;
  for (const field of consumer.required) {
    effort.spend(1);
    if (typeof field !== "string") continue;
    const fieldPath = path === "" ? field : `${path}.${field}`;
    if (!Object.hasOwn(offered, field)) {
      violations?.push({ kind: "missing_field", path: fieldPath, field });
      covered = false;
    } else {
      const expected = Object.hasOwn(wanted, field) ? wanted[field] : undefined;
      const given = offered[field];
      if (
        isObject(expected) && isObject(given) &&
        !covers(expected, given, fieldPath, depth + 1, comparison)
      ) covered = false;
    }
    if (!covered && violations === undefined) return false;
  }
  return covered;
}

function refusedByHash(demand: SchemaDemand, tool: Tool): SchemaViolation | undefined {
  if (demand.mode !== "strict") return undefined;
  const published = tool.outputSchemaHash !== "";
  return { kind: published ? "hash_mismatch" : "no_published_hash", path: "" };
}

function decide(demand: SchemaDemand, tool: Tool, comparison: Comparison): boolean {
  const { violations } = comparison;
  if (tool.outputSchemaHash !== "" && tool.outputSchemaHash === demand.hash) return true;
  const refused = refusedByHash(demand, tool);
  if (refused !== undefined) {
    violations?.push(refused);
    return false;
  }
  if (tool.outputSchemaHash === "" || demand.canonical === undefined) return true;
  if (!isObject(tool.outputSchemaCanonical)) {
    violations?.push({ kind: "no_published_schema", path: "" });
    return false;
  }
  return covers(demand.canonical, tool.outputSchemaCanonical, "", 0, comparison);
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
  return decide(demand, tool, { effort, violations: undefined });
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
  decide(demand, tool, { effort, violations });
  return violations;
}
