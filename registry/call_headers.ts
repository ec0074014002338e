/**
 * What of a caller's headers goes on to the agent it calls through the registry, and how long such a
 * call may take.
 *
 * @module
 */
import { PROXY_TIMEOUT_MAX_MS } from "./config.ts";
import { allowsHeader, type HeaderList, headerList } from "./header_list.ts";

/** The header that carries the seconds a call has left. */
export const TIMEOUT_HEADER = "x-mesh-timeout";

const ALWAYS_FORWARDED = headerList([
  "content-type",
  "accept",
  "traceparent",
  "tracestate",
  "x-trace-id",
  "x-parent-span",
  TIMEOUT_HEADER,
  "x-mesh-job-id",
  "x-mesh-calling-job-id",
  "x-mesh-calling-claim-epoch",
]);

/**
 * The headers that go on.
 *
 * @param propagated Those of `MCP_MESH_PROPAGATE_HEADERS`.
 */
export function forwardedHeaders(headers: Headers, propagated: HeaderList): Headers {
  return new Headers(
    [...headers].filter(([name]) =>
      allowsHeader(ALWAYS_FORWARDED, name) || allowsHeader(propagated, name)
    ),
  );
}

/** Milliseconds a call may take: what it asks for, in whole seconds, or the default. */
export function callBudget(headers: Headers, fallbackMs: number): number {
  const asked = headers.get(TIMEOUT_HEADER)?.trim() ?? "";
  const seconds = /^\d+$/.test(asked) ? Number(asked) : 0;
  return seconds > 0 ? Math.min(seconds * 1000, PROXY_TIMEOUT_MAX_MS) : fallbackMs;
}
