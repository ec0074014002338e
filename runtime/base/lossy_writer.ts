/**
 * Writing lines to a place that may not take them, such as a file on a full disk: whoever has something
 * to say must not fail for that.
 *
 * @module
 */
import { errorText } from "./errors.ts";

/** A line that says how many before it are lost, and why. */
export type LossNote = (lost: number, why: string) => string;

/**
 * Makes a writer that never throws. What cannot be written is dropped and counted; the first line that
 * can be written again is preceded by one that says so.
 *
 * @param write Writes a line; throws when it cannot.
 */
export function lossyWriter(
  write: (line: string) => void,
  lossNote: LossNote,
): (line: string) => void {
  let lost = 0;
  let why = "";
  return (line) => {
    try {
      if (lost > 0) write(lossNote(lost, why));
      lost = 0;
      write(line);
    } catch (error) {
      lost += 1;
      why = errorText(error);
    }
  };
}

/** The words of a {@linkcode LossNote}. */
export function lossText(lost: number, why: string): string {
  return `${lost} ${lost === 1 ? "line" : "lines"} before this could not be written: ${why}`;
}
