/**
 * Lines for tests of the shell.
 *
 * @module
 */
import type { LineReader } from "./line_reader.ts";

/** A reader that gives `lines`. */
export function createLineReader(lines: readonly string[]): LineReader {
  const left = [...lines];
  return { next: () => Promise.resolve(left.shift()), [Symbol.dispose]: () => {} };
}
