/**
 * Property names as canonical schemas write them.
 *
 * @module
 */

/** Between a lower and an upper case letter, and before the last capital of an acronym. */
const SEAM =
  /(?<=\p{Lowercase})(?=\p{Uppercase})|(?<=\p{Uppercase})(?=\p{Uppercase}\p{Lowercase})/u;

/**
 * A name in camelCase: `user_id`, `user-id` and `userID` become `userId`, `URLPath` becomes
 * `urlPath`. A name without a letter or digit to it stays as it is.
 */
export function camelCase(name: string): string {
  const words = name.split(/[_\- ]/).flatMap((part) => part.split(SEAM)).filter(Boolean);
  if (words.length === 0) return name;
  return words.map((word, index) => index === 0 ? word.toLowerCase() : capitalised(word)).join("");
}

function capitalised(word: string): string {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("").toLowerCase();
}
