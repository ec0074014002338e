/**
 * What an agent is told of its wiring, within bounds: neither working it out nor the answer may be more
 * than the registry can do for one agent.
 *
 * @module
 */
import type { Pass } from "../../runtime/protocol/resolve/availability.ts";
import { EffortExceeded } from "../../runtime/protocol/resolve/effort.ts";
import {
  type resolveAgent,
  type Wiring,
  wiringResponse,
} from "../../runtime/protocol/resolve/resolve.ts";
import type { WiringResponse } from "./answered.ts";
import type { Entry } from "./entry.ts";

/** The wiring of an agent and its form on the wire, or why there is none. */
export type Wired =
  | { readonly wiring: Wiring; readonly response: WiringResponse }
  | { readonly refused: string };

/** Works out where the dependencies of an agent lead. */
export type Resolve = typeof resolveAgent;

/** Largest answer to a registration, characters of JSON. */
export const ANSWER_MAX = 8 * 1024 * 1024;
/** Characters of a number, `true`, `false` or `null`, about. */
const SCALAR = 8;
/** Quotes, colon and comma of a member. */
const MEMBER = 4;

/** Works out what an agent is told; our additions only where they are read. */
export function wired(pass: Pass, entry: Entry, resolve: Resolve): Wired {
  try {
    const wiring = resolve(pass, entry);
    const response = wiringResponse(entry, wiring, { extended: entry.runtime === "deno" });
    const length = jsonLength(response);
    return length > ANSWER_MAX ? { refused: tooLong(length) } : { wiring, response };
  } catch (error) {
    if (error instanceof EffortExceeded) return { refused: error.message };
    throw error;
  }
}

function tooLong(length: number): string {
  return `the answer to this registration would have about ${length} characters, over the limit of ` +
    `${ANSWER_MAX}, because it repeats what providers say of their tools; ` +
    "depend on fewer tools, or narrow the filters of language models";
}

/**
 * Returns about how many characters a value has as JSON, without writing it: an object that an answer
 * repeats a thousand times is walked once.
 */
function jsonLength(value: unknown): number {
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
