/**
 * Spans as OpenTelemetry's exporters take them: each agent is a resource, and ids are kept as they
 * came, so that parentage is.
 *
 * @module
 */
import type { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { type Span, SPAN_KINDS, type SpanAgent } from "../../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../../runtime/protocol/trace_stream.ts";
import { VERSION } from "../../base/version.ts";
import { ATTRIBUTE } from "../otlp_attributes.ts";

/** A span as OpenTelemetry's serializers take it. */
export type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];

type Attributes = ReadableSpan["attributes"];

/** OpenTelemetry's status codes. */
const STATUS = { unset: 0, error: 2 } as const;
/** W3C trace flags: sampled. */
const SAMPLED = 1;
/** What an id of an agent has behind its name. */
const ID_SUFFIX = /-[0-9a-f]{8}$/;

/**
 * Spans for an exporter; those that have only begun are left out.
 *
 * @param resource Attributes added to every agent's.
 */
export function readableSpans(
  measured: readonly MeasuredSpan[],
  resource: Readonly<Record<string, string>>,
): ReadableSpan[] {
  const scope = { name: "mesh", version: VERSION };
  // Serializers group spans by the very object that is their resource.
  const resources = new Map<string, ReadableSpan["resource"]>();
  const resourceOf = (agent: SpanAgent) => {
    const key = JSON.stringify(agent);
    const known = resources.get(key);
    if (known !== undefined) return known;
    const made = resourceFromAttributes({ ...agentAttributes(agent), ...resource });
    resources.set(key, made);
    return made;
  };
  return measured.flatMap(({ span, agent }): ReadableSpan[] => {
    if (span.duration_us === undefined) return [];
    const context = (spanId: string) => ({
      traceId: span.trace_id,
      spanId,
      traceFlags: SAMPLED,
    });
    const own = context(span.span_id);
    return [{
      name: span.name,
      kind: SPAN_KINDS.indexOf(span.kind),
      spanContext: () => own,
      ...(span.parent_span_id !== undefined && {
        parentSpanContext: context(span.parent_span_id),
      }),
      startTime: hrTime(span.start_us),
      endTime: hrTime(span.start_us + span.duration_us),
      duration: hrTime(span.duration_us),
      status: span.error === undefined
        ? { code: STATUS.unset }
        : { code: STATUS.error, message: span.error.message },
      attributes: spanAttributes(span, agent),
      links: [],
      events: [],
      ended: true,
      resource: resourceOf(agent),
      instrumentationScope: scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }];
  });
}

function agentAttributes(agent: SpanAgent): Attributes {
  return given({
    [ATTRIBUTE.serviceName]: agent.name,
    [ATTRIBUTE.serviceInstance]: agent.id,
    [ATTRIBUTE.serviceVersion]: agent.version,
    [ATTRIBUTE.serviceNamespace]: agent.namespace,
    [ATTRIBUTE.hostName]: agent.hostname,
  });
}

function spanAttributes(span: Span, agent: SpanAgent): Attributes {
  const { error, llm } = span;
  return {
    ...span.attributes,
    ...given({
      [ATTRIBUTE.agentId]: agent.id,
      [ATTRIBUTE.operation]: span.name,
      [ATTRIBUTE.runtime]: agent.runtime,
      [ATTRIBUTE.capability]: span.capability,
      [ATTRIBUTE.target]: span.target_agent,
      [ATTRIBUTE.peer]: span.target_agent?.replace(ID_SUFFIX, ""),
      [ATTRIBUTE.requestBytes]: span.request_bytes,
      [ATTRIBUTE.responseBytes]: span.response_bytes,
      [ATTRIBUTE.attempts]: span.attempts,
      [ATTRIBUTE.chunks]: span.chunks,
      // OpenTelemetry wants a type of every error; `_OTHER` is its name for one that has none.
      [ATTRIBUTE.errorType]: error && (error.code ?? "_OTHER"),
      [ATTRIBUTE.model]: llm?.model,
      [ATTRIBUTE.provider]: llm?.provider,
      [ATTRIBUTE.inputTokens]: llm?.input_tokens,
      [ATTRIBUTE.outputTokens]: llm?.output_tokens,
    }),
  };
}

/** Attributes without those that are not there. */
function given(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Seconds and nanoseconds. */
function hrTime(us: number): [number, number] {
  const seconds = Math.floor(us / 1_000_000);
  return [seconds, (us - seconds * 1_000_000) * 1_000];
}
