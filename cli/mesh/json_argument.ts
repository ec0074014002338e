/**
 * Reads the JSON object a user typed as a tool's arguments, and shows where it is not JSON.
 *
 * @module
 */
import { parseExact } from "../../runtime/base/exact_json.ts";
import { errorText } from "../../runtime/base/errors.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import { type CliError, usageError } from "../base/exit.ts";

/** How much of a long line the excerpt shows on each side of the mistake. */
const EXCERPT = 36;

/**
 * Parses tool arguments.
 *
 * @param text What was typed.
 * @param source Where, for the error.
 * @throws {CliError} exit 2 with line, column and an excerpt; or when it is not an object.
 */
export function parseJsonObject(text: string, source: string): JsonObject {
  const value = parseJson(text, source);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  const kind = Array.isArray(value) ? "an array" : value === null ? "null" : `a ${typeof value}`;
  throw usageError(
    `${source} is ${kind}, and a tool takes a JSON object`,
    `Write it like '{"name": "value"}'.`,
  );
}

/**
 * Parses JSON. Numbers that JavaScript does not hold are carried as text.
 *
 * @param text What was typed.
 * @param source Where, for the error.
 * @throws {CliError} exit 2 with line, column and an excerpt.
 */
export function parseJson(text: string, source: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw malformed(text, source, errorText(error));
  }
}

function malformed(text: string, source: string, reason: string): CliError {
  const offset = errorOffset(text);
  const before = text.slice(0, offset).split("\n");
  const line = before.length;
  const column = [...before.at(-1) ?? ""].length + 1;
  const problem = reason.replace(/^JSON\.parse: /, "")
    .replace(/,? (in JSON )?at position \d+.*$/s, "")
    .replace(/,? "?\.{3}.* is not valid JSON$/s, "")
    .replace(/,? ".*" is not valid JSON$/s, "");
  return usageError(
    `${source} is not JSON: line ${line}, column ${column}: ${problem}\n` +
      excerpt(text.split("\n")[line - 1] ?? "", column),
    hintFor(text),
  );
}

function excerpt(line: string, column: number): string {
  const characters = [...line];
  const from = Math.max(0, column - 1 - EXCERPT);
  const shown = characters.slice(from, column - 1 + EXCERPT).join("");
  return `  ${shown}\n  ${" ".repeat(column - 1 - from)}^`;
}

function hintFor(text: string): string {
  if (/^[a-z_][\w.-]*$/i.test(text)) {
    return `Write it like name=value or '{"name": "value"}'; a tool of one agent is AGENT:${text}.`;
  }
  return /^\s*\{\s*[\w']/.test(text)
    ? "JSON names and texts take double quotes; put the whole argument in single quotes."
    : `Write it like '{"name": "value"}'.`;
}

/**
 * Index of the first character that cannot belong to a JSON text, or its length when it ends too
 * early. Engines differ in whether and how they tell, so this looks for itself.
 */
export function errorOffset(text: string): number {
  const end = skipValue(text, 0);
  if (end.failed) return end.at;
  return skipSpace(text, end.at);
}

/** Where reading got to, and whether it could not go on there. */
interface Progress {
  at: number;
  failed: boolean;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at++;
  return at;
}

function skipValue(text: string, from: number): Progress {
  const at = skipSpace(text, from);
  const first = text.charAt(at);
  if (first === "{") return skipMembers(text, at, "}", skipMember);
  if (first === "[") return skipMembers(text, at, "]", skipValue);
  if (first === '"') return skipString(text, at);
  const token = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null/y;
  token.lastIndex = at;
  const match = token.exec(text);
  return match === null ? { at, failed: true } : { at: at + match[0].length, failed: false };
}

type Skip = (text: string, from: number) => Progress;

function skipMembers(text: string, open: number, close: string, skip: Skip): Progress {
  let at = skipSpace(text, open + 1);
  if (text.charAt(at) === close) return { at: at + 1, failed: false };
  while (true) {
    const member = skip(text, at);
    if (member.failed) return member;
    at = skipSpace(text, member.at);
    if (text.charAt(at) === close) return { at: at + 1, failed: false };
    if (text.charAt(at) !== ",") return { at, failed: true };
    at++;
  }
}

function skipMember(text: string, from: number): Progress {
  const at = skipSpace(text, from);
  if (text.charAt(at) !== '"') return { at, failed: true };
  const name = skipString(text, at);
  if (name.failed) return name;
  const colon = skipSpace(text, name.at);
  return text.charAt(colon) === ":" ? skipValue(text, colon + 1) : { at: colon, failed: true };
}

function skipString(text: string, from: number): Progress {
  // deno-lint-ignore no-control-regex -- control characters are what JSON strings must not hold
  const piece = /[^"\\\u0000-\u001f]+|\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
  let at = from + 1;
  while (text.charAt(at) !== '"') {
    piece.lastIndex = at;
    const match = piece.exec(text);
    if (match === null) return { at, failed: true };
    at += match[0].length;
  }
  return { at: at + 1, failed: false };
}
