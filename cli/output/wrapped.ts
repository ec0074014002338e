/**
 * Text in lines of a given width.
 *
 * @module
 */

/** A text in lines of at most so many characters, broken between words where there are some. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (width(line) > columns) {
      lines.push([...line].slice(0, columns).join(""));
      line = [...line].slice(columns).join("");
    }
  }
  return [...lines, line];
}

/** How many characters a text has. */
export function width(text: string): number {
  return [...text].length;
}
