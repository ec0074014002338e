/**
 * Edits of a text at positions of its syntax tree; all else stays as it is, byte for byte.
 *
 * @module
 */
import type { ObjectExpression } from "@babel/types";

/** Text to put in at a position. */
export interface TextEdit {
  at: number;
  /** Characters that go from there. @default 0 */
  removes?: number;
  text: string;
}

/** The text with all edits made. */
export function edited(source: string, edits: readonly TextEdit[]): string {
  return edits.toSorted((a, b) => b.at - a.at).reduce(
    (text, { at, removes = 0, text: added }) =>
      text.slice(0, at) + added + text.slice(at + removes),
    source,
  );
}

/** Widest line that is not broken. */
const WIDTH = 100;

const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//g;

/**
 * Adds a property at the end of an object, in the indentation of those that are there.
 *
 * @param property Its lines, without indentation and comma.
 */
export function addProperty(
  source: string,
  object: ObjectExpression,
  property: string,
): TextEdit[] {
  const close = (object.end ?? 0) - 1;
  const last = object.properties.at(-1);
  const outer = indentationAt(source, close);
  const step = `${outer}  `;
  if (last === undefined) {
    const inside = source.slice((object.start ?? 0) + 1, close);
    const end = (object.start ?? 0) + 1 + inside.trimEnd().length;
    const closing = inside.includes("\n") ? "" : `\n${outer}`;
    return [{ at: end, text: `\n${indented(property, step)},${closing}` }];
  }
  const lastEnd = last.end ?? 0;
  const tail = source.slice(lastEnd, close);
  const hasComma = tail.replace(COMMENT, "").includes(",");
  if (!source.slice(object.start ?? 0, close).includes("\n")) {
    return onOneLine(source, object, lastEnd, property, outer);
  }
  const edits: TextEdit[] = hasComma ? [] : [{ at: lastEnd, text: "," }];
  const indentation = indentationAt(source, last.start ?? 0);
  edits.push({
    at: lastEnd + tail.trimEnd().length,
    text: `\n${indented(property, indentation)},`,
  });
  // At one place, what comes later in the text is put in first.
  return edits.toReversed();
}

/** To an object on one line: on that line if it fits, else the object is spread over lines. */
function onOneLine(
  source: string,
  object: ObjectExpression,
  lastEnd: number,
  property: string,
  outer: string,
): TextEdit[] {
  const start = source.lastIndexOf("\n", lastEnd) + 1;
  const newline = source.indexOf("\n", lastEnd);
  const width = (newline < 0 ? source.length : newline) - start;
  const step = `${outer}  `;
  const open = (object.start ?? 0) + 1;
  const first = object.properties[0]?.start ?? open;
  const close = (object.end ?? 0) - 1;
  const hasComments = /\S/.test(
    source.slice(open, first) + source.slice(lastEnd, close).replace(",", ""),
  );
  const fits = !property.includes("\n") && width + property.length + 2 <= WIDTH;
  if (fits || hasComments) return [{ at: lastEnd, text: `, ${property}` }];
  return [
    { at: open, removes: first - open, text: `\n${step}` },
    {
      at: lastEnd,
      removes: close - lastEnd,
      text: `,\n${indented(property, step)},\n${outer}`,
    },
  ];
}

function indented(text: string, indentation: string): string {
  return text.split("\n").map((line) => line === "" ? line : indentation + line).join("\n");
}

/** The blanks that the line of a position begins with. */
function indentationAt(source: string, position: number): string {
  const start = source.lastIndexOf("\n", position - 1) + 1;
  return /^[ \t]*/.exec(source.slice(start))?.[0] ?? "";
}
