/**
 * Names as the vendors of language models take them. Pure.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Most letters of a name that every vendor takes. */
const NAME_MAX = 64;

/** The form of a name: letters, digits, `_` and `-`, the first no digit and no `-` (Gemini). */
export const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
/** The form of a property's name that Claude takes, and others as well. */
export const PROPERTY_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Returns names that endpoints take, each for one of the names given, in their order. A name that is taken
 * as it is stays; names that would be alike are told apart by what they were.
 */
export function takenNames(names: readonly string[], taken = TOOL_NAME): string[] {
  const used = new Set(names.filter((name) => taken.test(name)));
  const seen = new Set<string>();
  return names.map((name) => {
    if (taken.test(name) && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const plain = name.replaceAll(/[^A-Za-z0-9_-]+/g, "_").replace(/^(?=[^A-Za-z_]|$)/, "_");
    for (let number = 0;; number++) {
      const digest = createHash("sha256").update(number === 0 ? name : `${number} ${name}`)
        .digest("hex").slice(0, 8);
      const isFree = number === 0 && plain.length <= NAME_MAX && !used.has(plain);
      const candidate = isFree ? plain : `${plain.slice(0, NAME_MAX - 9)}_${digest}`;
      if (!isFree && used.has(candidate)) continue;
      used.add(candidate);
      seen.add(candidate);
      return candidate;
    }
  });
}
