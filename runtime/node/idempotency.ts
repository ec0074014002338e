/**
 * Calls that carry an idempotency key run once: those that come again get the outcome of the first.
 * What is known of them ends with the process; a call that its caller sent before that is refused when
 * it comes again, because it may have run.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { MeshError } from "../base/errors.ts";
import { weightOf } from "../base/json_form.ts";
import type { Outcome } from "../boundary/result.ts";
import { printJson } from "../protocol/schema/json_text.ts";

/** The header that names a call, so that it runs once (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_HEADER = "idempotency-key";
/** The header of a call that is sent again under its key: milliseconds since it was sent first. */
export const RESENT_HEADER = "x-mesh-resent";

/** How long an outcome is kept, in milliseconds. */
const KEEP_MS = 10 * 60_000;
/** Most outcomes kept; the oldest go first. */
const MOST_KEPT = 1_024;
/** Most that is in the outcomes together, in characters, but for the latest one. */
const KEPT_MAX = 64 * 1024 * 1024;

/** A call that carries a key. */
export interface KeyedCall {
  readonly tool: string;
  readonly key: string;
  /** Tells apart callers who may not get each other's answers; nothing when it is not known who calls. */
  readonly caller: string | undefined;
  /** What the tool gets. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** A call that is remembered. */
interface Known {
  readonly at: number;
  /** Digest of its arguments. */
  readonly asked: string;
  readonly outcome: Promise<Outcome>;
  /** How much is in the outcome, in characters; nothing until it is there. */
  weight: number;
}

/**
 * The outcomes of one agent's calls, by tool, key and caller. A key stands for one call: with other
 * arguments it is refused.
 */
export class Idempotency {
  /** By digest: whatever callers send for a key takes no more room. */
  readonly #calls = new Map<string, Known>();
  readonly #now: () => number;
  /** Since when every call that came is known. */
  #completeSince: number;
  #weight = 0;

  /** @param now Milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#completeSince = now();
  }

  /**
   * The outcome of the call with this key, run unless it ran already.
   *
   * @param run Runs it; what it rejects with is not kept.
   * @param ageMs Of a call that is sent again, milliseconds since it was sent first.
   * @throws {MeshError} `bad_input` when the key is that of a call with other arguments, `interrupted`
   * when it may have run in a time that is not remembered.
   */
  async once(
    { tool, key, caller, args }: KeyedCall,
    run: () => Promise<Outcome>,
    ageMs?: number,
  ): Promise<Outcome> {
    const now = this.#now();
    this.#forget(now);
    const name = digest(JSON.stringify([tool, key, caller]));
    const asked = digest(printJson(args));
    const known = this.#calls.get(name);
    if (known !== undefined) {
      if (known.asked !== asked) throw otherArguments(tool);
      return await known.outcome;
    }
    if (ageMs !== undefined && now - ageMs <= this.#completeSince) {
      throw new MeshError(
        "interrupted",
        `${tool} was called with this idempotency key ${ageMs} ms ago, before this agent's memory ` +
          "of such calls begins; it may have run",
      );
    }
    const call: Known = { at: now, asked, outcome: run(), weight: 0 };
    this.#calls.set(name, call);
    try {
      const outcome = await call.outcome;
      if (this.#calls.get(name) === call) this.#weigh(call, outcome);
      return outcome;
    } catch (error) {
      if (this.#calls.get(name) === call) this.#calls.delete(name);
      throw error;
    }
  }

  #weigh(call: Known, outcome: Outcome): void {
    const weight = outcome.kind === "value" ? outcome.json.length : weightOf(outcome);
    // One that cannot be weighed, of a sandbox that made it up, has the weight of all.
    call.weight = Math.min(weight, KEPT_MAX);
    this.#weight += call.weight;
    this.#forget(this.#now());
  }

  #forget(now: number): void {
    // In order of age, as a map keeps them.
    for (const [name, { at, weight }] of this.#calls) {
      const isCrowded = this.#calls.size >= MOST_KEPT ||
        (this.#weight > KEPT_MAX && this.#calls.size > 1);
      if (now - at < KEEP_MS && !isCrowded) return;
      this.#calls.delete(name);
      this.#weight -= weight;
      this.#completeSince = Math.max(this.#completeSince, at);
    }
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function otherArguments(tool: string): MeshError {
  return new MeshError(
    "bad_input",
    `${tool} was called with this ${IDEMPOTENCY_HEADER} and other arguments; a key is for one call, ` +
      "give another call another key",
    { details: { header: IDEMPOTENCY_HEADER }, nothingRan: true },
  );
}
