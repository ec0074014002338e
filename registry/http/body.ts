/**
 * Receiving the bodies of requests: whole, in time, and no more than there is room for.
 *
 * @module
 */
import { within } from "../../runtime/base/within.ts";
import { ARRIVAL_MS, Arrivals, NO_ROOM, TOO_LARGE } from "../../runtime/base/arrivals.ts";
import type { Answered } from "./answered.ts";
import { problem } from "./problem.ts";

/** Largest body accepted, bytes: 4 MiB. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** Tells that a body is still on its way. */
const LATE = Symbol("late");
const CLOSE = { Connection: "close" };

/** The status of a body that is not received: broken, late, too large, or one too many. */
export type BodyRefusal = 400 | 408 | 413 | 503;

/** Receives the bodies of one registry's requests. */
export class Bodies {
  readonly #arrivals = new Arrivals();
  readonly #patienceMs: number;

  /** @param patienceMs How long a body may take to arrive, milliseconds. */
  constructor(patienceMs: number = ARRIVAL_MS) {
    this.#patienceMs = patienceMs;
  }

  /**
   * Receives a body.
   *
   * @param max Bytes it may have.
   * @returns The body, or the answer that refuses it.
   */
  async read(
    request: Request,
    max: number = BODY_MAX_BYTES,
  ): Promise<Uint8Array<ArrayBuffer> | Answered<BodyRefusal>> {
    const arrival = this.#arrivals.receive(request, max);
    try {
      const body = await within(this.#patienceMs, arrival.body, LATE);
      switch (body) {
        case TOO_LARGE:
          return problem(413, `the request body is larger than ${max} bytes; send less at a time`);
        case NO_ROOM:
          return problem(503, "too many large bodies are being received; try again in a moment", {
            "Retry-After": "1",
          });
        case LATE:
          arrival.giveUp();
          arrival.body.catch(() => {});
          return problem(
            408,
            `the request body did not arrive within ${this.#patienceMs / 1_000} s; send it again`,
            CLOSE,
          );
        default:
          return body ?? new Uint8Array();
      }
    } catch {
      return problem(
        400,
        "the request body cannot be read: it breaks off or is not well formed",
        CLOSE,
      );
    }
  }
}
