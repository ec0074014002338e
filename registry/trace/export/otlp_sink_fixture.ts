/**
 * OTLP receivers over HTTP and gRPC for tests. They read what comes with a published protobuf library
 * and the field numbers of the OTLP specification, not with what wrote it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type handleUnaryCall, Server, ServerCredentials, status } from "@grpc/grpc-js";
import * as z from "zod";
import { parse } from "protobufjs";

const PROTO = `
syntax = "proto3";
package opentelemetry.proto;
message AnyValue {
  oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
}
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; Status status = 15; fixed32 flags = 16;
}
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Request { repeated ResourceSpans resource_spans = 1; }
message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
message Response { PartialSuccess partial_success = 1; }
`;
const { root } = parse(PROTO);
const RequestType = root.lookupType("opentelemetry.proto.Request");
const ResponseType = root.lookupType("opentelemetry.proto.Response");

const text = z.union([z.string(), z.number()]).transform(String);
const attributes = z.array(z.object({
  key: z.string(),
  value: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})).default([]).transform((list) =>
  Object.fromEntries(list.map(({ key, value }) => {
    const [kind, member] = Object.entries(value)[0] ?? [];
    return [key, kind === "intValue" ? Number(member) : member];
  }))
);
/** What was sent, protobuf and JSON alike. */
const Sent = z.object({
  resourceSpans: z.array(z.object({
    resource: z.object({ attributes }),
    scopeSpans: z.array(z.object({
      scope: z.object({ name: z.string(), version: z.string() }),
      spans: z.array(z.object({
        traceId: z.string(),
        spanId: z.string(),
        parentSpanId: z.string().default(""),
        name: z.string(),
        kind: z.number(),
        startTimeUnixNano: text,
        endTimeUnixNano: text,
        attributes,
        status: z.object({ code: z.number().default(0), message: z.string().default("") }),
      })),
    })),
  })).default([]),
});
type SentSpan = z.output<
  typeof Sent
>["resourceSpans"][number]["scopeSpans"][number]["spans"][number];

/** A span as the receiver has it. */
export interface ReceivedSpan extends SentSpan {
  /** Attributes of its resource. */
  readonly resource: Record<string, unknown>;
  /** Name of the scope. */
  readonly scope: string;
}

/** What a receiver got, and how it answers. */
export class Received {
  readonly spans: ReceivedSpan[] = [];
  readonly headers: Record<string, string>[] = [];
  /** What the next requests are answered with, instead of being taken; one each. */
  readonly answers: (() => Response)[] = [];
  /** gRPC codes of the next requests, likewise. */
  readonly codes: number[] = [];
  /** Spans said to be refused of each request. */
  refused = 0;
  #waiting: (() => void)[] = [];

  /** Settles once that many spans are there. */
  async has(count: number): Promise<void> {
    while (this.spans.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  take(document: unknown): void {
    for (const { resource, scopeSpans } of Sent.parse(document).resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        this.spans.push(
          ...spans.map((span) => ({ ...span, resource: resource.attributes, scope: scope.name })),
        );
      }
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  response(): Uint8Array<ArrayBuffer> {
    const message = this.refused === 0 ? {} : { partialSuccess: { rejectedSpans: this.refused } };
    return new Uint8Array(ResponseType.encode(ResponseType.fromObject(message)).finish());
  }
}

/** A receiver that listens. */
export interface OtlpSink extends AsyncDisposable {
  readonly received: Received;
  /** `host:port`. */
  readonly address: string;
}

/** What bytes say; ids in hex, as OTLP JSON has them. */
function decoded(bytes: Uint8Array): unknown {
  const document = RequestType.toObject(RequestType.decode(bytes), {
    longs: String,
    bytes: String,
    arrays: false,
  });
  const hex = (id: unknown) => typeof id === "string" ? Uint8Array.fromBase64(id).toHex() : "";
  for (const { scopeSpans = [] } of document["resourceSpans"] ?? []) {
    for (const { spans = [] } of scopeSpans) {
      for (const span of spans) {
        for (const key of ["traceId", "spanId", "parentSpanId"]) span[key] = hex(span[key]);
      }
    }
  }
  return document;
}

/** A receiver over HTTP. @param port 0 is any free one. */
export function otlpHttpSink(port = 0): OtlpSink {
  const received = new Received();
  const server = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      received.headers.push({
        ...Object.fromEntries(request.headers),
        path: new URL(request.url).pathname,
      });
      if (request.headers.get("content-type") === "application/grpc") {
        return new Response(null, { status: 415 });
      }
      const isPacked = request.headers.get("content-encoding") === "gzip";
      const body = isPacked && request.body !== null
        ? request.body.pipeThrough(new DecompressionStream("gzip"))
        : request.body;
      const bytes = await new Response(body).bytes();
      const answer = received.answers.shift();
      if (answer !== undefined) return answer();
      if (request.headers.get("content-type") === "application/json") {
        received.take(JSON.parse(new TextDecoder().decode(bytes)));
        return Response.json({ partialSuccess: { rejectedSpans: received.refused } });
      }
      received.take(decoded(bytes));
      return new Response(received.response(), {
        headers: { "content-type": "application/x-protobuf" },
      });
    },
  );
  return {
    received,
    address: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A receiver over gRPC. @param port 0 is any free one. */
export async function otlpGrpcSink(port = 0): Promise<OtlpSink> {
  const received = new Received();
  const handler: handleUnaryCall<Buffer, Uint8Array> = ({ request, metadata }, answer) => {
    const headers = Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]);
    received.headers.push(Object.fromEntries(headers));
    const code = received.codes.shift();
    if (code !== undefined && code !== status.OK) {
      return answer({ code, details: "not now" });
    }
    received.take(decoded(request));
    answer(null, received.response());
  };
  const server = new Server();
  server.addService({
    Export: {
      path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  }, { Export: handler });
  const bound = Promise.withResolvers<number>();
  server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) bound.resolve(port);
    else bound.reject(error);
  });
  return {
    received,
    address: `127.0.0.1:${await bound.promise}`,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
