/**
 * Completes a line of the shell: words of its own, tools, names of arguments and their values.
 *
 * @module
 */
import { alternatives, argumentNames, schemaAt } from "../call/input_schema.ts";
import { OWN_WORDS, PASSED_ON } from "./shell_line.ts";

/** What completion asks the mesh. */
export interface CompletionSource {
  /** Tools as a line may name them: `tool`, and `agent:tool`. */
  tools(): Promise<string[]>;
  /** Input schema of a tool; `undefined` when it is not to be had. */
  schema(tool: string): Promise<unknown>;
  /** Options of `call`, with their dashes. */
  options: readonly string[];
}

/** Candidates for the last word of a line, and that word. */
export type Completion = [candidates: string[], word: string];

/** Completes the last word of `line`. */
export async function completeLine(line: string, source: CompletionSource): Promise<Completion> {
  const words = line.trimStart().split(/\s+/);
  const word = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const candidates = await candidatesFor(before, word, source);
  return [candidates.filter((candidate) => candidate.startsWith(word)), word];
}

async function candidatesFor(
  before: string[],
  word: string,
  source: CompletionSource,
): Promise<string[]> {
  const [first, ...rest] = before;
  if (first === undefined) {
    const names = await toolNames(word, source);
    return [...new Set([...OWN_WORDS, ...PASSED_ON, ...names])].toSorted();
  }
  if (first === "describe") return rest.length === 0 ? await toolNames(word, source) : [];
  if (first === "call" && rest.length === 0) return await toolNames(word, source);
  const tool = first === "call" ? rest[0] : first;
  if (tool === undefined || (first !== "call" && isOwn(first))) return [];
  if (word.startsWith("-")) return [...source.options];
  return argumentCandidates(await source.schema(tool), word, before);
}

function isOwn(word: string): boolean {
  return [...OWN_WORDS, ...PASSED_ON].some((own) => own === word);
}

/** Names with an agent only once an agent is being written: they would crowd the others out. */
async function toolNames(word: string, source: CompletionSource): Promise<string[]> {
  const names = await source.tools();
  return names.filter((name) => name.includes(":") === word.includes(":"));
}

function argumentCandidates(schema: unknown, word: string, before: string[]): string[] {
  const [, name, operator = ""] = /^([^=:]+)(:?=)/.exec(word) ?? [];
  if (name !== undefined) {
    return valuesOf(schema, name).map((value) => `${name}${operator}${value}`);
  }
  const given = new Set(before.map((each) => each.replace(/:?=.*$/, "")));
  return argumentNames(schema)
    .filter((each) => !given.has(each) || isArray(schema, each))
    .map((each) => `${each}=`);
}

function propertyOf(schema: unknown, name: string): unknown {
  return schemaAt(schema, schema).properties?.[name];
}

function isArray(schema: unknown, name: string): boolean {
  return alternatives(schema, propertyOf(schema, name)).some(({ type }) => type === "array");
}

/** Values that can be told beforehand: those of an enumeration, truth values, the default. */
function valuesOf(schema: unknown, name: string): string[] {
  const ways = alternatives(schema, propertyOf(schema, name));
  const items = ways.flatMap(({ items }) => items === undefined ? [] : alternatives(schema, items));
  const values = [...ways, ...items].flatMap((way) => [
    ...way.enum ?? [],
    ...way.type === "boolean" ? [true, false] : [],
    ...way.const === undefined ? [] : [way.const],
    ...way.default === undefined ? [] : [way.default],
  ]);
  const texts = values.map((value) => typeof value === "string" ? value : JSON.stringify(value));
  // A value with a blank would need quotes.
  return [...new Set(texts)].filter((text) => !/\s/.test(text));
}
