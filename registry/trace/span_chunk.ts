/**
 * Spans of one trace as values of the database: UTF-8 JSON, each value under KV's 64 KiB and complete
 * by itself. Pure.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Span, SpanAgent } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";

/** Bytes of one value; under KV's 65,536 with room for its own framing. */
export const CHUNK_BYTES = 60_000;
/** A span of more bytes is kept without its attributes. What is left fits into a value. */
const SPAN_BYTES = 24_000;

/** What a value holds: agents once, and each span with the number of its agent. */
interface Chunk {
  readonly agents: readonly SpanAgent[];
  readonly spans: readonly (readonly [agent: number, span: Span])[];
}

/** Around the members of a value, and around one span. */
const FRAME_BYTES = 32;

/** The values that hold these spans; as few as can be. */
export function toChunks(measured: readonly MeasuredSpan[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let open = new OpenChunk();
  for (const { span, agent } of measured) {
    const text = spanText(span);
    if (!open.take(agent, text)) {
      chunks.push(open.bytes());
      open = new OpenChunk();
      open.take(agent, text);
    }
  }
  if (!open.isEmpty) chunks.push(open.bytes());
  return chunks;
}

/** The spans a value holds. */
export function fromChunk(bytes: Uint8Array): MeasuredSpan[] {
  // The database holds what this module wrote.
  const { agents, spans } = JSON.parse(new TextDecoder().decode(bytes)) as Chunk;
  return spans.flatMap(([number, span]) => {
    const agent = agents[number];
    return agent === undefined ? [] : [{ span, agent }];
  });
}

/** A value that is being filled. */
class OpenChunk {
  readonly #agents = new Map<string, number>();
  readonly #spans: string[] = [];
  #size = FRAME_BYTES;

  get isEmpty(): boolean {
    return this.#spans.length === 0;
  }

  /** Takes a span, unless it would be too much. */
  take(agent: SpanAgent, span: string): boolean {
    const text = JSON.stringify(agent);
    const known = this.#agents.get(text);
    const added = Buffer.byteLength(span) + FRAME_BYTES +
      (known === undefined ? Buffer.byteLength(text) : 0);
    if (this.#size + added > CHUNK_BYTES && !this.isEmpty) return false;
    this.#size += added;
    if (known === undefined) this.#agents.set(text, this.#agents.size);
    this.#spans.push(`[${known ?? this.#agents.size - 1},${span}]`);
    return true;
  }

  bytes(): Uint8Array {
    const agents = [...this.#agents.keys()].join(",");
    return new TextEncoder().encode(`{"agents":[${agents}],"spans":[${this.#spans.join(",")}]}`);
  }
}

function spanText(span: Span): string {
  const text = JSON.stringify(span);
  if (Buffer.byteLength(text) <= SPAN_BYTES) return text;
  const { attributes: _, ...rest } = span;
  return JSON.stringify(rest);
}
