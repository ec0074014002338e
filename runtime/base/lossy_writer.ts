/**
 * Writing lines to a place that may not take them, such as a file on a full disk: whoever has something
 * to say must not fail for that.
 *
 * @module
 */
import { LinesLost } from "./batched_lines.ts";
import { errorText } from "./errors.ts";

/** A line that says how many before it are lost, and why. */
export type LossNote = (lost: number, why: string) => string;

/**
 * Makes a writer that never throws. What cannot be written is dropped and counted; the first line that
 * can be written again is preceded by one that says so.
 *
 * @param write Writes a line; throws when it cannot, and {@linkcode LinesLost} when it takes the line
 * once it has said that others are lost.
 */
export function lossyWriter(
  write: (line: string) => void,
  lossNote: LossNote,
): (line: string) => void {
  let lost = 0;
  let why = "";
  const put = (line: string) => {
    if (lost > 0) write(lossNote(lost, why));
    lost = 0;
    write(line);
  };
  const count = (more: number, error: unknown) => {
    lost += more;
    why = errorText(error);
  };
  return (line) => {
    try {
      try {
        put(line);
      } catch (error) {
        if (!(error instanceof LinesLost)) throw error;
        count(error.count, error);
        put(line);
      }
    } catch (error) {
      count(1, error);
    }
  };
}

/** The words of a {@linkcode LossNote}. */
export function lossText(lost: number, why: string): string {
  return `${lost} ${lost === 1 ? "line" : "lines"} before this could not be written: ${why}`;
}
