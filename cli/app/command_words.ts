/**
 * A command line in one piece, as words. Quotes and backslashes mean what they mean to a shell, and
 * nothing else does: no variable, pattern or pipe is looked for.
 *
 * @module
 */

/**
 * The words of a command line.
 *
 * @returns `undefined` when a quote is not closed.
 */
export function commandWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    const next = line.charAt(at + 1);
    if (quote === "'") {
      if (character === quote) quote = "";
      else word += character;
    } else if (character === "\\" && next !== "" && (quote === "" || /["\\$`]/.test(next))) {
      word = (word ?? "") + next;
      at += 1;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}
