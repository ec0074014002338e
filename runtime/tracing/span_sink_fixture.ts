/**
 * A registry that only takes spans: for tests of what agents send.
 *
 * @module
 */
import { type Span, type SpanAgent, SpanBatchSchema, SpanSchema } from "../protocol/trace.ts";

/** A span as it arrived. */
export type SunkSpan = Span & { readonly agent: SpanAgent };

/** A registry that only takes spans. */
export interface SpanSink extends AsyncDisposable {
  readonly url: string;
  /** What it has. */
  readonly spans: readonly SunkSpan[];
  /** The bodies as they came. */
  readonly bodies: readonly string[];
  /** What senders said they had no room for. */
  readonly dropped: number;
  /** Answers so many requests with a status instead of taking them. */
  refuse(times: number, status: number): void;
  /** All spans, once there are so many. */
  have(count: number): Promise<readonly SunkSpan[]>;
}

/** Opens one. */
export function spanSink(): SpanSink {
  const spans: SunkSpan[] = [];
  const bodies: string[] = [];
  let dropped = 0;
  let refusals = { left: 0, status: 503 };
  let came = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const body = await request.text();
    if (!request.url.endsWith("/trace/spans")) return new Response(null, { status: 404 });
    if (refusals.left-- > 0) return new Response(null, { status: refusals.status });
    const batch = SpanBatchSchema.parse(JSON.parse(body));
    bodies.push(body);
    dropped += batch.dropped ?? 0;
    spans.push(...batch.spans.map((span) => ({ ...SpanSchema.parse(span), agent: batch.agent })));
    came.resolve();
    came = Promise.withResolvers();
    return Response.json({ accepted: batch.spans.length, rejected: 0 }, { status: 202 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    spans,
    bodies,
    get dropped() {
      return dropped;
    },
    refuse(left, status) {
      refusals = { left, status };
    },
    async have(count) {
      while (spans.length < count) await came.promise;
      return spans;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
