/**
 * The trace stream as agents write it, for tests.
 *
 * @module
 */
import type { Redis } from "ioredis";
import {
  type MeasuredSpan,
  streamEntry,
  TRACE_STREAM,
} from "../../../runtime/protocol/trace_stream.ts";

/** Adds spans to the stream, as an agent does. */
export async function publish(client: Redis, measured: readonly MeasuredSpan[]): Promise<void> {
  const pipeline = client.pipeline();
  for (const each of measured) {
    const entry = streamEntry(each, Date.now());
    if (entry !== undefined) {
      pipeline.call("XADD", [TRACE_STREAM, "MAXLEN", "~", "100000", "*", ...entry]);
    }
  }
  for (const [error] of await pipeline.exec() ?? []) {
    if (error !== null) throw error;
  }
}
