/**
 * The words of a command line that make up a tool's arguments: a JSON object, `@file`, `-`,
 * `key=value` and `key:=json`. What a word means is decided by its form alone.
 *
 * @module
 */
import { resolve } from "node:path";
import type { JsonObject } from "../../runtime/base/json.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { fileText } from "../../runtime/base/file_text.ts";
import { readText } from "../base/file_text.ts";
import { parseJson, parseJsonObject } from "../mesh/json_argument.ts";

/** Arguments as they were given, in order; later ones win. */
export type GivenArgument =
  /** Several at once, as JSON. */
  | { kind: "object"; value: JsonObject; source: string }
  /** One, as text that the tool's schema gives a type. */
  | { kind: "text"; key: string; text: string }
  /** One, as JSON. */
  | { kind: "json"; key: string; value: unknown };

/** What {@linkcode readArgumentWords} may touch. */
export type ArgumentSources = Pick<Context, "cwd" | "stdin">;

const PAIR = /^([^\s=:@{["'-][^\s=:]*)(:?=)(.*)$/s;

/** The key of a `key=…` word, and where its value begins; `undefined` for any other word. */
export function pairOf(word: string): { key: string; json: boolean; value: string } | undefined {
  const [, key, operator, value] = PAIR.exec(word) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return { key, json: operator === ":=", value };
}

/**
 * Reads the words.
 *
 * @throws {CliError} exit 2 for a word that is none of these forms or holds no JSON where it must,
 * exit 3 for a file that cannot be read.
 */
export async function readArgumentWords(
  words: readonly string[],
  sources: ArgumentSources,
): Promise<GivenArgument[]> {
  if (words.filter((word) => word === "-").length > 1) {
    throw usageError("- is given twice, and standard input can be read only once");
  }
  const given: GivenArgument[] = [];
  // One after the other: the first mistake is the one that is told.
  for (const word of words) given.push(await readWord(word, sources));
  return given;
}

async function readWord(word: string, sources: ArgumentSources): Promise<GivenArgument> {
  if (word === "-") {
    const text = fileText(await new Response(sources.stdin()).bytes());
    return object(parseJsonObject(text, "standard input"), "standard input");
  }
  if (word.startsWith("@")) return await readObjectFile(word.slice(1), sources.cwd);
  const pair = pairOf(word);
  if (pair === undefined) {
    return object(parseJsonObject(word, "the JSON argument"), "the JSON argument");
  }
  const { key, json, value } = pair;
  const text = value.startsWith("@")
    ? await readArgumentFile(
      value.slice(1),
      sources.cwd,
      `${key}:='"@…"' sends such a text itself.`,
    )
    : value;
  return json ? { kind: "json", key, value: parseJson(text, key) } : { kind: "text", key, text };
}

/** The arguments that a file holds as one JSON object; throws like {@linkcode readArgumentWords}. */
export async function readObjectFile(path: string, cwd: string): Promise<GivenArgument> {
  const text = await readArgumentFile(path, cwd, "Check the path.");
  return object(parseJsonObject(text, path), path);
}

function object(value: JsonObject, source: string): GivenArgument {
  return { kind: "object", value, source };
}

async function readArgumentFile(path: string, cwd: string, hint: string): Promise<string> {
  const file = resolve(cwd, path);
  try {
    return await readText(file);
  } catch (cause) {
    throw new CliError(EXIT.notFound, `${file} cannot be read`, { hint, cause });
  }
}
