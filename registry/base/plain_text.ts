/**
 * Text of others as the registry keeps it: without the characters that a terminal obeys or that reorder
 * what is read.
 *
 * @module
 */
import { UNSEEN_CLASS, visibleJson } from "../../runtime/base/visible.ts";
import { cutText } from "../../runtime/base/cut_text.ts";

const CONTROL = new RegExp(String.raw`[\t\n${UNSEEN_CLASS}]`, "u");
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
  return visibleJson(JSON.stringify(text));
}

/** Characters of an id that are shown. */
const ID_SHOWN_MAX = 253;

/** An id that came from outside, as one line of a log may show it. */
export function shownId(id: string): string {
  return /^[\w.-]{1,253}$/.test(id) ? id : quoted(cutText(id, ID_SHOWN_MAX));
}
