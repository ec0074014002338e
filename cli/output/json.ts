/**
 * Documents for scripts.
 *
 * @module
 */

import { isObject } from "../../runtime/base/json.ts";
import { visibleJson } from "../../runtime/base/visible.ts";

/**
 * Version of the documents (`cli/README.md`). Members may be added within a version; one that goes
 * or changes its meaning makes a new one.
 */
export const SCHEMA_VERSION = 1;

/** The document with its version, if it is an object; a list has no room for one. */
function versioned(document: unknown): unknown {
  return isObject(document) ? { schema_version: SCHEMA_VERSION, ...document } : document;
}

/** A document on one line, for commands that print many. */
export function jsonLine(document: unknown): string {
  return jsonOf(versioned(document));
}

/** A document as `--json` prints it: indented by two, ended by a line end. */
export function jsonText(document: unknown): string {
  return jsonOf(versioned(document), 2);
}

/** A value as JSON and a line end; what a terminal would take for commands is escaped in there. */
export function jsonOf(value: unknown, indent = 0): string {
  return `${visibleJson(JSON.stringify(value, null, indent) ?? "null")}\n`;
}
