/**
 * OTLP over gRPC (OpenTelemetry protocol specification, OTLP/gRPC).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  ChannelCredentials,
  Client,
  type ClientUnaryCall,
  compressionAlgorithms,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { TlsMaterial } from "../../config/tls_material.ts";
import type { OtlpConfig } from "../../config/trace_config.ts";
import type { ExportOutcome, OtlpExporter } from "./exporter.ts";
import { readableSpans } from "./otlp_spans.ts";

/** What {@linkcode otlpGrpcExporter} needs. */
export interface OtlpGrpcOptions {
  config: OtlpConfig;
  tls: TlsMaterial;
  /** Attributes added to every agent's. */
  resource: Readonly<Record<string, string>>;
}

const EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/** Codes after which the same batch may be sent again. */
const RETRYABLE: readonly number[] = [
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
];

/** Passes spans on to an OTLP receiver over gRPC. */
export function otlpGrpcExporter({ config, tls, resource }: OtlpGrpcOptions): OtlpExporter {
  const { protocol, host } = new URL(config.url);
  const bytes = (text: string | undefined) => text === undefined ? null : Buffer.from(text);
  const credentials = protocol === "https:"
    ? ChannelCredentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert))
    : ChannelCredentials.createInsecure();
  const client = new Client(/:\d+$/.test(host) ? host : `${host}:4317`, credentials, {
    // Where to send spans is a setting here, and not that of the whole process.
    "grpc.enable_http_proxy": 0,
    // The queue paces attempts; one that is made should find out how it is now.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1_000,
    ...(config.gzip && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(config.headers)) metadata.set(name, value);
  const underWay = new Set<ClientUnaryCall>();
  const call = (request: Uint8Array) => {
    const answer = Promise.withResolvers<ExportOutcome>();
    // By the clock that gRPC itself goes by.
    const deadline = Date.now() + config.timeoutMs;
    const made = client.makeUnaryRequest(
      EXPORT,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => ProtobufTraceSerializer.deserializeResponse(bytes),
      request,
      metadata,
      { deadline },
      (error, response) => {
        underWay.delete(made);
        answer.resolve(
          error === null
            ? { kind: "taken", refused: Number(response?.partialSuccess?.rejectedSpans ?? 0) }
            : failure(error),
        );
      },
    );
    underWay.add(made);
    return answer.promise;
  };
  return {
    name: "otlp",
    export: async (measured) => {
      const spans = readableSpans(measured, resource);
      const request = spans.length === 0
        ? undefined
        : ProtobufTraceSerializer.serializeRequest(spans);
      return request === undefined ? { kind: "taken" } : await call(request);
    },
    // A request without spans is a message without fields.
    probe: () => call(new Uint8Array()),
    close: () => {
      for (const made of underWay) made.cancel();
      client.close();
    },
  };
}

function failure({ code, details }: ServiceError): ExportOutcome {
  const reason = `it answered ${status[code] ?? code}: ${details}`;
  return { kind: RETRYABLE.includes(code) ? "later" : "refused", reason };
}
