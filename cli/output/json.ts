/**
 * Documents for scripts.
 *
 * @module
 */

/** A document as `--json` prints it: indented by two, ended by a line end. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
