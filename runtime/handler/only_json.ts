/**
 * Which schemas let nothing through but what JSON holds, so that a value they have checked needs no
 * second look.
 *
 * @module
 */
import type * as z from "zod";
import { isPlain } from "../base/json_form.ts";

/** Schemas that are looked at before it is given up: each look at a lazy one may give another. */
const LOOKS_MAX = 1_000;

/** The schemas that have been looked at, apart for where `undefined` would be lost. */
interface Looked {
  readonly alone: Set<z.core.$ZodType>;
  readonly inLists: Set<z.core.$ZodType>;
}

/**
 * Whether all that `schema` gives is written by `JSON.stringify` without a loss. It may say no for one
 * that does.
 */
export function givesOnlyJson(schema: z.core.$ZodType): boolean {
  return isSafe(schema, { alone: new Set(), inLists: new Set() }, false);
}

/** @param isInList Whether `undefined` would be lost. */
function isSafe(schema: z.core.$ZodType, looked: Looked, isInList: boolean): boolean {
  const { alone, inLists } = looked;
  const before = isInList ? inLists : alone;
  // One that is not safe ends the whole look, so this one is, or is being looked at further up.
  if (before.has(schema)) return true;
  before.add(schema);
  if (alone.size + inLists.size > LOOKS_MAX) return false;
  // The types of zod's classic schemas, of which each kind has its own definition.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // Their code may put another value in the place of the one they look at.
  const isRewritten = def.checks?.some(({ _zod: { def: { check } } }) =>
    check === "custom" || check === "overwrite"
  );
  if (isRewritten) return false;
  const all = (schemas: readonly z.core.$ZodType[], isInList = false) =>
    schemas.every((each) => isSafe(each, looked, isInList));
  switch (def.type) {
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "never":
    case "date":
    case "template_literal":
    case "success":
      return true;
    case "enum":
      return isPlain(Object.values(def.entries));
    case "literal":
      return isPlain(def.values);
    case "object":
      return all([...Object.values(def.shape), ...def.catchall ? [def.catchall] : []]);
    case "record":
      return all([def.valueType]);
    case "array":
      return all([def.element], true);
    case "tuple":
      return all([...def.items, ...def.rest ? [def.rest] : []], true);
    case "optional":
      return !isInList && all([def.innerType]);
    case "nullable":
    case "readonly":
    case "nonoptional":
      return all([def.innerType], isInList);
    case "union":
      return all(def.options, isInList);
    case "intersection":
      return all([def.left, def.right], isInList);
    case "pipe":
      return all([def.out], isInList);
    case "lazy":
      return all([def.getter()], isInList);
    default:
      return false;
  }
}
