/**
 * Spans as entries of the reference's Redis stream (registry-protocol §5.2): pairs of a field and its
 * value, all text. Agents add them with `XADD mesh:trace MAXLEN ~ 100000 * …`; registries read them
 * in a consumer group.
 *
 * Fields are the reference's, with its meanings, and one of ours beside them: `span_extra`, JSON of
 * what its entry has no place for. Reference registries pass it over. An entry is a span that has
 * ended; there is none for one that has begun.
 *
 * @module
 */
import * as z from "zod";
import { type Span, type SpanAgent, SpanAgentSchema, SpanSchema } from "./trace.ts";

/** The stream. */
export const TRACE_STREAM = "mesh:trace";
/** Entries agents keep in the stream, about; `MCP_MESH_TRACE_STREAM_MAXLEN`, 0 for all. */
export const TRACE_STREAM_MAXLEN = 100_000;
/** How the reference names a call to a dependency, whatever is called. */
const CLIENT = "proxy_call_wrapper";
/** Begins the names of what the reference hides besides. */
const INTERNAL = "_internal_";
/** Numbers above are milliseconds or microseconds, not seconds: the year 5138. */
const SECONDS_MAX = 1e11;

/** A span and who measured it. */
export interface MeasuredSpan {
  readonly span: Span;
  readonly agent: SpanAgent;
}

/** What the reference's entry has no field for. */
const ExtraSchema = z.object({
  kind: z.string().optional(),
  name: z.string().optional(),
  code: z.string().optional(),
  version: z.string().optional(),
  chunks: z.number().optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
}).catch({});

/**
 * The entry of a span that has ended, as the arguments of `XADD` after the id: field, value, field,
 * value….
 *
 * @param now When it is published, milliseconds since the epoch.
 * @returns `undefined` for a span that has only begun.
 */
export function streamEntry({ span, agent }: MeasuredSpan, now: number): string[] | undefined {
  if (span.duration_us === undefined) return undefined;
  const fields = {
    trace_id: span.trace_id,
    span_id: span.span_id,
    parent_span: span.parent_span_id ?? "null",
    function_name: operationOf(span),
    start_time: seconds(span.start_us),
    end_time: seconds(span.start_us + span.duration_us),
    duration_ms: (span.duration_us / 1_000).toFixed(2),
    success: span.error === undefined ? "true" : "false",
    error: span.error?.message,
    // Where the reference's registry looks for the error's text; its own agents do not write it.
    error_message: span.error?.message,
    agent_id: agent.id,
    agent_name: agent.name,
    agent_namespace: agent.namespace,
    agent_hostname: agent.hostname,
    agent_ip: agent.ip,
    agent_port: agent.port,
    agent_endpoint: agent.endpoint,
    runtime: agent.runtime,
    capability: span.capability,
    target_agent: span.target_agent,
    request_bytes: span.request_bytes,
    response_bytes: span.response_bytes,
    call_attempts: span.attempts,
    llm_input_tokens: span.llm?.input_tokens,
    llm_output_tokens: span.llm?.output_tokens,
    llm_total_tokens: totalTokens(span),
    llm_model: span.llm?.model,
    llm_provider: span.llm?.provider,
    published_at: (now / 1_000).toFixed(6),
    span_extra: JSON.stringify({
      kind: span.kind,
      name: span.name,
      code: span.error?.code,
      version: agent.version,
      chunks: span.chunks,
      attributes: span.attributes,
    }),
  };
  return Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [field, String(value)]
  );
}

/**
 * The span of an entry, of the reference's agents of any age or of ours.
 *
 * @param entry Field, value, field, value….
 * @returns What is wrong with it, where it cannot be used.
 */
export function readStreamEntry(entry: readonly string[]): MeasuredSpan | { fault: string } {
  const fields = new Map<string, string>();
  for (let index = 0; index + 1 < entry.length; index += 2) {
    fields.set(entry[index] ?? "", entry[index + 1] ?? "");
  }
  const text = (...names: string[]) => {
    for (const name of names) {
      const value = fields.get(name);
      if (value !== undefined && value !== "" && value !== "null" && value !== "None") return value;
    }
    return undefined;
  };
  const number = (name: string) => {
    const value = text(name);
    return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  const extra = ExtraSchema.parse(jsonOf(text("span_extra")));
  const operation = text("function_name", "operation");
  const agentName = text("agent_name") ?? text("agent_id");
  const agent = SpanAgentSchema.safeParse({
    id: text("agent_id") ?? agentName,
    name: agentName,
    version: extra.version,
    namespace: text("agent_namespace"),
    runtime: text("runtime"),
    hostname: text("agent_hostname"),
    ip: text("agent_ip", "ip_address"),
    port: number("agent_port"),
    endpoint: text("agent_endpoint"),
  });
  if (!agent.success) return { fault: "it names no agent" };
  const llm = {
    model: text("llm_model"),
    provider: text("llm_provider"),
    input_tokens: number("llm_input_tokens"),
    output_tokens: number("llm_output_tokens"),
  };
  const span = SpanSchema.safeParse({
    trace_id: text("trace_id"),
    span_id: text("span_id"),
    parent_span_id: text("parent_span"),
    name: extra.name ?? operation,
    kind: extra.kind ?? kindOf(operation ?? ""),
    ...times(text, number("duration_ms")),
    error: succeeded(text("success")) ? undefined : {
      code: extra.code,
      message: text("error", "error_message") ?? "",
    },
    capability: text("capability"),
    target_agent: text("target_agent"),
    request_bytes: number("request_bytes"),
    response_bytes: number("response_bytes"),
    attempts: number("call_attempts"),
    chunks: extra.chunks,
    ...(Object.values(llm).some((value) => value !== undefined) && { llm }),
    attributes: extra.attributes,
  });
  if (span.success) return { span: span.data, agent: agent.data };
  const [issue] = span.error.issues;
  return { fault: `${issue?.path.join(".")}: ${issue?.message}` };
}

/**
 * What the reference calls a span: its readers hide calls to dependencies and what begins with
 * `_internal_`, so that only what agents did is in the tree.
 */
function operationOf({ kind, name, llm }: Span): string {
  if (kind !== "client") return name;
  return llm === undefined ? CLIENT : `${INTERNAL}${name}`;
}

function kindOf(operation: string): Span["kind"] {
  if (operation.startsWith(CLIENT)) return "client";
  return operation.startsWith(INTERNAL) ? "internal" : "server";
}

/** Old agents send one time, and tell by `event_type` whether it is the begin or the end. */
function times(
  text: (...names: string[]) => string | undefined,
  durationMs: number | undefined,
): { start_us: number | undefined; duration_us?: number | undefined } {
  const start = micros(text("start_time"));
  const end = micros(text("end_time"));
  const told = micros(text("timestamp"));
  const type = text("event_type") ?? "";
  const measured = durationMs === undefined ? undefined : Math.max(0, durationMs) * 1_000;
  if (type.includes("start")) return { start_us: start ?? told };
  if (start !== undefined) {
    // Two decimals of a millisecond are rounder than two times; a clock set back is not believed.
    const between = end === undefined ? undefined : end - start;
    const isExact = between !== undefined && between >= 0 &&
      (measured === undefined || Math.abs(between - measured) <= 10);
    return { start_us: start, duration_us: isExact ? between : measured ?? 0 };
  }
  const until = end ?? told;
  const duration = measured ?? 0;
  return { start_us: until === undefined ? undefined : until - duration, duration_us: duration };
}

/** Microseconds of a time as text: seconds, milliseconds, microseconds or a date. */
function micros(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const value = Number(time);
  if (Number.isNaN(value)) {
    const date = Date.parse(time);
    return Number.isNaN(date) ? undefined : date * 1_000;
  }
  if (value > SECONDS_MAX * 1_000) return value;
  return value > SECONDS_MAX ? value * 1_000 : value * 1_000_000;
}

function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}

function succeeded(text: string | undefined): boolean {
  return text === undefined || /^(true|1|yes|on)$/i.test(text);
}

function totalTokens({ llm }: Span): number | undefined {
  if (llm?.input_tokens === undefined && llm?.output_tokens === undefined) return undefined;
  return (llm.input_tokens ?? 0) + (llm.output_tokens ?? 0);
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
