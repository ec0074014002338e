/**
 * OTLP over HTTP, as protobuf or JSON (OpenTelemetry protocol specification, OTLP/HTTP).
 *
 * @module
 */
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { boundedBytes } from "../../../runtime/base/bounded_body.ts";
import { errorText } from "../../../runtime/base/errors.ts";
import { retryAfterMs } from "../../../runtime/base/retry_after.ts";
import type { OtlpConfig } from "../../config/trace_config.ts";
import type { ExportOutcome, OtlpExporter } from "./exporter.ts";
import { readableSpans } from "./otlp_spans.ts";
import { cutText } from "../../../runtime/base/cut_text.ts";

/** What {@linkcode otlpHttpExporter} needs. */
export interface OtlpHttpOptions {
  config: OtlpConfig;
  /** Attributes added to every agent's. */
  resource: Readonly<Record<string, string>>;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Statuses after which the same batch may be sent again. */
const RETRYABLE = [429, 502, 503, 504];
/** Longest text of a refusal that is repeated in the log. */
const REASON_MAX = 200;

/** Largest answer that is read, bytes. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** Passes spans on to an OTLP receiver over HTTP. */
export function otlpHttpExporter(
  { config, resource, fetch, now }: OtlpHttpOptions,
): OtlpExporter {
  const isJson = config.protocol === "http/json";
  const serializer = isJson ? JsonTraceSerializer : ProtobufTraceSerializer;
  const headers = {
    ...config.headers,
    "content-type": isJson ? "application/json" : "application/x-protobuf",
    ...(config.gzip && { "content-encoding": "gzip" }),
  };
  const closing = new AbortController();
  const send = async (bytes: Uint8Array): Promise<ExportOutcome> => {
    const response = await fetch(config.url, {
      method: "POST",
      headers,
      body: config.gzip ? await gzip(bytes) : new Uint8Array(bytes),
      redirect: "error",
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(config.timeoutMs)]),
    });
    const answer = await answerOf(response);
    if (response.ok) return { kind: "taken", refused: refusedSpans(serializer, answer) };
    const text = cutText(new TextDecoder().decode(answer), REASON_MAX);
    const reason = `it answered ${response.status}${isJson && text !== "" ? `: ${text}` : ""}`;
    if (!RETRYABLE.includes(response.status)) return { kind: "refused", reason };
    return { kind: "later", reason, afterMs: retryAfterMs(response.headers, now()) };
  };
  const attempt = async (bytes: Uint8Array): Promise<ExportOutcome> => {
    try {
      return await send(bytes);
    } catch (error) {
      return { kind: "later", reason: errorText(error) };
    }
  };
  return {
    name: "otlp",
    export: async (measured) => {
      const spans = readableSpans(measured, resource);
      const bytes = spans.length === 0 ? undefined : serializer.serializeRequest(spans);
      return bytes === undefined ? { kind: "taken" } : await attempt(bytes);
    },
    probe: async () => await attempt(serializer.serializeRequest([]) ?? new Uint8Array()),
    close: () => closing.abort(new Error("the registry stops")),
  };
}

/** What the receiver says besides its status; nothing when that is more than is read. */
async function answerOf(response: Response): Promise<Uint8Array> {
  try {
    return await boundedBytes(response, ANSWER_BYTES_MAX);
  } catch (error) {
    if (error instanceof RangeError) return new Uint8Array();
    throw error;
  }
}

/** How many spans the receiver says it did not take. */
function refusedSpans(
  serializer: typeof ProtobufTraceSerializer | typeof JsonTraceSerializer,
  answer: Uint8Array,
): number {
  if (answer.length === 0) return 0;
  try {
    return Number(serializer.deserializeResponse(answer).partialSuccess?.rejectedSpans ?? 0);
  } catch {
    // It took the batch and answers in a form of its own.
    return 0;
  }
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}
