/**
 * Text of others without the characters that a terminal obeys or that reorder what is read: those of
 * control (C0, DEL, C1), line and paragraph separators, and marks of writing direction. Pure.
 *
 * @module
 */
import { cutText } from "../runtime/protocol/cut_text.ts";

const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const CONTROLS = new RegExp(CONTROL, "gu");
const RUNS = new RegExp(`(?:${CONTROL.source})+`, "gu");
const REPLACEMENT = "\ufffd";

/** Whether a text has characters of control; a line break is one. */
export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}

/** A text whose characters of control are replaced, but for line breaks and tabs. */
export function cleaned(text: string): string {
  if (!hasControls(text)) return text;
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(
    CONTROLS,
    (found) => found === "\n" || found === "\t" ? found : REPLACEMENT,
  );
}

/** A text as one line: what stands between its other characters is a space. */
export function cleanedLine(text: string): string {
  return hasControls(text) ? text.replaceAll(RUNS, " ") : text;
}

/** A text between quotes, with its characters of control written as escapes. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    CONTROLS,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Characters of an id that are shown. */
const ID_SHOWN_MAX = 253;

/** An id that came from outside, as one line of a log may show it. */
export function shownId(id: string): string {
  return /^[\w.-]{1,253}$/.test(id) ? id : quoted(cutText(id, ID_SHOWN_MAX));
}
