/**
 * A log whose lines never fail: where they go may be full, or gone, and what is reported there is seldom
 * worth ending for. Whatever of them others have said does nothing to a terminal and forges no line.
 *
 * @module
 */
import { indentedText } from "../../runtime/base/visible.ts";

/** Takes one line about something an operator should know. */
export type Log = (line: string) => void;

/**
 * A log that does without what cannot be written, counts it, and says so once lines can be written again.
 *
 * @param write Writes a line; may fail, at once or later.
 */
export function carefulLog(write: (line: string) => void | Promise<void>): Log {
  let lost = 0;
  let isConfessing = false;
  const confess = async (): Promise<void> => {
    if (lost === 0 || isConfessing) return;
    isConfessing = true;
    const count = lost;
    try {
      await write(`${count} ${count === 1 ? "line" : "lines"} before this could not be written`);
      lost -= count;
    } catch {
      // It is said after the next line that can be written.
    } finally {
      isConfessing = false;
    }
  };
  const attempt = async (line: string): Promise<void> => {
    try {
      await write(line);
    } catch {
      lost++;
      return;
    }
    await confess();
  };
  return (line) => void attempt(indentedText(line));
}
