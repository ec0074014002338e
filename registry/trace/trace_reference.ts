/**
 * Which traces a person may mean by how an id begins.
 *
 * @module
 */
import type { SpanStore } from "./span_store.ts";
import { TRACE_SPANS_MAX } from "./trace_list.ts";
import { isIn } from "./trace_query.ts";

/** Traces whose ids begin alike. */
export interface MeantTraces {
  readonly ids: readonly string[];
  /** There may be more of them. */
  readonly more: boolean;
}

/** What {@linkcode meantTraces} looks for. */
export interface TraceReference {
  /** How the id begins, in lower-case hex digits. */
  readonly beginning: string;
  /** The only namespace that may be looked into; `undefined` is all of them. */
  readonly namespace: string | undefined;
  /** Most ids answered. */
  readonly max: number;
}

/** Most traces read to find those that touch a namespace. */
const READS_MAX = 200;

/** The traces that a beginning may mean to somebody who sees a namespace. */
export async function meantTraces(
  store: Pick<SpanStore, "idsFrom" | "read">,
  { beginning, namespace, max }: TraceReference,
): Promise<MeantTraces> {
  const ids: string[] = [];
  let reads = 0;
  for await (const id of store.idsFrom(beginning)) {
    if (namespace !== undefined) {
      if (reads === READS_MAX) return { ids, more: true };
      reads++;
      const found = await store.read(id, TRACE_SPANS_MAX);
      if (found === undefined || !isIn(namespace, found.spans)) continue;
    }
    if (ids.length === max) return { ids, more: true };
    ids.push(id);
  }
  return { ids, more: false };
}
