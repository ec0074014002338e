/**
 * Words in command lines that are shown to be copied.
 *
 * @module
 */

/** Returns a word so written that a POSIX shell takes it literally. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
