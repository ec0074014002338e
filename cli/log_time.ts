/**
 * When a log line was written.
 *
 * @module
 */

/**
 * The time a line begins with, milliseconds since the epoch: `YYYY-MM-DD HH:MM:SS`, with `T` for the
 * blank, a fraction or an offset allowed. Without an offset it is UTC, as agents write it.
 *
 * @returns `undefined` for a line that begins with no time.
 */
export function lineTime(line: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:?\d{2})?/
    .exec(line);
  if (match === null) return undefined;
  const time = Date.parse(`${match[1]}T${match[2]}${match[3] ?? "Z"}`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * The lines that are not older than `since`. A line without a time is as old as the one before it;
 * lines before any time are kept.
 *
 * @param since Milliseconds since the epoch.
 */
export function linesSince(lines: string[], since: number): string[] {
  let current = Infinity;
  return lines.filter((line) => {
    current = lineTime(line) ?? current;
    return current >= since;
  });
}
