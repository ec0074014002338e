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
import { jsonLength } from "./json_length.ts";

/** The wiring of an agent and its form on the wire, or why there is none. */
export type Wired =
  | { readonly wiring: Wiring; readonly response: WiringResponse }
  | { readonly refused: string };

/** Works out where the dependencies of an agent lead. */
export type Resolve = typeof resolveAgent;

/** Largest answer to a registration, characters of JSON. */
export const ANSWER_MAX = 8 * 1024 * 1024;

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
