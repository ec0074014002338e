/**
 * The traces there are, those with the latest spans first, page by page. A trace stands where the
 * latest of its commits does that may be what is looked for; so pages neither repeat nor leave out,
 * whatever is written meanwhile.
 *
 * @module
 */
import type { TraceList, TraceSummary } from "../../runtime/protocol/trace_view.ts";
import { traceSummary } from "./assemble.ts";
import type { FoundTrace, SpanStore } from "./span_store.ts";
import { fits, mayFit, type TraceQuery } from "./trace_query.ts";

/** Most spans of a trace that are looked at. */
export const TRACE_SPANS_MAX = 10_000;
/** Most traces read for one page; what is found by then is answered, and the cursor goes on. */
const READS_MAX = 2_000;

/** Where a page begins: a commit, and how many of its traces, latest first, are behind already. */
export type TracePlace = readonly [n: number, passed: number];

/** Before all there are. */
export const NEWEST: TracePlace = [Number.MAX_SAFE_INTEGER, 0];

/** What a cursor says; `undefined` when it is none of ours. */
export function readTraceCursor(cursor: string): TracePlace | undefined {
  const [, n, passed] = /^(\d{1,15})\.(\d{1,4})$/.exec(cursor) ?? [];
  return n === undefined ? undefined : [Number(n), Number(passed)];
}

/** A page of traces. */
export async function traceList(
  store: SpanStore,
  query: TraceQuery,
  limit: number,
  [from, passed] = NEWEST,
): Promise<TraceList> {
  const traces: TraceSummary[] = [];
  let reads = 0;
  for await (const { n, traces: logged } of store.before(from + 1)) {
    const latestFirst = logged.toReversed();
    for (let at = n === from ? passed : 0; at < latestFirst.length; at++) {
      if (traces.length >= limit || reads >= READS_MAX) {
        return { traces, count: traces.length, next_cursor: `${n}.${at}` };
      }
      const { id, digest } = latestFirst[at] ?? {};
      if (id === undefined || digest === undefined || !mayFit(query, digest)) continue;
      const found = await store.read(id, TRACE_SPANS_MAX);
      reads++;
      if (found === undefined || await standsLater(store, query, found, n)) continue;
      const summary = traceSummary(id, found.spans);
      if (fits(query, summary, found.spans)) traces.push(summary);
    }
  }
  return { traces, count: traces.length, next_cursor: null };
}

/** Whether a trace has been listed with a later commit than this one. */
async function standsLater(
  store: SpanStore,
  query: TraceQuery,
  { id, commits }: FoundTrace,
  n: number,
): Promise<boolean> {
  for (const later of commits.filter((each) => each > n)) {
    const logged = await store.logged(later, id);
    if (logged !== undefined && mayFit(query, logged.digest)) return true;
  }
  return false;
}
