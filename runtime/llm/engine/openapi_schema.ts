/**
 * Schemas of tools with the keywords of OpenAPI 3.0 that Gemini reads. It knows no references, so these
 * are replaced by what they stand for, as far as that has room. Pure.
 *
 * @module
 */
import { asObject, isObject, type JsonObject } from "../../base/json.ts";
import { flat, resolved, texts } from "./schema_parts.ts";
import type { Traits } from "./vendors.ts";

/** Keywords that any schema may have (Gemini API reference, "Schema"). */
const ANY_TYPE = ["title", "description", "default", "nullable"];

/** Keywords that go with a type; beside another they are refused (anomalyco/opencode#11888). */
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  array: ["minItems", "maxItems"],
  string: ["minLength", "maxLength", "pattern"],
  number: ["minimum", "maximum"],
  integer: ["minimum", "maximum"],
  boolean: [],
  object: [],
};

/**
 * Formats that Gemini's own endpoint has taken ever since it reads tools
 * (google-gemini/gemini-cli#3178); newer documentation takes any.
 */
const FEW_FORMATS: Readonly<Record<string, readonly string[]>> = {
  string: ["enum", "date-time"],
  number: ["float", "double"],
  integer: ["int32", "int64"],
};

/** Deepest nesting that is sent. */
const DEEPEST = 12;
/** How deep is tried, until there is room. */
const DEPTHS = [DEEPEST, 9, 7, 6, 5, 4, 3, 2, 1];

/** Longest schema that may come of a shorter one, in characters of JSON. */
const ROOM_MIN = 48 * 1024;

/** How much longer than itself a schema may become, and up to which length. */
const GROWTH = 4;
const GROWN_MAX = 1024 * 1024;

/**
 * Returns a JSON Schema written with the keywords of OpenAPI 3.0. What has no counterpart is left out: the
 * tool still checks its arguments itself, and says what is wrong with them.
 *
 * Definitions that refer to each other have no end, and are many times longer written out: they are
 * followed as deep as there is room for.
 */
export function openApiSchema(schema: JsonObject, { toolFormats }: Pick<Traits, "toolFormats">) {
  const { length } = JSON.stringify(schema);
  const room = Math.max(ROOM_MIN, length, Math.min(length * GROWTH, GROWN_MAX));
  for (const deepest of DEPTHS) {
    const conversion = new Conversion(schema, toolFormats, deepest, room);
    const converted = conversion.whole();
    if (conversion.room >= 0) return converted;
  }
  // The names of the properties alone are no longer than the schema.
  return new Conversion(schema, toolFormats, 0, Infinity).whole();
}

class Conversion {
  /** Characters that are left; below none, what comes of it is of no use. */
  room: number;
  readonly #root: JsonObject;
  readonly #formats: Traits["toolFormats"];
  readonly #deepest: number;

  constructor(root: JsonObject, formats: Traits["toolFormats"], deepest: number, room: number) {
    this.#root = root;
    this.#formats = formats;
    this.#deepest = deepest;
    this.room = room;
  }

  whole(): JsonObject {
    return this.#converted(this.#root, [], 0);
  }

  /** @param path The references that led here. */
  #converted(given: unknown, path: readonly string[], depth: number): JsonObject {
    const { schema, references } = resolved(given, this.#root);
    const isAgain = references.some((reference) => path.includes(reference));
    if (isAgain || depth > this.#deepest || this.room < 0) return this.#spend(cut(schema));
    const inner = [...path, ...references];
    const whole = this.#conjoined(schema, inner);
    const types = typesOf(whole).filter((type) => type !== "null");
    const [type = isObject(whole["properties"]) ? "object" : undefined] = types;
    const isObjectLike = type === "object" && types.length < 2;
    if (isObjectLike) return this.#object(flat(whole, this.#root), inner, depth);
    const choice = whole["anyOf"] ?? whole["oneOf"];
    return Array.isArray(choice)
      ? this.#choice(whole, choice, inner, depth)
      : this.#plain(whole, inner, depth);
  }

  #object(schema: JsonObject, path: readonly string[], depth: number): JsonObject {
    const own = this.#spend({
      ...picked(schema, ANY_TYPE),
      type: "object",
      ...(typesOf(schema).includes("null") && { nullable: true }),
    });
    const properties = Object.entries(asObject(schema["properties"]))
      .map(([name, property]): [string, JsonObject] => {
        this.room -= name.length;
        return [name, this.#converted(property, path, depth + 1)];
      });
    const required = texts(schema["required"])
      .filter((wanted) => properties.some(([name]) => name === wanted));
    return {
      ...own,
      ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
      ...(required.length > 0 && { required }),
    };
  }

  /** A choice; one between something and null is that thing, nullable. */
  #choice(
    schema: JsonObject,
    ways: readonly unknown[],
    path: readonly string[],
    depth: number,
  ): JsonObject {
    const { anyOf: _, oneOf: __, ...around } = schema;
    const others = ways.filter((way) => !isNull(way));
    const isNullable = others.length < ways.length || around["nullable"] === true;
    const nullable = isNullable ? { nullable: true } : {};
    const [only] = others;
    if (only === undefined) {
      return this.#spend({ type: "string", ...picked(around, ANY_TYPE), ...nullable });
    }
    if (others.length === 1) {
      const { schema: target, references } = resolved(only, this.#root);
      if (references.some((reference) => path.includes(reference))) {
        return this.#spend({ ...cut({ ...target, ...around }), ...nullable });
      }
      return {
        ...this.#converted({ ...target, ...around }, [...path, ...references], depth),
        ...nullable,
      };
    }
    // Vertex AI takes nothing beside a choice, so what is said of all is said of each.
    const description = picked(around, ["description"]);
    return {
      anyOf: others.map((way) => ({
        ...description,
        ...this.#converted(way, path, depth + 1),
        ...nullable,
      })),
    };
  }

  #plain(schema: JsonObject, path: readonly string[], depth: number): JsonObject {
    const { enum: listed, const: fixed } = schema;
    const values = Array.isArray(listed) ? listed : fixed === undefined ? [] : [fixed];
    const types = typesOf(schema);
    const [type, ...more] = types.filter((type) => type !== "null");
    const isNullable = types.includes("null") || values.includes(null);
    if (more.length > 0) {
      const { type: _, ...rest } = schema;
      const ways = types.map((type) => ({ ...rest, type }));
      return this.#choice(picked(schema, ANY_TYPE), ways, path, depth);
    }
    const kinds = new Set(values.filter((value) => value !== null).map(kindOfValue));
    if (type === undefined && kinds.size > 1) {
      const ways = Array.from(kinds, (type) => ({
        type,
        enum: values.filter((value) => kindOfValue(value) === type),
      }));
      const none = isNullable ? [{ type: "null" }] : [];
      return this.#choice(picked(schema, ANY_TYPE), [...ways, ...none], path, depth);
    }
    const kind = type ?? kindOf(schema, values) ?? (isNullable ? "string" : undefined);
    if (kind === undefined) return this.#spend(anything(schema));
    const texts = values.filter((value) => value !== null && value !== "");
    const isEnumerated = kind === "string" && texts.length > 0 && texts.every(isText);
    return {
      ...this.#spend({
        ...picked(schema, [...ANY_TYPE, ...OF_TYPE[kind] ?? []]),
        type: kind,
        ...(this.#takes(kind, schema["format"]) && { format: schema["format"] }),
        ...(isEnumerated && { enum: texts }),
        ...(isNullable && { nullable: true }),
      }),
      ...(kind === "array" && { items: this.#items(schema, path, depth) }),
    };
  }

  #items({ items, prefixItems }: JsonObject, path: readonly string[], depth: number): JsonObject {
    const tuple = Array.isArray(items)
      ? items
      : Array.isArray(prefixItems)
      ? prefixItems
      : undefined;
    if (tuple === undefined) return this.#converted(items, path, depth + 1);
    return this.#converted(tuple.length === 0 ? {} : { anyOf: tuple }, path, depth + 1);
  }

  /** A schema with its `allOf` put together: what stands around it counts more. */
  #conjoined(schema: JsonObject, path: string[]): JsonObject {
    const parts = this.#partsOf(schema, path, 0);
    const whole: JsonObject = Object.assign({}, ...parts.toReversed());
    const isOfMembers = parts.length > 1 && parts.some(({ properties }) => isObject(properties));
    return isOfMembers ? { ...whole, ...flat({ allOf: parts }, this.#root) } : whole;
  }

  /** A schema without its `allOf`, and all that this has. */
  #partsOf({ allOf, ...own }: JsonObject, path: string[], depth: number): JsonObject[] {
    if (!Array.isArray(allOf) || depth > DEEPEST) return [own];
    const parts = allOf.flatMap((part) => {
      const { schema, references } = resolved(part, this.#root);
      if (references.some((reference) => path.includes(reference))) return [];
      path.push(...references);
      return this.#partsOf(schema, path, depth + 1);
    });
    return [own, ...parts];
  }

  #takes(type: string, format: unknown): boolean {
    if (typeof format !== "string") return false;
    return this.#formats === "any" || FEW_FORMATS[type]?.includes(format) === true;
  }

  #spend(written: JsonObject): JsonObject {
    this.room -= JSON.stringify(written).length;
    return written;
  }
}

/** Types of a value that may be anything; lists are beside them. */
const ANY = ["string", "number", "boolean", "object"].map((type): JsonObject => ({ type }));

/**
 * Returns the schema of a value that may be anything. It names types, because a schema without one is refused
 * (directus/mcp#8, CoplayDev/unity-mcp#572), and stands in the place of any member of a list.
 */
function anything(schema: JsonObject): JsonObject {
  // Vertex AI takes nothing beside a choice, so what is said of all is said of each.
  const said = picked(schema, ["description"]);
  const lists = { type: "array", items: { anyOf: ANY } };
  return { anyOf: [...ANY, lists].map((way) => ({ ...said, ...way })) };
}

/** Returns the rest of a schema that is not followed. */
function cut(schema: JsonObject): JsonObject {
  const types = typesOf(schema).filter((type) => type !== "null");
  const type = types[0] ?? kindOf(schema, []) ?? "object";
  return {
    type,
    ...picked(schema, ["description"]),
    ...(type === "array" && { items: { anyOf: ANY } }),
  };
}

/** The keywords of a schema that say something; of another type than the keyword's they say nothing. */
function picked(schema: JsonObject, keywords: readonly string[]): JsonObject {
  return Object.fromEntries(
    keywords.filter((keyword) => {
      const value = schema[keyword];
      if (value === undefined || value === null) return false;
      return !["title", "description", "pattern"].includes(keyword) || isText(value);
    }).map((keyword) => [keyword, schema[keyword]]),
  );
}

function typesOf({ type }: JsonObject): readonly string[] {
  return texts(Array.isArray(type) ? type : [type]).map((type) => type.toLowerCase());
}

/** The type of a schema that names none, by what else it says. */
function kindOf(schema: JsonObject, values: readonly unknown[]): string | undefined {
  const value = values.find((value) => value !== null);
  if (value !== undefined) return kindOfValue(value);
  if (isObject(schema["properties"]) || isObject(schema["additionalProperties"])) return "object";
  if (schema["items"] !== undefined || schema["prefixItems"] !== undefined) return "array";
  const has = (keyword: string) => schema[keyword] !== undefined;
  if (["pattern", "minLength", "maxLength", "format"].some(has)) return "string";
  return ["minimum", "maximum", "multipleOf"].some(has) ? "number" : undefined;
}

function kindOfValue(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return Array.isArray(value) ? "array" : typeof value;
}

function isNull(schema: unknown): boolean {
  return isObject(schema) && (schema["type"] === "null" || schema["const"] === null);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
