/**
 * How doc comments open (STYLE.md, Prose). A word that only points at its subject makes a reader look
 * for it.
 *
 * @module
 */

/** The openings that a doc comment may not have. */
const OPENING = /^(What|Who|Whom|Whose|Those|Where (?:that|those))\b/;

/**
 * Returns what is wrong with the opening of a comment, if anything.
 *
 * @param comment The text of a block comment, without its delimiters.
 */
export function proseProblem(comment: string): string | undefined {
  if (!comment.startsWith("*")) return undefined;
  const text = comment.slice(1).replace(/^[\s*]+/, "");
  const [, word] = OPENING.exec(text) ?? [];
  if (word === undefined) return undefined;
  return `a doc comment opens with "${word}"; open it with a verb for a function ("Returns …"), or ` +
    "with a noun for anything else (STYLE.md)";
}
