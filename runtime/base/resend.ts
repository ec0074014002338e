/**
 * Decides whether a call that failed may be sent again, for everything that sends calls: agents, the
 * registry's gateway, bridges to MCP servers and the command line.
 *
 * Only a refusal at the door may go elsewhere: the connection failed before the request was sent, or
 * the receiver turned the request away before its code saw it. Such failures carry `nothingRan`. Every
 * other failure may have had its effect, and is sent again only where a second run does no harm: the
 * tool declares itself idempotent, or the receiver recognises the call by its idempotency key
 * (RFC 9110 §9.2.2 allows no other automatic retry).
 *
 * @module
 */
import { backoffMs } from "./backoff.ts";
import { causeTexts, wasNothingSent } from "./network_failure.ts";
import { retryAfterMs } from "./retry_after.ts";

/** The part of a failed call's report that the decision rests on. */
export interface CallFailure {
  readonly code: string;
  /** Whether the call is certain to have had no effect. */
  readonly nothingRan: boolean;
}

/** Properties of a call that make a second run harmless. */
export interface Repeatable {
  /** The tool declares that repeating a call changes nothing. */
  readonly idempotent?: boolean | undefined;
  /** The receiver runs calls with this call's key once. */
  readonly keyed?: boolean | undefined;
}

/**
 * Where a failed call may be sent again: to any provider, only to the one that had it, or nowhere.
 */
export type Resend = "elsewhere" | "same" | "nowhere";

/** Codes of a receiver that is away, full or without working code; another one may be well. */
const AT_THE_DOOR: ReadonlySet<string> = new Set(["unreachable", "overloaded", "host_crashed"]);

/** Decides where a failed call may be sent again. */
export function resendOf(
  { code, nothingRan }: CallFailure,
  { idempotent = false, keyed = false }: Repeatable = {},
): Resend {
  if (nothingRan) return AT_THE_DOOR.has(code) ? "elsewhere" : "nowhere";
  // A timeout or a crash of the call's own making would only happen again.
  if (code !== "interrupted") return "nowhere";
  if (idempotent) return "elsewhere";
  return keyed ? "same" : "nowhere";
}

/** How often a call is sent at most, each time to every provider that it may go to. */
export const ROUNDS_MAX = 3;
/** First and longest wait between rounds. */
const PAUSE = { firstMs: 100, longestMs: 10_000 };

/**
 * Returns how long to wait before a call is sent again, in milliseconds.
 *
 * @param round The round that failed, from 1.
 * @param askedMs How long the receiver asks its callers to stay away.
 * @param chance From 0 to 1: callers that failed together do not come back together.
 */
export function resendPauseMs(round: number, askedMs: number = 0, chance = Math.random()): number {
  return Math.max(askedMs, backoffMs(PAUSE, round, chance));
}

/** A failure of the transport, as an error of the room that met it can be made of. */
export interface TransportFailure extends CallFailure {
  readonly code: "unreachable" | "interrupted" | "overloaded" | "protocol";
  /** How long the receiver asks its callers to stay away, milliseconds. */
  readonly retryAfterMs?: number;
}

/**
 * The header of an answer that the door of a mesh member gave: its value is the code of the refusal,
 * and nothing of the request ran.
 */
export const REFUSED_HEADER = "x-mesh-refused";

/** Statuses that turn a request away before it takes effect. */
function turnsAway(status: number): boolean {
  // A timeout, a conflict and a client that left say nothing about that.
  const isUndecided = status === 408 || status === 409 || status === 499;
  return (status >= 400 && status < 500 && !isUndecided) || status === 501 || status === 505;
}

/**
 * Reads what an HTTP status other than success means for the call behind it.
 *
 * A bare 503 proves nothing: proxies answer so when the connection behind them breaks during a
 * request. A mark of the mesh does, and so does a receiver that asks to be called again later.
 *
 * @param status HTTP status of something that is no answer to the call.
 * @param headers Headers of the answer.
 */
export function httpFailure(status: number, headers: Headers): TransportFailure {
  const again = retryAfterMs(headers);
  const later = again === undefined ? {} : { retryAfterMs: again };
  const isMarked = headers.has(REFUSED_HEADER);
  if (status === 429 || (status === 503 && (isMarked || again !== undefined))) {
    return { code: "overloaded", nothingRan: true, ...later };
  }
  const nothingRan = isMarked || turnsAway(status);
  return { code: status >= 500 && !nothingRan ? "interrupted" : "protocol", nothingRan };
}

/** Reads what a failed `fetch`, or a body that broke off, means for the call. */
export function lostRequest(error: unknown): TransportFailure & { readonly why: string } {
  const nothingRan = wasNothingSent(error);
  return { code: nothingRan ? "unreachable" : "interrupted", nothingRan, why: causeTexts(error) };
}

/** The words that tell a caller whether a failed call may have had its effect. */
export function fateText({ nothingRan }: Pick<CallFailure, "nothingRan">): string {
  return nothingRan ? "nothing ran" : "it may have run";
}
