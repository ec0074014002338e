/**
 * JSON of others, no deeper than the mesh carries it.
 *
 * `JSON.parse` reads any depth. Everything after it does not: writing a value again, copying it to
 * another thread and checking it against a schema all recurse, and break off after some thousands of
 * levels, at whichever place is reached first. Readers of other languages break off at a thousand.
 *
 * @module
 */

/** Levels of nesting that a message has at most, of lists and objects together. */
export const DEPTH_MAX = 200;
/** Levels that a value in a message has at most: the message puts some more around it. */
export const VALUE_DEPTH_MAX: number = DEPTH_MAX - 8;

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
const [LIST, LIST_END] = ["[".charCodeAt(0), "]".charCodeAt(0)];
const [OBJECT, OBJECT_END] = ["{".charCodeAt(0), "}".charCodeAt(0)];

/**
 * Returns whether brackets outside of strings stand deeper than they may.
 *
 * @param text JSON. Of anything else the answer is as good as any: no reader takes it.
 * @param max Levels of nesting that are allowed.
 */
export function isDeep(text: string, max: number = DEPTH_MAX): boolean {
  if (!hasManyBrackets(text, max)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) return false;
    } else if (letter === LIST || letter === OBJECT) {
      if (++depth > max) return true;
    } else if (letter === LIST_END || letter === OBJECT_END) depth--;
  }
  return false;
}

/**
 * Reads JSON.
 *
 * @throws {SyntaxError} When the text is not JSON.
 * @throws {RangeError} When it is nested deeper than {@linkcode DEPTH_MAX}.
 */
export function boundedJson(text: string): unknown {
  if (isDeep(text)) throw new RangeError(TOO_DEEP);
  return JSON.parse(text);
}

/** The words for a value that is nested too deep. */
export const TOO_DEEP: string = `it is nested deeper than ${DEPTH_MAX} levels`;

/** Returns whether there are enough brackets for too much depth. Most texts are too short, or prose. */
function hasManyBrackets(text: string, max: number): boolean {
  // Too short to open so many and close them.
  if (text.length <= 2 * max) return false;
  let count = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > max) return true;
    }
  }
  return false;
}

/** Returns where a JSON string ends that begins at `start`; -1 when it does not. */
export function stringEnd(text: string, start: number): number {
  // A search is faster than a look at each letter, and most of a long message is strings.
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}
