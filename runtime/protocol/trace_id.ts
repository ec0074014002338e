/**
 * Ids of traces and spans (W3C Trace Context §3.2.2): 32 and 16 lower-case hex digits, not all
 * zeros.
 *
 * @module
 */

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** A trace id as it is kept, of one in capitals or as a UUID; `undefined` for anything else. */
export function traceIdOf(text: string): string | undefined {
  const id = text.toLowerCase().replaceAll("-", "");
  return TRACE_ID.test(id) ? id : undefined;
}

/** A span id as it is kept, of one in capitals; `undefined` for anything else. */
export function spanIdOf(text: string): string | undefined {
  const id = text.toLowerCase();
  return SPAN_ID.test(id) ? id : undefined;
}

/** A trace id nobody has used. */
export function newTraceId(): string {
  return traceIdOf(randomHex(16)) ?? newTraceId();
}

/** A span id nobody has used. */
export function newSpanId(): string {
  return spanIdOf(randomHex(8)) ?? newSpanId();
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/**
 * The parent that `traceparent` names for a caller who begins a trace and records no span of its
 * own, such as `meshctl call --trace`: the header cannot go without one. Readers know it by the
 * trace id, whose first half it is, and take it for none; a span below it is a root everywhere.
 *
 * @param traceId 32 hex digits, lower case.
 */
export function unrecordedParent(traceId: string): string {
  const half = traceId.slice(0, 16);
  return SPAN_ID.test(half) ? half : traceId.slice(16);
}
