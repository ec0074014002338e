/**
 * Files that are not written as this program writes them: with line ends of Windows, or behind a byte
 * order mark.
 *
 * @module
 */

/**
 * Changes a text, and keeps the form that it is in.
 *
 * @param change Gets it with `\n` for the end of a line, and without a byte order mark.
 */
export function inItsForm(text: string, change: (text: string) => string): string {
  const [mark = ""] = /^\uFEFF*/.exec(text) ?? [];
  const body = text.slice(mark.length);
  const [end = "\n"] = /\r\n?|\n/.exec(body) ?? [];
  const plain = body.replaceAll(end, "\n");
  // Of a file with several kinds of ends, none is changed.
  const isUniform = plain.replaceAll("\n", end) === body;
  return mark + (isUniform ? change(plain).replaceAll("\n", end) : change(body));
}
