/**
 * Spans on their way from those who measured them to the registry: `POST /trace/spans`. Our addition
 * to the reference's protocol, which has only its Redis stream (`trace_stream.ts`).
 *
 * One span is one message, sent when it has ended. A message without `duration_us` says that a span
 * has begun; it is optional, makes running calls visible, and the one that follows replaces it. Spans
 * may come late, twice and in any order.
 *
 * Readers are lenient where a span would be lost for a trifle: text that is too long is cut, a parent
 * that is no id is no parent, an attribute that is no scalar is left out.
 *
 * @module
 */
import * as z from "zod";
import { spanIdOf, traceIdOf, unrecordedParent } from "./trace_id.ts";
import { shortened } from "../base/cut_text.ts";

/** Most spans of one batch. */
export const BATCH_SPANS_MAX = 1_000;
/** Largest batch as UTF-8 JSON, bytes. */
export const BATCH_BYTES_MAX = 1_048_576;
/** Longest texts of a span, UTF-16 code units; what is longer is cut. */
export const TEXT_MAX = {
  name: 256,
  errorMessage: 4_096,
  attributeKey: 128,
  attributeValue: 1_024,
} as const;
/** Most attributes of a span; further ones are left out. */
export const ATTRIBUTES_MAX = 64;

/** What a span stands for, as OpenTelemetry names it. */
export const SPAN_KINDS = ["internal", "server", "client", "producer", "consumer"] as const;

const cut = (max: number) => z.string().transform((text) => shortened(text, max));
const name = cut(TEXT_MAX.name);
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER).transform(Math.round);
/** What is wrong with an optional particular must not cost the span. */
const optionalName = name.optional().catch(undefined);
const optionalCount = count.optional().catch(undefined);

const id = (read: (text: string) => string | undefined, digits: number) =>
  z.string().transform((text, context) => {
    const id = read(text);
    if (id !== undefined) return id;
    context.addIssue(`expected ${digits} hex digits that are not all zero`);
    return z.NEVER;
  });

/** The value of an attribute. */
export type AttributeValue = string | number | boolean;

const AttributesSchema = z.record(z.string(), z.unknown()).transform(readAttributes);

/** Why a span failed. */
export const SpanErrorSchema = z.object({
  /** A `MeshError`'s code, or whatever names the kind of failure in few words. */
  code: optionalName,
  message: cut(TEXT_MAX.errorMessage).default("").catch(""),
});
/** Why a span failed. */
export type SpanError = z.output<typeof SpanErrorSchema>;

/** What a language model did. */
export const LlmUsageSchema = z.object({
  model: optionalName,
  /** The vendor, such as `anthropic`. */
  provider: optionalName,
  input_tokens: optionalCount,
  output_tokens: optionalCount,
});
/** What a language model did. */
export type LlmUsage = z.output<typeof LlmUsageSchema>;

/** One span. */
export const SpanSchema = z.object({
  trace_id: id(traceIdOf, 32),
  span_id: id(spanIdOf, 16),
  /** Absent for the first span of a trace. */
  parent_span_id: z.string().nullish().catch(undefined),
  /** The tool, prompt or resource that ran, the route, or what a client called at its target. */
  name,
  /** An inbound call is `server`, a call to a dependency or to a model `client`. */
  kind: z.enum(SPAN_KINDS).catch("internal"),
  /** Begin, microseconds since the epoch by the sender's clock. */
  start_us: count,
  /** Microseconds; absent while it runs. */
  duration_us: optionalCount,
  /** There is one exactly when it failed. */
  error: SpanErrorSchema.optional().catch({ code: undefined, message: "" }),
  capability: optionalName,
  /** Of a client span: the id of the agent that was called, or its name where that is all. */
  target_agent: optionalName,
  request_bytes: optionalCount,
  response_bytes: optionalCount,
  /** How often it was sent; absent is once. */
  attempts: optionalCount,
  /** Chunks a streaming tool has sent, or its reader got. */
  chunks: optionalCount,
  llm: LlmUsageSchema.optional().catch(undefined),
  /** Anything else, by OpenTelemetry's names where it has one. */
  attributes: AttributesSchema.optional().catch(undefined),
}).transform((span): typeof span & { parent_span_id?: string | undefined } => ({
  ...span,
  parent_span_id: parentOf(span.trace_id, span.span_id, span.parent_span_id),
}));
/** One span as it is read. */
export type Span = z.output<typeof SpanSchema>;
/** One span as it may be written. */
export type SpanInput = z.input<typeof SpanSchema>;

/** Who measured spans. */
export const SpanAgentSchema = z.object({
  id: name,
  /** What its replicas share. */
  name,
  version: optionalName,
  namespace: optionalName,
  /** `deno`, `python`, `typescript`, `java`. */
  runtime: optionalName,
  hostname: optionalName,
  ip: optionalName,
  port: optionalCount,
  endpoint: optionalName,
});
/** Who measured spans. */
export type SpanAgent = z.output<typeof SpanAgentSchema>;

/** The body of `POST /trace/spans`: spans of one agent, at most {@linkcode BATCH_SPANS_MAX}. */
export const SpanBatchSchema = z.object({
  agent: SpanAgentSchema,
  /** Each is read by itself: one that cannot be used does not cost the others. */
  spans: z.array(z.unknown()).max(BATCH_SPANS_MAX).meta({
    items: { $ref: "#/components/schemas/Span" },
  }),
  /** Spans the sender had no room for since its last batch. */
  dropped: optionalCount,
});
/** The body of `POST /trace/spans` as it may be written. */
export interface SpanBatchInput {
  readonly agent: z.input<typeof SpanAgentSchema>;
  readonly spans: readonly SpanInput[];
  readonly dropped?: number;
}

/**
 * Answer to `POST /trace/spans`, 202: what was taken is kept. Other answers: 400 for a body that is
 * no batch, 404 where traces are off or unknown, 413 for one too large; after 429 and 503 the same
 * batch may be sent again once `Retry-After` has passed.
 */
export const SpanReceiptSchema = z.object({
  accepted: z.number(),
  rejected: z.number(),
  /** What was wrong with the first of those rejected. */
  reasons: z.array(z.string()).optional(),
});
/** Answer to `POST /trace/spans`. */
export type SpanReceipt = z.output<typeof SpanReceiptSchema>;

/**
 * The parent of a span, if what is given for one can be it: an id, not the span's own, and not that
 * of a caller who recorded none.
 */
export function parentOf(
  traceId: string,
  spanId: string,
  given: string | null | undefined,
): string | undefined {
  const parent = spanIdOf(given ?? "");
  return parent === spanId || parent === unrecordedParent(traceId) ? undefined : parent;
}

function readAttributes(given: Record<string, unknown>) {
  const attributes: [key: string, value: AttributeValue][] = [];
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== "string" && typeof value !== "boolean" && !Number.isFinite(value)) {
      continue;
    }
    if (attributes.length === ATTRIBUTES_MAX) break;
    attributes.push([
      shortened(key, TEXT_MAX.attributeKey),
      // What is neither a text nor a truth value is a number, checked above.
      typeof value === "string"
        ? shortened(value, TEXT_MAX.attributeValue)
        : value as AttributeValue,
    ]);
  }
  return Object.fromEntries(attributes);
}
