/**
 * From the texts a user typed to arguments of the types a tool's schema wants.
 *
 * @module
 */
import { parseExact } from "../../runtime/base/exact_json.ts";
import type { GivenArgument } from "./argument_word.ts";
import { alternatives, type InputSchema, schemaAt } from "./input_schema.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";

/**
 * Puts arguments together; later ones win, except that a key whose argument is an array collects
 * the texts given for it. A text that cannot be of the wanted type stays a text, for the check to
 * tell.
 *
 * @param schema Input schema of the tool; `undefined` leaves every text a text.
 */
export function composeArguments(
  given: readonly GivenArgument[],
  schema: unknown,
): JsonObject {
  const args: JsonObject = {};
  const collected = new Set<string>();
  for (const one of given) {
    if (one.kind === "object") {
      for (const [key, value] of Object.entries(one.value)) define(args, key, value);
      continue;
    }
    const path = argumentPath(schema, one.key);
    if (one.kind === "json") {
      setAt(args, path, one.value);
      continue;
    }
    const place = schemaOf(schema, path);
    const before = collected.has(one.key) ? valueAt(args, path) : undefined;
    const value = coerceText(schema, place, one.text);
    const item = Array.isArray(value) && itemsOf(schema, place) !== undefined;
    setAt(args, path, item && Array.isArray(before) ? [...before, ...value] : value);
    collected.add(one.key);
  }
  return args;
}

/** `a.b` is a member of `a` unless the tool has an argument of just that name. */
function argumentPath(schema: unknown, key: string): string[] {
  const { properties = {} } = schemaAt(schema, schema);
  if (Object.hasOwn(properties, key)) return [key];
  const steps = key.split(".");
  return Object.hasOwn(properties, steps[0] ?? "") ? steps : [key];
}

function schemaOf(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((place, step) => {
    const holder = alternatives(root, place).find(({ properties }) =>
      properties !== undefined && Object.hasOwn(properties, step)
    );
    return holder?.properties?.[step];
  }, root);
}

/** The schema of the items, when a value may be an array. */
function itemsOf(root: unknown, schema: unknown): { items: unknown } | undefined {
  const array = alternatives(root, schema).find(({ type }) => type === "array");
  return array === undefined ? undefined : { items: array.items };
}

/** A text as the type its schema wants, or as it is. */
function coerceText(root: unknown, schema: unknown, text: string): unknown {
  const ways = alternatives(root, schema);
  const literal = ways.flatMap(({ enum: values, const: value }) => values ?? [value])
    .find((value) => value !== undefined && (value === text || JSON.stringify(value) === text));
  if (literal !== undefined) return literal;
  for (const way of ways) {
    const value = asType(root, way, text);
    if (value !== undefined) return value;
  }
  return text;
}

/** `undefined` when the text is not of the type. */
function asType(root: unknown, schema: InputSchema, text: string): unknown {
  switch (schema.type) {
    case "number":
    case "integer":
      return numberOf(text);
    case "string":
      return text;
    case "boolean":
      return BOOLEANS.get(text.toLowerCase());
    case "null":
      return text === "null" ? null : undefined;
    case "object":
      return text.startsWith("{") ? parsed(text) : undefined;
    case "array": {
      const whole = text.startsWith("[") ? parsed(text) : undefined;
      return Array.isArray(whole) ? whole : [coerceText(root, schema.items, text)];
    }
    default:
      return undefined;
  }
}

const BOOLEANS = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

/** Reads a number, which is carried as text where JavaScript does not hold all its digits. */
function numberOf(text: string): unknown {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return parsed(text) ?? Number(text);
}

function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

function valueAt(args: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>((place, step) => isObject(place) ? place[step] : undefined, args);
}

function setAt(args: JsonObject, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? "";
  let holder = args;
  for (const step of path.slice(0, -1)) {
    const inner = Object.hasOwn(holder, step) ? holder[step] : undefined;
    // A copy: what a JSON argument holds is not this function's to change.
    const next = isObject(inner) ? { ...inner } : {};
    define(holder, step, next);
    holder = next;
  }
  define(holder, last, value);
}

/** Sets a member whatever its name is, `__proto__` included. */
function define(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
