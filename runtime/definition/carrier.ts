/**
 * What a schema asks for that cannot arrive. Values come to agents and to their consumers as JSON, as
 * the text of a prompt's arguments, or as the text of a query: a schema of a `Date` or a `Map` takes
 * none of these, however often it is tried.
 *
 * @module
 */
import type * as z from "zod";

/**
 * What values come in: JSON; text, as the arguments of a prompt; a query, whose fields are texts or
 * lists of them.
 */
export type Carrier = "json" | "text" | "query";

/** A part of a schema that takes nothing that can arrive. */
export interface Misfit {
  /** Where in the value, such as `legs[].when`; empty for the whole. */
  readonly path: string;
  /** The schema, as people write it: `z.date()`. */
  readonly schema: string;
  /** What to write instead. */
  readonly advice: string;
  /** Whether it takes nothing at all, so that it is well where nothing has to be. */
  readonly isNothing: boolean;
}

/** What a value goes through. */
export interface Passage {
  readonly carrier: Carrier;
  /**
   * Whether the value is sent on as the schema leaves it: then a schema will do that takes what cannot
   * arrive and makes JSON of it.
   */
  readonly isSent: boolean;
}

/** What to write instead of a schema of something that JSON does not have. */
const INSTEAD: Readonly<Record<string, readonly [read: string, sent: string]>> = {
  date: [
    "use z.iso.datetime(), or z.coerce.date() for a Date made of it",
    "use z.iso.datetime() and return date.toISOString()",
  ],
  bigint: [
    "use z.string(), or z.coerce.bigint() for a bigint made of it",
    "use z.string() and return it as text",
  ],
  map: ["use z.record(…)", "use z.record(…) and return Object.fromEntries(map)"],
  set: ["use z.array(…)", "use z.array(…) and return [...set]"],
  symbol: ["use z.string() or z.enum([…])", "use z.string() or z.enum([…])"],
  function: ["leave it out: code is not sent", "leave it out: code is not sent"],
  file: ["use z.base64()", "use z.base64() and return the bytes as text"],
  promise: ["use the schema of what it resolves with", "use the schema of what it resolves with"],
  nan: ["use z.number().nullable()", "use z.number().nullable()"],
};
/** Schemas of nothing. */
const NOTHING = new Set(["undefined", "void", "never"]);
/** What to write instead of a schema of what text is not. */
const TEXT_INSTEAD: Readonly<Record<string, string>> = {
  number: "use z.coerce.number()",
  boolean: "use z.stringbool()",
  null: "use z.string()",
  literal: "use texts",
  enum: "use texts",
  object: "use z.string()",
  record: "use z.string()",
  array: "use z.string()",
  tuple: "use z.string()",
};

/** Every part of a schema that takes nothing that can arrive; none when the schema is well. */
export function misfits(schema: z.core.$ZodType, passage: Passage): Misfit[] {
  return new Walk(passage).of(schema, "", passage.carrier);
}

class Walk {
  readonly #isSent: boolean;
  /** Schemas that are being looked at, or were found to be well: recursive ones come again. */
  readonly #seen = new Set<string>();
  readonly #ids = new Map<z.core.$ZodType, number>();

  constructor({ isSent }: Passage) {
    this.#isSent = isSent;
  }

  of(schema: z.core.$ZodType, path: string, carrier: Carrier): Misfit[] {
    const id = this.#ids.get(schema) ?? this.#ids.size;
    this.#ids.set(schema, id);
    const key = `${carrier} ${id}`;
    if (this.#seen.has(key)) return [];
    this.#seen.add(key);
    const found = this.#look(schema, path, carrier);
    // One that is not well is told of wherever it stands.
    if (found.length > 0) this.#seen.delete(key);
    return found;
  }

  #look(schema: z.core.$ZodType, path: string, carrier: Carrier): Misfit[] {
    // Every schema of zod is one of these.
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const within = (inner: z.core.$ZodType, step = "", of = carrier) =>
      this.of(inner, path + step, of);
    if ("coerce" in def && def.coerce === true) return [];
    const text = carrier === "json" ? undefined : this.#textMisfit(def, path, carrier);
    if (text !== undefined) return [text];
    switch (def.type) {
      case "optional":
      case "nullable":
      case "default":
      case "prefault":
        return within(def.innerType).filter((misfit) => !misfit.isNothing || misfit.path !== path);
      case "readonly":
      case "nonoptional":
        return within(def.innerType);
      case "object":
        return [
          ...Object.entries(def.shape).flatMap(([name, inner]) =>
            within(inner, path === "" ? name : `.${name}`)
          ),
          ...def.catchall === undefined ? [] : sendable(within(def.catchall, ".*")),
        ];
      case "record":
        return sendable(within(def.valueType, path === "" ? "*" : ".*"));
      case "array":
        return sendable(within(def.element, "[]", carrier === "json" ? "json" : "text"));
      case "tuple":
        return [
          ...def.items.flatMap((item, index) => within(item, `[${index}]`)),
          ...def.rest ? sendable(within(def.rest, "[]")) : [],
        ];
      case "union":
        return this.#union(def, path, carrier);
      case "intersection":
        return [...within(def.left), ...within(def.right)];
      case "pipe":
        return this.#pipe(def, path, carrier);
      case "lazy":
        return this.#lazy(def.getter, path, carrier);
      case "literal":
        return def.values.some((value) => typeof value !== "bigint" && value !== undefined)
          ? []
          : [this.#misfit(path, def.values[0] === undefined ? "undefined" : "bigint")];
      case "custom":
        return foreignClass(schema, path);
      default:
        return def.type in INSTEAD || NOTHING.has(def.type) ? [this.#misfit(path, def.type)] : [];
    }
  }

  #misfit(path: string, type: string): Misfit {
    const isNothing = NOTHING.has(type);
    const [read, sent] = INSTEAD[type] ?? ["leave it out", "leave it out"];
    return { path, schema: `z.${type}()`, advice: this.#isSent ? sent : read, isNothing };
  }

  /** Text is no number, whatever is written in it. */
  #textMisfit(def: z.core.$ZodTypes["_zod"]["def"], path: string, carrier: Carrier) {
    const advice = TEXT_INSTEAD[def.type];
    const isRoot = path === "" && def.type === "object";
    const isList = carrier === "query" && def.type === "array";
    if (advice === undefined || isRoot || isList) return undefined;
    if (def.type === "literal" && def.values.some(isText)) return undefined;
    if (def.type === "enum" && Object.values(def.entries).some(isText)) return undefined;
    return {
      path,
      schema: `z.${def.type}()`,
      advice: `${advice}, as it comes as text`,
      isNothing: false,
    };
  }

  /** One option that can arrive will do, unless all that arrives is that nothing does. */
  #union(def: z.core.$ZodUnionDef, path: string, carrier: Carrier): Misfit[] {
    const found = def.options.map((option) => this.of(option, path, carrier));
    const all = found.flat();
    // Each option of these is chosen by its tag, and is there to be chosen.
    if ("discriminator" in def) return all;
    const isWell = def.options.some((option, index) =>
      found[index]?.length === 0 && typeOf(option) !== "null"
    );
    if (isWell) return [];
    const something = all.filter(({ isNothing }) => !isNothing);
    const isEmpty = def.options.some((option) => typeOf(option) === "null");
    return something.length > 0 || isEmpty ? something : all.slice(0, 1);
  }

  #pipe(def: z.core.$ZodPipeDef, path: string, carrier: Carrier): Misfit[] {
    const read = this.of(def.in, path, carrier);
    return read.length > 0 && this.#isSent && this.of(def.out, path, carrier).length === 0
      ? []
      : read;
  }

  #lazy(getter: () => z.core.$ZodType, path: string, carrier: Carrier): Misfit[] {
    let schema: z.core.$ZodType;
    try {
      schema = getter();
    } catch {
      // It refers to a schema that is declared further down.
      return [];
    }
    return this.of(schema, path, carrier);
  }
}

function typeOf(schema: z.core.$ZodType): string {
  return schema._zod.def.type;
}

/** What a list or a record must not have; it may have nothing in it. */
function sendable(found: readonly Misfit[]): Misfit[] {
  return found.filter(({ isNothing }) => !isNothing);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** A schema of a class: what is read from JSON is an object or an array, and of no other class. */
function foreignClass(schema: z.core.$ZodType, path: string): Misfit[] {
  const type = (schema._zod.bag as { readonly Class?: unknown }).Class;
  if (typeof type !== "function" || type === Object || type === Array) return [];
  return [{
    path,
    schema: `z.instanceof(${type.name})`,
    advice: "use the schema of what it is made of, such as z.object({ … }) or z.base64()",
    isNothing: false,
  }];
}
