/**
 * Progress notifications: what carries the chunks of a stream and reports of progress
 * (registry-protocol §7.1). Both go over `notifications/progress`; `_meta` tells which is which.
 *
 * @module
 */
import { CHUNK_META, PROGRESS_META } from "./client.ts";

/** The particulars of a notification that carries a chunk; the count and the token are the sender's. */
export function chunkParams(chunk: unknown): Record<string, unknown> {
  return typeof chunk === "string"
    ? { message: chunk }
    : { message: JSON.stringify(chunk) ?? "null", _meta: { [CHUNK_META]: chunk } };
}

/** The particulars of a notification that reports progress. */
export function progressParams(
  progress: number,
  total?: number,
  message?: string,
): Record<string, unknown> {
  return {
    progress,
    ...(total === undefined ? {} : { total }),
    ...(message === undefined ? {} : { message }),
    _meta: { [PROGRESS_META]: true },
  };
}
