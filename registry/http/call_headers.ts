/**
 * What of a caller's headers goes on to the agent it calls through the registry, and how long such a
 * call may take.
 *
 * @module
 */
import { showsToken } from "./bearer.ts";
import { parseTimeout, TIMEOUT_HEADER } from "../../runtime/base/deadline.ts";
import {
  type AllowedHeaders,
  allowedHeaders,
  allowsHeader,
} from "../../runtime/base/allowed_headers.ts";
import { PROXY_TIMEOUT_MAX_MS } from "../config/config.ts";

/** What this registry is to those behind it (RFC 9110 §7.6.3): whom it calls learns that it did. */
const VIA = "1.1 mesh-registry";

/** Whether a registry has passed this request on already. */
export function cameThroughRegistry(headers: Headers): boolean {
  return (headers.get("via") ?? "").split(",").some((hop) => hop.trim() === VIA);
}

const ALWAYS_FORWARDED = allowedHeaders([
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
 * The headers that go on, and `Via`, which says that they do.
 *
 * @param propagated Those of `MCP_MESH_PROPAGATE_HEADERS`.
 * @param secrets Those of the registry: an `Authorization` that shows one is for the registry alone.
 */
export function forwardedHeaders(
  headers: Headers,
  propagated: AllowedHeaders,
  secrets: readonly string[],
): Headers {
  const kept = showsToken({ headers }, secrets) ? "authorization" : undefined;
  const forwarded = new Headers(
    [...headers].filter(([name]) =>
      name !== kept && (allowsHeader(ALWAYS_FORWARDED, name) || allowsHeader(propagated, name))
    ),
  );
  const hops = headers.get("via");
  forwarded.set("via", hops === null ? VIA : `${hops}, ${VIA}`);
  return forwarded;
}

/** Returns how long a call may take, in milliseconds: the time that it asks for, or the default. */
export function callBudget(headers: Headers, fallbackMs: number): number {
  return parseTimeout(headers.get(TIMEOUT_HEADER), PROXY_TIMEOUT_MAX_MS) ?? fallbackMs;
}
