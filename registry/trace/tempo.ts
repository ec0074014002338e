/**
 * Traces that are not here any more, from Grafana Tempo: `GET {TEMPO_URL}/api/traces/{id}`, OTLP in
 * JSON with ids in base64.
 *
 * @module
 */
import * as z from "zod";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import {
  SPAN_KINDS,
  type SpanAgent,
  SpanAgentSchema,
  SpanSchema,
} from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { ATTRIBUTE } from "./otlp_attributes.ts";

/** What {@linkcode Tempo} needs. */
export interface TempoOptions {
  /** Its address, without a slash at its end. */
  url: string;
  fetch: typeof fetch;
  /** Longest wait, milliseconds. @default 10000 */
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Largest answer read, characters. */
const ANSWER_MAX = 64 * 1024 * 1024;

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).transform(Number).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
}).transform((value) =>
  value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue
);
const attributes = z.array(z.object({ key: z.string(), value })).default([]).transform((list) =>
  new Map(list.map(({ key, value }) => [key, value]))
);
const nanoseconds = z.union([z.string().regex(/^\d{1,20}$/), z.number().int().min(0)]);
const SpanOfTempo = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(""),
  name: z.string().default(""),
  kind: z.union([z.string(), z.number()]).default(""),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.object({
    code: z.union([z.string(), z.number()]).default(0),
    message: z.string().default(""),
  }).default({ code: 0, message: "" }),
});
type SpanOfTempo = z.output<typeof SpanOfTempo>;

const scopes = z.array(z.object({ spans: z.array(z.unknown()).default([]) })).optional();
const batches = z.array(z.object({
  resource: z.object({ attributes }).default({ attributes: new Map() }),
  scopeSpans: scopes,
  instrumentationLibrarySpans: scopes,
})).optional();
/** An answer of Tempo: `batches` of its first API, `resourceSpans` of OTLP itself. */
const TraceOfTempo = z.object({ batches, resourceSpans: batches });

/** A Tempo that can be asked. */
export class Tempo {
  readonly #options: TempoOptions;

  constructor(options: TempoOptions) {
    this.#options = options;
  }

  /**
   * The spans it has of a trace; none when it has none.
   *
   * @throws When it does not answer, or with something else.
   */
  async read(id: string): Promise<MeasuredSpan[]> {
    const { url, fetch, timeoutMs = TIMEOUT_MS } = this.#options;
    const response = await fetch(`${url}/api/traces/${id}`, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return [];
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`Tempo answered ${response.status}`);
    }
    return spansOfTempo(JSON.parse(await boundedText(response, ANSWER_MAX)));
  }
}

/** The spans of an answer; those that cannot be read are left out. */
export function spansOfTempo(answer: unknown): MeasuredSpan[] {
  const { batches, resourceSpans } = TraceOfTempo.parse(answer);
  return (batches ?? resourceSpans ?? []).flatMap((batch) => {
    const agent = agentOf(batch.resource.attributes);
    const scopes = batch.scopeSpans ?? batch.instrumentationLibrarySpans ?? [];
    return scopes.flatMap(({ spans }) =>
      spans.flatMap((span) => {
        const read = SpanOfTempo.safeParse(span);
        return read.success ? measuredSpan(read.data, agent) : [];
      })
    );
  });
}

type Attributes = SpanOfTempo["attributes"];

function agentOf(attributes: Attributes): SpanAgent {
  const text = (key: string) => attributes.get(key)?.toString();
  const name = text(ATTRIBUTE.serviceName) ?? "unknown";
  return SpanAgentSchema.parse({
    id: text(ATTRIBUTE.serviceInstance) ?? name,
    name,
    version: text(ATTRIBUTE.serviceVersion),
    namespace: text(ATTRIBUTE.serviceNamespace),
    hostname: text(ATTRIBUTE.hostName),
  });
}

function measuredSpan(span: SpanOfTempo, agent: SpanAgent): MeasuredSpan[] {
  const { attributes } = span;
  const own = (key: string) => attributes.get(key);
  const llm = {
    model: own(ATTRIBUTE.model),
    provider: own(ATTRIBUTE.provider),
    input_tokens: own(ATTRIBUTE.inputTokens),
    output_tokens: own(ATTRIBUTE.outputTokens),
  };
  const known = new Set<string>(Object.values(ATTRIBUTE));
  const start = micros(span.startTimeUnixNano);
  const read = SpanSchema.safeParse({
    trace_id: hexOf(span.traceId),
    span_id: hexOf(span.spanId),
    parent_span_id: hexOf(span.parentSpanId),
    name: own(ATTRIBUTE.operation) ?? span.name,
    kind: kindOf(span.kind),
    start_us: start,
    duration_us: Math.max(0, micros(span.endTimeUnixNano) - start),
    error: /^(2|STATUS_CODE_ERROR)$/.test(String(span.status.code))
      ? { code: own(ATTRIBUTE.errorType), message: span.status.message }
      : undefined,
    capability: own(ATTRIBUTE.capability),
    target_agent: own(ATTRIBUTE.target),
    request_bytes: own(ATTRIBUTE.requestBytes),
    response_bytes: own(ATTRIBUTE.responseBytes),
    attempts: own(ATTRIBUTE.attempts),
    chunks: own(ATTRIBUTE.chunks),
    ...(Object.values(llm).some((member) => member !== undefined) && { llm }),
    attributes: Object.fromEntries([...attributes].filter(([key]) => !known.has(key))),
  });
  if (!read.success) return [];
  const [agentId, runtime] = [own(ATTRIBUTE.agentId), own(ATTRIBUTE.runtime)];
  return [{
    span: read.data,
    agent: SpanAgentSchema.parse({ ...agent, id: agentId?.toString() ?? agent.id, runtime }),
  }];
}

function kindOf(kind: string | number): string | undefined {
  // OTLP counts from 1, 0 being none.
  if (typeof kind === "number") return SPAN_KINDS[kind - 1];
  return kind.replace(/^SPAN_KIND_/, "").toLowerCase();
}

function micros(nanoseconds: string | number): number {
  return Number(BigInt(nanoseconds) / 1_000n);
}

/** An id in hex; Tempo writes bytes in base64. */
function hexOf(id: string): string {
  if (/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(id)) return id;
  try {
    return Uint8Array.fromBase64(id).toHex();
  } catch {
    return "";
  }
}
