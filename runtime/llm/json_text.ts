/**
 * JSON in the prose of a language model.
 *
 * @module
 */
import { boundedJson } from "../protocol/bounded_json.ts";

/** The JSON value a text holds: all of it, in a code fence, or from its first bracket on. */
export function jsonIn(text: string): { readonly value: unknown } | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(text)?.[1];
  for (const candidate of [text, fenced, bracketed(text)]) {
    if (candidate === undefined) continue;
    try {
      return { value: boundedJson(candidate) };
    } catch {
      // The next candidate may be JSON.
    }
  }
  return undefined;
}

/** From the first opening bracket to the one that closes it. */
function bracketed(text: string): string | undefined {
  const start = text.search(/[[{]/);
  if (start < 0) return undefined;
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (inString) {
      if (letter === "\\") at += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') {
      inString = true;
    } else if (letter === "{" || letter === "[") {
      depth += 1;
    } else if (letter === "}" || letter === "]") {
      depth -= 1;
      if (depth === 0) return text.slice(start, at + 1);
    }
  }
  return undefined;
}
