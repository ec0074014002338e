/**
 * A body of `POST /trace/spans`, read. Pure.
 *
 * @module
 */
import * as z from "zod";
import { SpanBatchSchema, SpanSchema } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";

/** The spans of a batch, and what became of the others. */
export interface ReadBatch {
  readonly spans: readonly MeasuredSpan[];
  /** Spans that cannot be read, and what is wrong with the first of them. */
  readonly rejected: number;
  readonly reasons: readonly string[];
  /** Spans the sender had no room for. */
  readonly dropped: number;
}

/** Reasons that are told. */
const REASONS_MAX = 5;

/** What a body says, or why it is no batch. */
export function readBatch(body: Uint8Array): ReadBatch | { fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    return { fault: `the body is no JSON: ${error instanceof Error ? error.message : error}` };
  }
  const batch = SpanBatchSchema.safeParse(json);
  if (!batch.success) {
    return { fault: `the body is no batch of spans: ${z.prettifyError(batch.error)}` };
  }
  const { agent, dropped = 0 } = batch.data;
  const spans: MeasuredSpan[] = [];
  const reasons: string[] = [];
  batch.data.spans.forEach((each, at) => {
    const span = SpanSchema.safeParse(each);
    if (span.success) spans.push({ span: span.data, agent });
    else if (reasons.length < REASONS_MAX) {
      reasons.push(`span ${at}: ${z.prettifyError(span.error)}`);
    }
  });
  return { spans, rejected: batch.data.spans.length - spans.length, reasons, dropped };
}
