/**
 * JSON in the prose of a language model: beside its thoughts, in a code fence, between sentences.
 *
 * @module
 */
import { boundedJson } from "../../base/bounded_json.ts";
import { withoutThoughts } from "./thought_marks.ts";

/** Whether a value is what is looked for. */
export type Fits = (value: unknown) => boolean;

/**
 * Returns the JSON value that a text holds: all of it, or the first of those in it that fits; where none
 * fits, the first of the surest place, so that what is wrong with it can be said.
 *
 * Thoughts of the model come last: a draft is in them, and rarely the answer.
 */
export function jsonIn(
  text: string,
  fits: Fits = () => true,
): { readonly value: unknown } | undefined {
  const all = parsed(text);
  if (all !== undefined && fits(all.value)) return all;
  // In JSON that is all of the text, marks of thoughts are part of a value.
  const { answer, thoughts } = all !== undefined
    ? { answer: text, thoughts: "" }
    : withoutThoughts(text);
  let first: { readonly value: unknown } | undefined;
  for (const candidate of candidates(answer, thoughts, text)) {
    const found = parsed(candidate);
    if (found !== undefined && fits(found.value)) return found;
    first ??= found;
  }
  return first;
}

function* candidates(answer: string, thoughts: string, text: string): Generator<string> {
  yield answer;
  const fences = Array.from(answer.matchAll(FENCE), ([, body = ""]) => body);
  yield* fences;
  for (const fence of fences) yield* values(fence);
  yield* values(answer);
  yield* values(thoughts);
  // What looks like a thought may be in a value.
  if (thoughts !== "") yield* values(text);
}

const FENCE = /```[\w-]*[ \t]*\r?\n([\s\S]*?)(?:```|$)/g;

/** Most brackets that are tried: each may be the beginning of a value, and most in prose are not. */
const TRIED_MAX = 200;

/** Most letters that are looked at for the ends of all of them: a text may be long. */
const LOOKED_MAX = 64 * 1024 * 1024;

/** The JSON objects and lists in a text, in order, as texts; those within another one are not. */
export function* values(text: string): Generator<string> {
  const opening = /[[{]/g;
  let looked = 0;
  for (let tried = 0; tried < TRIED_MAX && looked < LOOKED_MAX; tried++) {
    const start = opening.exec(text)?.index;
    if (start === undefined) return;
    const span = bracketed(text, start);
    looked += span?.length ?? text.length - start;
    if (span === undefined || parsed(span) === undefined) continue;
    yield span;
    opening.lastIndex = start + span.length;
  }
}

/** From an opening bracket to the one that closes it. */
function bracketed(text: string, start: number): string | undefined {
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

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: boundedJson(text) };
  } catch {
    return undefined;
  }
}
