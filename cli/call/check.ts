/**
 * Checks arguments against a tool's input schema before they are sent.
 *
 * @module
 */
import type { JsonObject } from "../../runtime/base/json.ts";
import { inLine } from "../../runtime/base/visible.ts";
import * as z from "zod";
import { asNumbers } from "../../runtime/base/exact_json.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { type CliError, usageError } from "../base/exit.ts";
import { alternatives, argumentNames, schemaAt, takesAnyName, typeText } from "./input_schema.ts";
import { shortened } from "../../runtime/base/cut_text.ts";

/** What {@linkcode checkArguments} needs. */
export interface CheckOptions {
  /** Name of the tool, for errors. */
  tool: string;
  /** Its input schema, as `tools/list` gives it. */
  schema: unknown;
  /** The arguments. */
  args: JsonObject;
  /** Names that were typed as `name=…`: one the tool does not know is a mistake. */
  typed: ReadonlySet<string>;
  /** How the user calls `meshctl`, for advice. */
  program: string;
}

/** Longest value that is shown in an error, in characters. */
const LONGEST_VALUE = 80;

/**
 * Checks the arguments.
 *
 * @returns Names in a JSON argument that the tool does not know and may ignore.
 * @throws {CliError} exit 2 with every argument that is missing, unknown or of the wrong type.
 */
export function checkArguments(
  { tool, schema, args: given, typed, program }: CheckOptions,
): string[] {
  // `asNumbers()` keeps the shape of an object.
  const args = asNumbers(given) as JsonObject;
  const known = argumentNames(schema);
  const closed = !takesAnyName(schema, schema);
  const unknown = closed
    ? Object.keys(args).filter((name) => !known.includes(name) && !name.startsWith("_"))
    : [];
  const isMistake = (name: string) => typed.has(name) || isStrict(schema);
  const mistakes = unknown.filter(isMistake);
  const problems = [
    ...mistakes.map((name) => unknownText(tool, name, known, args)),
    ...missingNames(schema, args).map((name) => missingText(schema, name)),
    ...schemaProblems(schema, args),
  ];
  if (problems.length > 0) throw refusal(tool, problems, program);
  return unknown.filter((name) => !isMistake(name));
}

/** The sentence about names that are sent although the tool does not list them. */
export function surplusText(tool: string, names: readonly string[], schema: unknown): string {
  const known = argumentNames(schema);
  const near = didYouMean(names[0] ?? "", known);
  const list = names.map((name) => `"${name}"`).join(", ");
  return `${tool} does not list ${list} among its arguments and may ignore ${
    names.length === 1 ? "it" : "them"
  }.${near === undefined ? "" : ` ${near}`}`;
}

function isStrict(schema: unknown): boolean {
  return schemaAt(schema, schema).additionalProperties === false;
}

function missingNames(schema: unknown, args: JsonObject): string[] {
  const { required = [] } = schemaAt(schema, schema);
  return required.filter((name) => !Object.hasOwn(args, name));
}

function missingText(schema: unknown, name: string): string {
  return `${name} is missing: ${typeText(schema, propertyAt(schema, [name]))}`;
}

function unknownText(tool: string, name: string, known: string[], args: JsonObject): string {
  const near = didYouMean(name, known.filter((each) => !Object.hasOwn(args, each)));
  const takes = known.length === 0 ? `${tool} takes no arguments` : `it takes ${known.join(", ")}`;
  return `${name} is no argument of ${tool}${near === undefined ? `; ${takes}` : `. ${near}`}`;
}

/** What the schema says against the values; nothing when the schema itself cannot be used. */
function schemaProblems(schema: unknown, args: JsonObject): string[] {
  const issues = issuesOf(schema, args);
  return issues.flatMap((issue) => {
    const path = issue.path.map((step) => typeof step === "symbol" ? String(step) : step);
    // Those of the top level have been told, with the nearest names.
    if (path.length === 0) return issue.code === "unrecognized_keys" ? [] : [issue.message];
    if (path.length === 1 && !Object.hasOwn(args, String(path[0]))) return [];
    return [problemText(schema, args, path, issue)];
  });
}

function issuesOf(schema: unknown, args: JsonObject): z.core.$ZodIssue[] {
  let compiled: z.ZodType;
  try {
    // It checks for itself what it is given and throws for a schema it cannot read.
    compiled = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    // The agent checks anyway.
    return [];
  }
  return compiled.safeParse(args).error?.issues ?? [];
}

function problemText(
  schema: unknown,
  args: JsonObject,
  path: (string | number)[],
  issue: z.core.$ZodIssue,
): string {
  const name = path.reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`,
    "",
  );
  if (issue.code === "unrecognized_keys") {
    return `${name} has ${issue.keys.map((key) => `"${key}"`).join(", ")}, which it does not take`;
  }
  const place = propertyAt(schema, path);
  const wanted = place === undefined ? issue.message : typeText(schema, place);
  const value = path.reduce<unknown>(stepInto, args);
  return value === undefined
    ? `${name} is missing: ${wanted}`
    : `${name} must be ${wanted}, not ${shown(value)}`;
}

function stepInto(holder: unknown, step: string | number): unknown {
  return typeof holder === "object" && holder !== null && Object.hasOwn(holder, step)
    // The line above shows that it has the member.
    ? (holder as Record<string | number, unknown>)[step]
    : undefined;
}

function propertyAt(schema: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((place, step) => {
    const ways = alternatives(schema, place);
    if (typeof step === "number") return ways.find(({ items }) => items !== undefined)?.items;
    const holder = ways.find(({ properties }) =>
      properties !== undefined && Object.hasOwn(properties, step)
    );
    return holder?.properties?.[step] ?? ways.find(hasOpenValues)?.additionalProperties;
  }, schema);
}

function hasOpenValues({ additionalProperties }: { additionalProperties?: unknown }): boolean {
  return typeof additionalProperties === "object" && additionalProperties !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return shortened(text, LONGEST_VALUE);
}

function refusal(tool: string, problems: string[], program: string): CliError {
  const [first = "", ...others] = problems;
  const message = others.length === 0
    ? inLine`${tool}: ${first}`
    : inLine`${tool}: ${problems.length} arguments do not fit:` +
      problems.map((problem) => inLine`\n  ${problem}`).join("");
  return usageError(
    message,
    inLine`\`${program} list --tools=${tool}\` shows what it takes; --check=false sends it as it is.`,
  );
}
