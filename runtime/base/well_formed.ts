/**
 * Texts that every reader of JSON takes.
 *
 * @module
 */
import { DEPTH_MAX } from "./bounded_json.ts";
import { isObject } from "./json.ts";

/**
 * Returns a value whose texts have no half characters: one such text in a conversation or in the words of
 * a tool ends every request that has it (anthropics/claude-code#1762).
 */
export function wellFormed<T>(value: T): T {
  // Texts become texts, lists lists, and objects objects with the same members.
  return whole(value, 0) as T;
}

function whole(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((item) => whole(item, depth + 1));
  // What stands for a number of many digits is frozen.
  if (!isObject(value) || Object.isFrozen(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.toWellFormed(),
      whole(member, depth + 1),
    ]),
  );
}
