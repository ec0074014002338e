/**
 * Text in lines of a given width.
 *
 * @module
 */
import { cellWidth, splitAtCells } from "./cells.ts";

/** A text in lines of at most so many cells, broken between words where there are some. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && cellWidth(line) + 1 + cellWidth(word) > columns) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (cellWidth(line) > columns) {
      const [head, rest] = splitAtCells(line, columns);
      // A character that is wider than the line has one of its own.
      if (rest === "") break;
      lines.push(head);
      line = rest;
    }
  }
  return [...lines, line];
}
