/**
 * Which inbound HTTP headers an agent sees and passes on (registry-protocol §4.4).
 *
 * @module
 */
import type { TraceContext } from "./tool.ts";

/** Always passed on besides the allow-list. */
const ALWAYS = ["x-mesh-calling-job-id", "x-mesh-calling-claim-epoch"];
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** An allow-list of header names, taken apart once. */
export class HeaderAllowList {
  readonly #names: readonly string[];
  readonly #prefixes: readonly string[];

  /** @param patterns Names, or prefixes ending in `*`, in lower case. */
  constructor(patterns: readonly string[]) {
    this.#names = [...ALWAYS, ...patterns.filter((pattern) => !pattern.endsWith("*"))];
    this.#prefixes = patterns.filter((pattern) => pattern.endsWith("*"))
      .map((pattern) => pattern.slice(0, -1));
  }

  /** The headers it lets through, names in lower case. */
  of(inbound: Headers): Record<string, string> {
    const seen: Record<string, string> = {};
    for (const name of this.#names) {
      const value = inbound.get(name);
      if (value !== null) seen[name] = value;
    }
    if (this.#prefixes.length === 0) return seen;
    for (const [name, value] of inbound) {
      if (this.#prefixes.some((prefix) => name.startsWith(prefix))) seen[name] = value;
    }
    return seen;
  }
}

/** The trace a request belongs to: W3C `traceparent`, else the reference's pair of headers. */
export function traceOf(inbound: Headers): TraceContext | undefined {
  const w3c = inbound.get("traceparent")?.match(TRACEPARENT);
  if (w3c?.[1] !== undefined && w3c[2] !== undefined) {
    return { traceId: w3c[1], parentSpanId: w3c[2] };
  }
  const traceId = inbound.get("x-trace-id")?.toLowerCase().replaceAll("-", "");
  if (traceId === undefined || !TRACE_ID.test(traceId)) return undefined;
  const parent = inbound.get("x-parent-span")?.toLowerCase();
  return parent !== undefined && SPAN_ID.test(parent)
    ? { traceId, parentSpanId: parent }
    : { traceId };
}

/** The headers that carry a trace to the next agent. */
export function traceHeaders(trace: TraceContext | undefined): Record<string, string> {
  if (trace === undefined) return {};
  const { traceId, parentSpanId } = trace;
  return parentSpanId === undefined ? { "x-trace-id": traceId } : {
    "x-trace-id": traceId,
    "x-parent-span": parentSpanId,
    traceparent: `00-${traceId}-${parentSpanId}-01`,
  };
}
