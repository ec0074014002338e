/**
 * Arguments for a tool, inferred from its schema and what the conversation says. Pure.
 *
 * @module
 */
import type { ChatTool } from "mesh";
import type { Facts } from "./facts.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What an argument means, by its name, and where its value comes from. The first that fits counts. */
const MEANINGS: readonly [name: RegExp, value: (facts: Facts) => unknown][] = [
  [/check_?in|^start|start$|start_?date|^(from|begin)_?date|depart(ure)?_?(date|day)/i, firstDay],
  [/check_?out|^end|end$|end_?date|^(to|until)_?date|return_?(date|day)/i, lastDay],
  [/^dates?$|^days?$|_dates?$|^when$|^day$/i, whenOf],
  [/origin|^from$|from_?city|departure|^source/i, ({ origin }) => origin ?? "your city"],
  [
    /dest|^to$|to_?city|location|city|place|where|region|country|area/i,
    (facts) => facts.destination,
  ],
  [/budget|max_?(price|cost)|price_?(limit|max)/i, ({ budget }) => budget],
  [/stars|rating/i, ({ minimumStars }) => minimumStars],
  [/guests|people|adults|travell?ers|passengers|persons/i, ({ travellers }) => travellers ?? 1],
  [/nights|duration/i, nights],
  [/interests?|categor(y|ies)|tags|topics/i, ({ interests }) => interests],
  [/^user(_?id)?$/i, () => "demo-user"],
  [
    /query|question|prompt|message|text|^q$|topic|input|keyword|request/i,
    ({ question }) => question,
  ],
];

function firstDay({ dates, datesText }: Facts): string {
  return dates?.start ?? datesText ?? "soon";
}

function lastDay({ dates, datesText }: Facts): string {
  return dates?.end ?? datesText ?? "soon";
}

function whenOf(facts: Facts): string {
  return firstDay(facts);
}

function nights({ dates }: Facts): number | undefined {
  if (dates === undefined) return undefined;
  return Math.max(1, Math.round((Date.parse(dates.end) - Date.parse(dates.start)) / 86_400_000));
}

/**
 * The arguments to call a tool with; `undefined` when it needs something nobody has said. Optional
 * arguments that nobody spoke of are left out.
 */
export function inferArguments(
  { function: { parameters } }: ChatTool,
  facts: Facts,
): Record<string, unknown> | undefined {
  const properties = record(parameters["properties"]);
  const required = Array.isArray(parameters["required"]) ? parameters["required"] : [];
  const args: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const value = inferValue(name, record(schema), facts);
    if (value !== undefined) args[name] = value;
    else if (required.includes(name)) return undefined;
  }
  return required.every((name) => Object.hasOwn(args, String(name))) ? args : undefined;
}

function inferValue(name: string, schema: Schema, facts: Facts): unknown {
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return mentioned(schema["enum"], facts) ?? schema["enum"][0];
  const [, meaning] = MEANINGS.find(([pattern]) => pattern.test(name)) ?? [];
  const value = meaning?.(facts);
  if (value === undefined) return undefined;
  return typesOf(schema).map((type) => asType(type, value)).find((one) => one !== undefined);
}

/** The member of an enumeration that the conversation names. */
function mentioned(members: readonly unknown[], { text }: Facts): unknown {
  const said = text.toLowerCase();
  return members.find((member) =>
    typeof member === "string" && member !== "" && said.includes(member.toLowerCase())
  );
}

/** The types a value may have. */
function typesOf(schema: Schema): readonly unknown[] {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return anyOf.flatMap((one) => typesOf(record(one)));
  return Array.isArray(type) ? type : [type ?? "string"];
}

/** A value in the form a type wants; `undefined` when it has none. */
function asType(type: unknown, value: unknown): unknown {
  switch (type) {
    case "string":
      return Array.isArray(value) ? value.join(", ") || undefined : String(value);
    case "number":
    case "integer": {
      const number = typeof value === "number" ? value : Number.NaN;
      return Number.isNaN(number) ? undefined : type === "integer" ? Math.round(number) : number;
    }
    case "array": {
      const list = Array.isArray(value) ? value : [value];
      return list.length === 0 ? undefined : list;
    }
    default:
      return undefined;
  }
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
