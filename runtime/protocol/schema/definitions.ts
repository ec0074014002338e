/**
 * Named definitions of a JSON Schema: which of them lead back to themselves, and a schema with all
 * others written out where they are referred to.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** Whether a value is a JSON object. */
export function isJson(value: unknown): value is Json {
  return isObject(value) &&
    // A number that remembers how it was written is no object of the schema.
    Object.getPrototypeOf(value) === Object.prototype;
}

/** A schema without definitions of its own, and the bodies of the recursive ones. */
export interface Inlined {
  readonly schema: unknown;
  /** By name; references between them read `#/$defs/<name>`. */
  readonly recursive: ReadonlyMap<string, unknown>;
  /** References that could not be followed, in plain words. */
  readonly warnings: readonly string[];
}

const REFERENCE = /^#\/(?:\$defs|definitions)\/(.*)$/s;

/** Limits of a schema with its references written out. */
export interface SchemaLimits {
  /** Most values of any kind. */
  readonly nodes: number;
  /** Deepest nesting. */
  readonly depth: number;
  /** Most definitions. */
  readonly definitions: number;
}

/** Thrown for a schema that goes beyond its limits. */
export class SchemaTooLarge extends Error {
  override readonly name = "SchemaTooLarge";
}

const UNLIMITED: SchemaLimits = { nodes: Infinity, depth: Infinity, definitions: Infinity };

/**
 * Writes out every reference to a definition that does not lead back to itself.
 *
 * @throws {SchemaTooLarge} When that takes more than `limits` allow.
 */
export function inlined(schema: Json, limits: SchemaLimits = UNLIMITED): Inlined {
  const definitions = new Map<string, unknown>();
  for (const key of ["$defs", "definitions"]) {
    const found = schema[key];
    if (isJson(found)) Object.entries(found).forEach(([name, body]) => definitions.set(name, body));
  }
  if (definitions.size > limits.definitions) throw new SchemaTooLarge();
  const cyclic = leadingToCycles(definitions);
  const warnings: string[] = [];
  let nodes = 0;
  const follow = (value: unknown, depth: number): unknown => {
    nodes += 1;
    if (nodes > limits.nodes || depth > limits.depth) throw new SchemaTooLarge();
    const deeper = (member: unknown) => follow(member, depth + 1);
    if (Array.isArray(value)) return value.map(deeper);
    if (!isJson(value)) return value;
    const { $ref, ...others } = value;
    const siblings = mapEntries(others, deeper);
    if (typeof $ref !== "string") {
      return $ref === undefined ? siblings : { $ref: deeper($ref), ...siblings };
    }
    const name = REFERENCE.exec($ref)?.[1];
    if (name !== undefined && cyclic.has(name)) return { $ref: `#/$defs/${name}`, ...siblings };
    if (name !== undefined && definitions.has(name)) {
      const body = deeper(definitions.get(name));
      return isJson(body) ? { ...body, ...siblings } : siblings;
    }
    if (!$ref.startsWith("#")) {
      warnings.push(`reference ${$ref} leads outside the schema and is kept`);
      return { $ref, ...siblings };
    }
    warnings.push(`reference ${$ref} leads nowhere and accepts anything`);
    return siblings;
  };
  const { $defs: _, definitions: __, ...root } = schema;
  const recursive = new Map([...cyclic].map((name) => [name, follow(definitions.get(name), 0)]));
  return { schema: follow(root, 0), recursive, warnings: [...new Set(warnings)] };
}

/** Tells whether a schema is within `limits` before its references are written out. */
export function isWithin(schema: Json, limits: SchemaLimits): boolean {
  let nodes = 0;
  let level: unknown[] = [schema];
  for (let depth = 0; level.length > 0; depth++) {
    nodes += level.length;
    if (nodes > limits.nodes || depth > limits.depth) return false;
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values(value) : []
    );
  }
  return true;
}

/** An object with every value replaced; `__proto__` stays an ordinary key. */
export function mapEntries(object: Json, replace: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, replace(value, key)]),
  );
}

/** The definitions from which a reference leads back to themselves, or to one that does. */
function leadingToCycles(definitions: ReadonlyMap<string, unknown>): Set<string> {
  const next = new Map([...definitions].map(([name, body]) => [name, referred(body, definitions)]));
  const reachable = (start: string): Set<string> => {
    const reached = new Set(next.get(start));
    for (const name of reached) next.get(name)?.forEach((further) => reached.add(further));
    return reached;
  };
  const all = new Map([...definitions.keys()].map((name) => [name, reachable(name)]));
  const loops = new Set(
    [...all].filter(([name, reached]) => reached.has(name)).map(([name]) => name),
  );
  return new Set(
    [...all].filter(([name, reached]) => loops.has(name) || !reached.isDisjointFrom(loops))
      .map(([name]) => name),
  );
}

function referred(value: unknown, definitions: ReadonlyMap<string, unknown>): Set<string> {
  const names = new Set<string>();
  const look = (inner: unknown): void => {
    if (Array.isArray(inner)) return inner.forEach(look);
    if (!isJson(inner)) return;
    const name = typeof inner.$ref === "string" ? REFERENCE.exec(inner.$ref)?.[1] : undefined;
    if (name !== undefined && definitions.has(name)) names.add(name);
    Object.values(inner).forEach(look);
  };
  look(value);
  return names;
}
