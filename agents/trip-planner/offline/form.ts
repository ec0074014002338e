/**
 * A value that fits a JSON Schema, filled in from a conversation: real amounts, names, lines and days
 * of the plan where the schema leaves a choice, and plain defaults where it does not. Pure.
 *
 * @module
 */
import type { Excerpts } from "./excerpts.ts";
import type { Facts } from "./facts.ts";
import { fittingNumber, fittingText } from "./fitting.ts";
import { Source } from "./source.ts";

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** Deeper than this only what must be there is filled in: a schema may refer to itself. */
const DEEPEST = 6;
/** Members of a list that may be of any length. */
const USUAL_LENGTH = 3;

/** Fills in a form. */
export function fillIn(schema: Schema, facts: Facts, excerpts: Excerpts): unknown {
  const form = new Form(schema, new Source(facts, excerpts));
  return form.value(schema, [], 0);
}

class Form {
  readonly #root: Schema;
  readonly #source: Source;

  constructor(root: Schema, source: Source) {
    this.#root = root;
    this.#source = source;
  }

  /**
   * A value for a schema.
   *
   * @param path Names of the properties and numbers of the members on the way to it.
   */
  value(given: Schema, path: readonly (string | number)[], depth: number): unknown {
    const schema = this.#resolved(given, depth);
    if ("const" in schema) return schema["const"];
    const { enum: members, anyOf, oneOf } = schema;
    if (Array.isArray(members)) return this.#source.choice(members);
    const choices = anyOf ?? oneOf;
    if (Array.isArray(choices)) return this.value(this.#chosen(choices, depth), path, depth + 1);
    switch (typeOf(schema)) {
      case "object":
        return this.#object(schema, path, depth);
      case "array":
        return this.#array(schema, path, depth);
      case "string":
        return fittingText(schema, this.#source.texts(path));
      case "number":
      case "integer":
        return fittingNumber(schema, this.#source.numbers(path));
      case "boolean":
        return false;
      case "null":
        return null;
      default:
        // Anything fits.
        return this.#source.texts(path)[0] ?? null;
    }
  }

  #object(schema: Schema, path: readonly (string | number)[], depth: number): unknown {
    const properties = record(schema["properties"]);
    const required = new Set(stringsOf(schema["required"]));
    const named = Object.entries(properties).filter(([name, property]) =>
      required.has(name) || (depth < DEEPEST && !isNever(record(property)))
    );
    const value = Object.fromEntries(
      named.map(([name, property]) => [
        name,
        this.value(record(property), [...path, name], depth + 1),
      ]),
    );
    const open = record(schema["additionalProperties"]);
    for (const name of required) {
      if (!Object.hasOwn(value, name)) value[name] = this.value(open, [...path, name], depth + 1);
    }
    return this.#withMore(schema, value, open, path, depth);
  }

  /** Adds what an object must have and nobody named. */
  #withMore(
    schema: Schema,
    value: Record<string, unknown>,
    open: Schema,
    path: readonly (string | number)[],
    depth: number,
  ): Record<string, unknown> {
    const { minProperties } = schema;
    if (typeof minProperties !== "number") return value;
    const names = record(schema["propertyNames"]);
    for (let index = 0; Object.keys(value).length < minProperties && index < 100; index++) {
      const name = fittingText(names, [`item_${index + 1}`, `item${index + 1}`]);
      value[name] = this.value(open, [...path, name], depth + 1);
    }
    return value;
  }

  #array(schema: Schema, path: readonly (string | number)[], depth: number): unknown[] {
    const { prefixItems, items, minItems = 0, maxItems = Infinity } = schema;
    const prefix = Array.isArray(prefixItems) ? prefixItems : [];
    const list = prefix.map((item, index) => this.value(record(item), [...path, index], depth + 1));
    if (items === false) return list;
    const usual = prefix.length > 0 || depth >= DEEPEST ? 0 : this.#source.length(path);
    const wanted = Math.max(Number(minItems), Math.min(usual ?? USUAL_LENGTH, Number(maxItems)));
    for (let index = list.length; index < wanted; index++) {
      list.push(this.value(record(items), [...path, index], depth + 1));
    }
    return schema["uniqueItems"] === true ? unique(list) : list;
  }

  /** The alternative to take: something rather than nothing, unless it goes too deep. */
  #chosen(choices: readonly unknown[], depth: number): Schema {
    const schemas = choices.map(record);
    const isNull = (schema: Schema) => schema["type"] === "null";
    const simple = schemas.filter((schema) => !("$ref" in schema));
    if (depth >= DEEPEST) return simple.find(isNull) ?? simple[0] ?? schemas[0] ?? {};
    return schemas.find((schema) => !isNull(schema)) ?? schemas[0] ?? {};
  }

  /** A schema with its references followed and its `allOf` taken together. */
  #resolved(schema: Schema, depth: number): Schema {
    const { $ref, allOf, ...own } = schema;
    let resolved: Schema = own;
    if (typeof $ref === "string" && depth < 4 * DEEPEST) {
      resolved = merged(this.#resolved(record(this.#at($ref)), depth + 1), own);
    }
    for (const part of Array.isArray(allOf) ? allOf : []) {
      resolved = merged(resolved, this.#resolved(record(part), depth + 1));
    }
    return resolved;
  }

  #at(reference: string): unknown {
    if (!reference.startsWith("#")) return {};
    return reference.split("/").slice(1).reduce<unknown>(
      (at, key) => record(at)[key.replaceAll("~1", "/").replaceAll("~0", "~")],
      this.#root,
    );
  }
}

/** Two schemas that both hold. */
function merged(one: Schema, other: Schema): Schema {
  const both: Record<string, unknown> = { ...one, ...other };
  const of = (key: string) => [one[key], other[key]].filter((value) => value !== undefined);
  if (of("properties").length > 1) {
    both["properties"] = { ...record(one["properties"]), ...record(other["properties"]) };
  }
  if (of("required").length > 1) {
    both["required"] = [...stringsOf(one["required"]), ...stringsOf(other["required"])];
  }
  for (const [key, pick] of LIMITS) {
    const limits = of(key).filter((value) => typeof value === "number");
    if (limits.length > 1) both[key] = pick(...limits);
  }
  return both;
}

const LIMITS: readonly [key: string, pick: (...limits: number[]) => number][] = [
  ["minimum", Math.max],
  ["exclusiveMinimum", Math.max],
  ["minLength", Math.max],
  ["minItems", Math.max],
  ["maximum", Math.min],
  ["exclusiveMaximum", Math.min],
  ["maxLength", Math.min],
  ["maxItems", Math.min],
];

/** The type of a value to make; of several, the first that is not null. */
function typeOf({ type, properties, items, prefixItems }: Schema): unknown {
  if (Array.isArray(type)) return type.find((one) => one !== "null") ?? "null";
  if (type !== undefined) return type;
  if (properties !== undefined) return "object";
  return items === undefined && prefixItems === undefined ? undefined : "array";
}

/** A schema that nothing fits; zod writes `never` so. */
function isNever({ not }: Schema): boolean {
  return not !== undefined && Object.keys(record(not)).length === 0;
}

function unique(list: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return list.filter((item) => {
    const text = JSON.stringify(item);
    return !seen.has(text) && seen.add(text);
  });
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
