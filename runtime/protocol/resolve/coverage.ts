/**
 * The coverage of a consumer's schema by a provider's: the provider declares every field that the
 * consumer requires, of a compatible type, at every depth. Only names and types are compared: not enums,
 * formats and ranges, nor the alternatives of a consumer's `anyOf`. A node without `type` accepts every
 * value, and one of a provider's alternatives has to cover.
 *
 * @module
 */

import { isObject, memberOf } from "../../base/json.ts";
import { Effort } from "./effort.ts";

type Json = Record<string, unknown>;

/** One way in which a provider's schema falls short. `path` is dotted; `[]` marks array items. */
export type CoverageViolation =
  | { kind: "missing_field"; path: string; field: string }
  | { kind: "type_mismatch"; path: string; consumer_type: unknown; producer_type: unknown }
  | { kind: "missing_items_schema"; path: string }
  | { kind: "too_deep"; path: string };

/** Nesting beyond which two schemas count as incompatible. */
const MAX_DEPTH = 64;
/** Comparisons beyond which two schemas count as incompatible: alternatives multiply them. */
const MAX_STEPS = 50_000;
/** Steps of an {@linkcode Effort} that comparing two nodes takes, their fields aside. */
const NODE_STEPS = 4;
/** Properties that are merged in the time of one step. */
const PROPERTIES_A_STEP = 16;
/** Types that a list of types is read for: JSON Schema knows seven. */
const TYPES_MAX = 16;

/**
 * Tells whether a provider's schema covers a consumer's.
 *
 * @throws {EffortExceeded} When comparing takes more than is left.
 */
export function covers(consumer: Json, producer: Json, effort: Effort = new Effort()): boolean {
  const place = { consumer, producer, path: "", depth: 0 };
  return new Coverage(consumer, producer, effort).holds(place, undefined);
}

/**
 * Returns every reason why a provider's schema does not cover a consumer's.
 *
 * @throws {EffortExceeded} When comparing takes more than is left.
 */
export function coverageViolations(
  consumer: Json,
  producer: Json,
  effort: Effort = new Effort(),
): CoverageViolation[] {
  const violations: CoverageViolation[] = [];
  const place = { consumer, producer, path: "", depth: 0 };
  new Coverage(consumer, producer, effort).holds(place, violations);
  return violations;
}

/** A node of each schema, in the same place. */
interface Place {
  readonly consumer: Json;
  readonly producer: Json;
  readonly path: string;
  readonly depth: number;
}

class Coverage {
  readonly #consumer: Json;
  readonly #producer: Json;
  /** Pairs under comparison: a recursive pair adds nothing to itself. */
  readonly #open = new Map<Json, Set<Json>>();
  readonly #effort: Effort;
  #steps = 0;

  constructor(consumer: Json, producer: Json, effort: Effort) {
    this.#consumer = consumer;
    this.#producer = producer;
    this.#effort = effort;
  }

  /** @param violations Collects every violation; without it the comparison stops at the first. */
  holds(place: Place, violations: CoverageViolation[] | undefined): boolean {
    const { consumer, producer, path, depth } = place;
    if (depth > MAX_DEPTH || this.#steps > MAX_STEPS) {
      violations?.push({ kind: "too_deep", path });
      return false;
    }
    const [wanted, offered] = [named(consumer, this.#consumer), named(producer, this.#producer)];
    const open = this.#open.get(wanted) ?? new Set();
    if (open.has(offered)) return true;
    this.#open.set(wanted, open.add(offered));
    try {
      return this.#compare(place, violations);
    } finally {
      open.delete(offered);
    }
  }

  #compare(place: Place, violations: CoverageViolation[] | undefined): boolean {
    const consumer = this.#whole(place.consumer, this.#consumer);
    const { anyOf, ...producer } = this.#whole(place.producer, this.#producer);
    const branches = Array.isArray(anyOf) ? anyOf.filter(isObject) : [];
    if (branches.length === 0) return this.#node({ ...place, consumer, producer }, violations);
    if (this.#node({ ...place, consumer, producer }, undefined)) return true;
    const isAlone = Object.keys(producer).length === 0;
    const isCovered = branches.some((branch) =>
      this.holds({
        ...place,
        consumer: place.consumer,
        producer: isAlone ? branch : this.#merged(producer, branch),
        depth: place.depth + 1,
      }, undefined)
    );
    return isCovered || this.#node({ ...place, consumer, producer }, violations);
  }

  #node(place: Place, violations: CoverageViolation[] | undefined): boolean {
    const { consumer, producer, path, depth } = place;
    if (!acceptsType(consumer.type, producer.type)) {
      violations?.push({
        kind: "type_mismatch",
        path,
        consumer_type: consumer.type,
        producer_type: producer.type,
      });
      return false;
    }
    const fields = this.#fields(place, violations);
    if (!fields && violations === undefined) return false;
    if (!isObject(consumer.items)) return fields;
    if (!isObject(producer.items)) {
      violations?.push({ kind: "missing_items_schema", path });
      return false;
    }
    const items = { consumer: consumer.items, producer: producer.items };
    return this.holds({ ...items, path: `${path}[]`, depth: depth + 1 }, violations) && fields;
  }

  #fields(
    { consumer, producer, path, depth }: Place,
    violations: CoverageViolation[] | undefined,
  ): boolean {
    let covered = true;
    let declared: Set<string> | undefined;
    for (const field of namesOf(consumer.required)) {
      this.#effort.spend(1);
      const fieldPath = path === "" ? field : `${path}.${field}`;
      const given = memberOf(producer.properties, field);
      const expected = memberOf(consumer.properties, field);
      // A required name without a property counts as declared: a canonical form loses properties
      // that have the name of an annotation.
      declared ??= given === undefined ? new Set(namesOf(producer.required)) : undefined;
      if (given === undefined && !declared?.has(field)) {
        violations?.push({ kind: "missing_field", path: fieldPath, field });
        covered = false;
      } else if (
        isObject(expected) && isObject(given) &&
        !this.holds({
          consumer: expected,
          producer: given,
          path: fieldPath,
          depth: depth + 1,
        }, violations)
      ) covered = false;
      if (!covered && violations === undefined) return false;
    }
    return covered;
  }

  /** Merges a node with the definition it refers to and with the members of its `allOf`. */
  #whole(node: Json, root: Json, depth = 0): Json {
    this.#steps += 1;
    this.#effort.spend(NODE_STEPS);
    const { $ref, allOf, ...own } = node;
    const parts = [definition($ref, root), ...Array.isArray(allOf) ? allOf : []].filter(isObject);
    if (parts.length === 0 || depth > MAX_DEPTH || this.#steps > MAX_STEPS) return node;
    return this.#merged(...parts.map((part) => this.#whole(part, root, depth + 1)), own);
  }

  #merged(...nodes: readonly Json[]): Json {
    const names = nodes.reduce((sum, node) => sum + namesIn(node), 0);
    this.#effort.spend(Math.floor(names / PROPERTIES_A_STEP));
    return merged(...nodes);
  }
}

/** Counts what merging a node copies. */
function namesIn({ properties, required }: Json): number {
  const declared = isObject(properties) ? Object.keys(properties).length : 0;
  return declared + (Array.isArray(required) ? required.length : 0);
}

/** Returns the definition that a node refers to, or the node if it has more than the reference. */
function named(node: Json, root: Json): Json {
  const { $ref, $defs: _, ...more } = node;
  const body = Object.keys(more).length === 0 ? definition($ref, root) : undefined;
  return isObject(body) ? body : node;
}

function definition(reference: unknown, root: Json): unknown {
  const name = typeof reference === "string"
    ? /^#\/\$defs\/(.+)$/s.exec(reference)?.[1]
    : undefined;
  return name === undefined ? undefined : memberOf(root.$defs, name);
}

/** Merges nodes into one that combines them all. */
function merged(...nodes: readonly Json[]): Json {
  return nodes.reduce((all, node) => ({
    ...all,
    ...node,
    ...(isObject(all.properties) && isObject(node.properties) &&
      { properties: { ...all.properties, ...node.properties } }),
    ...(Array.isArray(all.required) && Array.isArray(node.required) &&
      { required: [...all.required, ...node.required] }),
  }), {});
}

function namesOf(required: unknown): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

function typesOf(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type.slice(0, TYPES_MAX) : [type];
}

function acceptsType(consumer: unknown, producer: unknown): boolean {
  if (consumer === undefined || producer === undefined) return true;
  const offered = typesOf(producer);
  return typesOf(consumer).every((wanted) =>
    offered.includes(wanted) || (wanted === "number" && offered.includes("integer"))
  );
}
