/**
 * Text from outside as it may stand in a terminal or a log: what would move a cursor, colour, forge
 * a line or turn the order of letters around is shown instead of done.
 *
 * @module
 */

/**
 * Controls (C0, DEL, C1) but tab and line end, marks of direction, separators of lines, as members of a
 * character class.
 */
export const UNSEEN_CLASS: string = String
  .raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb`;
const UNSEEN = new RegExp(`[${UNSEEN_CLASS}]`, "g");

/** A text of several lines; its line ends and tabs are kept. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, shown);
}

/** A text that is to be one line, whatever is in it. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "\\x0a");
}

/** A text in which no line but the first begins at the margin, where it would pass for another. */
export function indentedText(text: string, indent = "  "): string {
  return visibleText(text.replace(/\r\n?/g, "\n").trimEnd()).replaceAll("\n", `\n${indent}`);
}

/**
 * A sentence of ours with words of others in it, none of which ends its line: a tag of templates.
 *
 * @example
 * ```ts
 * inLine`no agent matches "${name}"`;
 * ```
 */
export function inLine(parts: readonly string[], ...words: readonly unknown[]): string {
  return parts.map((part, at) => at === 0 ? part : visibleLine(String(words[at - 1])) + part)
    .join("");
}

/** JSON that says the same, with escapes for what a terminal would take for commands. */
export function visibleJson(json: string): string {
  return json.replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shown(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
