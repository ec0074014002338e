/**
 * The text of files that people wrote, on whichever system: a byte order mark says how it is encoded, and
 * lines may end as those of Windows do.
 *
 * @module
 */

/** Returns the text of a file, or of its beginning, without byte order marks. */
export function fileText(bytes: Uint8Array): string {
  return withoutMark(new TextDecoder(encodingOf(bytes)).decode(bytes));
}

/** Returns a text without the byte order marks that it begins with. */
export function withoutMark(text: string): string {
  return text.replace(/^\uFEFF+/, "");
}

/** Returns a text whose lines end with `\n`. */
export function withPlainEnds(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

/**
 * Returns the value of a setting that comes from a line of a file, or a file of one line, without the end
 * of that line: Docker keeps the `\r` of an env file, Kubernetes the `\n` of a secret.
 */
export function settingText(value: string): string {
  return value.replace(/[\r\n]+$/, "");
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
