/**
 * Parts of a schema that no value can fit. Values reach a schema as JSON, as the text of a prompt's
 * arguments or as the text of a query: a schema of a `Date` or a `Map` refuses each of these, so every
 * call would fail.
 *
 * @module
 */
import type * as z from "zod";

/**
 * The form in which values reach a schema: JSON; text, as the arguments of a prompt; a query, whose
 * fields are texts or lists of texts.
 */
export type Carrier = "json" | "text" | "query";

/** A part of a schema that no value can fit. */
export interface Misfit {
  /** Its place in the value, such as `legs[].when`; empty for the whole. */
  readonly path: string;
  /** The schema, as people write it: `z.date()`. */
  readonly schema: string;
  /** The way to write it instead. */
  readonly advice: string;
  /** Whether it stands for an absent value, which is valid where the value is optional. */
  readonly isAbsence: boolean;
}

/** The way of a value through a schema. */
export interface Passage {
  readonly carrier: Carrier;
  /**
   * Whether the value comes from a handler and is sent as the schema leaves it. A schema that makes
   * JSON of a `Date` is then valid.
   */
  readonly isSent: boolean;
}

/** Alternatives to schemas of values that JSON does not have. */
const INSTEAD: Readonly<Record<string, readonly [read: string, sent: string]>> = {
  date: [
    "use z.iso.datetime(), or z.coerce.date() to get a Date",
    "use z.iso.datetime() and return date.toISOString()",
  ],
  bigint: [
    "use z.string(), or z.coerce.bigint() to get a bigint",
    "use z.string() and return String(value)",
  ],
  map: ["use z.record(…)", "use z.record(…) and return Object.fromEntries(map)"],
  set: ["use z.array(…)", "use z.array(…) and return [...set]"],
  symbol: ["use z.string() or z.enum([…])", "use z.string() or z.enum([…])"],
  function: ["leave it out: code is not sent", "leave it out: code is not sent"],
  file: ["use z.base64()", "use z.base64() and return the bytes as text"],
  promise: ["use the schema of its result", "use the schema of its result"],
  nan: ["use z.number().nullable()", "use z.number().nullable()"],
};
/** Schemas of absent values. */
const ABSENCE = new Set(["undefined", "void", "never"]);
/** Alternatives to schemas of values that text is not. */
const TEXT_INSTEAD: Readonly<Record<string, string>> = {
  number: "use z.coerce.number()",
  boolean: "use z.stringbool()",
  null: "use z.string()",
  literal: 'use texts, such as z.literal("1")',
  enum: 'use texts, such as z.enum(["1"])',
  object: "use z.string()",
  record: "use z.string()",
  array: "use z.string()",
  tuple: "use z.string()",
};

/** Returns every part of a schema that no value can fit. */
export function misfits(schema: z.core.$ZodType, passage: Passage): Misfit[] {
  return new Walk(passage).of(schema, "", passage.carrier);
}

class Walk {
  readonly #isSent: boolean;
  /** Schemas under inspection or without a misfit: recursive schemas lead back to them. */
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
    // A misfit is reported in every place of its schema.
    if (found.length > 0) this.#seen.delete(key);
    return found;
  }

  #look(schema: z.core.$ZodType, path: string, carrier: Carrier): Misfit[] {
    // The union of all schemas of zod.
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
        return within(def.innerType).filter((misfit) => !misfit.isAbsence || misfit.path !== path);
      case "readonly":
      case "nonoptional":
        return within(def.innerType);
      case "object":
        return [
          ...Object.entries(def.shape).flatMap(([name, inner]) =>
            within(inner, path === "" ? name : `.${name}`)
          ),
          ...def.catchall === undefined ? [] : present(within(def.catchall, ".*")),
        ];
      case "record":
        return present(within(def.valueType, path === "" ? "*" : ".*"));
      case "array":
        return present(within(def.element, "[]", carrier === "json" ? "json" : "text"));
      case "tuple":
        return [
          ...def.items.flatMap((item, index) => within(item, `[${index}]`)),
          ...def.rest ? present(within(def.rest, "[]")) : [],
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
        return def.type in INSTEAD || ABSENCE.has(def.type) ? [this.#misfit(path, def.type)] : [];
    }
  }

  #misfit(path: string, type: string): Misfit {
    const isAbsence = ABSENCE.has(type);
    const [read, sent] = INSTEAD[type] ?? ["leave it out", "leave it out"];
    return { path, schema: `z.${type}()`, advice: this.#isSent ? sent : read, isAbsence };
  }

  /** Returns the misfit of a schema that refuses every text, such as that of a number. */
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
      advice,
      isAbsence: false,
    };
  }

  /** Accepts a union with an option that values fit, unless that option is `null` alone. */
  #union(def: z.core.$ZodUnionDef, path: string, carrier: Carrier): Misfit[] {
    const found = def.options.map((option) => this.of(option, path, carrier));
    const all = found.flat();
    // The tag of a value chooses one option, so that each of them has to be possible.
    if ("discriminator" in def) return all;
    const isPossible = def.options.some((option, index) =>
      found[index]?.length === 0 && typeOf(option) !== "null"
    );
    if (isPossible) return [];
    const others = all.filter(({ isAbsence }) => !isAbsence);
    const mayBeNull = def.options.some((option) => typeOf(option) === "null");
    return others.length > 0 || mayBeNull ? others : all.slice(0, 1);
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
      // The schema refers to one that is declared further down in its module.
      return [];
    }
    return this.of(schema, path, carrier);
  }
}

function typeOf(schema: z.core.$ZodType): string {
  return schema._zod.def.type;
}

/** Leaves out absences: a list or a record may be empty. */
function present(found: readonly Misfit[]): Misfit[] {
  return found.filter(({ isAbsence }) => !isAbsence);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** Returns the misfit of `z.instanceof()`: values read from JSON are plain objects and arrays. */
function foreignClass(schema: z.core.$ZodType, path: string): Misfit[] {
  const type = (schema._zod.bag as { readonly Class?: unknown }).Class;
  if (typeof type !== "function" || type === Object || type === Array) return [];
  return [{
    path,
    schema: `z.instanceof(${type.name})`,
    advice: "use a schema of its data, such as z.object({ … }) or z.base64()",
    isAbsence: false,
  }];
}
