/**
 * Which inbound HTTP headers an agent sees and passes on, and the trace a call belongs to
 * (registry-protocol §4.2 to §4.4). Agents of the reference hide HTTP headers from their tools, so
 * theirs carry the same particulars in three arguments as well.
 *
 * @module
 */
import { type AllowedHeaders, allowedHeaders, allowsHeader } from "../base/allowed_headers.ts";
import { isObject } from "../base/json.ts";
import type { TraceContext } from "./trace_context.ts";
import { spanIdOf, traceIdOf } from "./trace_id.ts";

/** Always passed on besides the allow-list. */
const ALWAYS = ["x-mesh-calling-job-id", "x-mesh-calling-claim-epoch"];
/** W3C Trace Context §3.2; versions after 00 may go on after the flags. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** An allow-list of header names, taken apart once. */
export class HeaderAllowList {
  readonly #list: AllowedHeaders;

  /** @param patterns Names, or prefixes ending in `*`. */
  constructor(patterns: readonly string[]) {
    this.#list = allowedHeaders([...ALWAYS, ...patterns]);
  }

  /**
   * The headers it lets through, names in lower case.
   *
   * @param carried Headers that came inside the arguments; real ones win.
   */
  of(inbound: Headers, carried?: Readonly<Record<string, unknown>>): Record<string, string> {
    const seen: Record<string, string> = {};
    const { names, prefixes } = this.#list;
    for (const name in carried) {
      const value = carried[name];
      if (typeof value === "string" && allowsHeader(this.#list, name)) {
        seen[name.toLowerCase()] = value;
      }
    }
    for (const name of names) {
      const value = inbound.get(name);
      if (value !== null) seen[name] = value;
    }
    if (prefixes.length === 0) return seen;
    for (const [name, value] of inbound) {
      if (prefixes.some((prefix) => name.startsWith(prefix))) seen[name] = value;
    }
    return seen;
  }

  /** Those of `headers` it lets through. */
  filter(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
        .filter(([name]) => allowsHeader(this.#list, name)),
    );
  }
}

/** The trace a request belongs to: W3C `traceparent`, else the reference's pair of headers. */
export function traceOf(inbound: Headers): TraceContext | undefined {
  const w3c = inbound.get("traceparent");
  return (w3c === null ? undefined : w3cTrace(w3c, inbound.get("tracestate"))) ??
    referenceTrace(inbound.get("x-trace-id"), inbound.get("x-parent-span"));
}

function w3cTrace(header: string, state: string | null): TraceContext | undefined {
  const [, version, trace = "", span = "", flags = "", more] = TRACEPARENT.exec(header) ?? [];
  const traceId = traceIdOf(trace);
  const parentSpanId = spanIdOf(span);
  if (traceId === undefined || parentSpanId === undefined) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return {
    traceId,
    parentSpanId,
    ...(isSampled ? {} : { sampled: false }),
    ...(state === null || state === "" ? {} : { state }),
  };
}

function referenceTrace(id: unknown, span: unknown): TraceContext | undefined {
  const traceId = typeof id === "string" ? traceIdOf(id) : undefined;
  if (traceId === undefined) return undefined;
  const parentSpanId = typeof span === "string" ? spanIdOf(span) : undefined;
  return parentSpanId === undefined ? { traceId } : { traceId, parentSpanId };
}

/** The headers that carry a trace to the next agent. */
export function traceHeaders(trace: TraceContext | undefined): Record<string, string> {
  if (trace === undefined) return {};
  const { traceId, parentSpanId, sampled = true, state } = trace;
  // Agents of the reference record whatever has their headers.
  const reference: Record<string, string> = sampled ? { "x-trace-id": traceId } : {};
  if (parentSpanId === undefined) return reference;
  return {
    ...reference,
    ...(sampled && { "x-parent-span": parentSpanId }),
    traceparent: `00-${traceId}-${parentSpanId}-0${Number(sampled)}`,
    ...(state === undefined ? {} : { tracestate: state }),
  };
}

/** What the reference's agents put into the arguments of a call. */
export interface CarriedArguments {
  /** The arguments without it. */
  readonly args: Record<string, unknown>;
  readonly trace: TraceContext | undefined;
  /** Headers by name, unfiltered. */
  readonly headers: Readonly<Record<string, unknown>> | undefined;
}

/** The trace that the arguments of a call name, as the reference's agents send it. */
export function carriedTrace(args: Readonly<Record<string, unknown>>): TraceContext | undefined {
  return "_trace_id" in args ? referenceTrace(args["_trace_id"], args["_parent_span"]) : undefined;
}

/**
 * Takes out of the arguments of a call what is not for the tool (registry-protocol §4.2); `undefined`
 * when there is nothing to take.
 */
export function takeCarried(args: Record<string, unknown>): CarriedArguments | undefined {
  if (!("_trace_id" in args || "_parent_span" in args || "_mesh_headers" in args)) {
    return undefined;
  }
  const { _trace_id: id, _parent_span: span, _mesh_headers: headers, ...rest } = args;
  return {
    args: rest,
    trace: referenceTrace(id, span),
    headers: isObject(headers) ? headers : undefined,
  };
}

/** The arguments of a call to an agent of the reference: with the trace and the headers inside. */
export function withCarried(
  args: Record<string, unknown>,
  given: TraceContext | undefined,
  headers: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const trace = given?.sampled === false ? undefined : given;
  const isPlain = Object.keys(headers).length === 0;
  if (trace === undefined && isPlain) return args;
  return {
    ...args,
    ...(trace === undefined ? {} : { _trace_id: trace.traceId }),
    ...(trace?.parentSpanId === undefined ? {} : { _parent_span: trace.parentSpanId }),
    ...(isPlain ? {} : { _mesh_headers: headers }),
  };
}
