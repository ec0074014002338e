/**
 * How long a value would be as JSON, without writing it: what is repeated a thousand times in an answer
 * is looked at once.
 *
 * @module
 */

/** Characters of a number, `true`, `false` or `null`, about. */
const SCALAR = 8;
/** Quotes, colon and comma of a member. */
const MEMBER = 4;

/** About how many characters a JSON value has; objects that occur again are counted again, not walked. */
export function jsonLength(value: unknown): number {
  const known = new Map<object, number>();
  const lengthOf = (value: unknown): number => {
    if (typeof value === "string") return value.length + 2;
    if (typeof value !== "object" || value === null) return SCALAR;
    const before = known.get(value);
    if (before !== undefined) return before;
    let length = 2;
    for (const [name, member] of Object.entries(value)) {
      length += (Array.isArray(value) ? 0 : name.length) + MEMBER + lengthOf(member);
    }
    known.set(value, length);
    return length;
  };
  return lengthOf(value);
}
