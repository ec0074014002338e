/**
 * Traces in a few words each. Pure.
 *
 * @module
 */
import type { TraceSummary } from "../../runtime/protocol/trace_view.ts";
import { formatAge } from "../output/duration.ts";
import { type Cell, renderTable, type TablePlace } from "../output/table.ts";
import { durationText } from "./trace_text.ts";

const COLUMNS = [
  // The beginning of an id is enough to name it.
  { title: "TRACE" },
  { title: "OPERATION", least: 12 },
  { title: "SPANS", align: "right", rank: 1 },
  { title: "AGENTS", align: "right", rank: 2 },
  { title: "DURATION", align: "right", rank: 4 },
  { title: "AGE", align: "right", rank: 3 },
  { title: "" },
] satisfies Parameters<typeof renderTable>[0];

/**
 * Lines of a table, without line ends.
 *
 * @param now Milliseconds since the epoch.
 */
export function traceTable(
  traces: readonly TraceSummary[],
  now: number,
  place: TablePlace,
): string[] {
  return renderTable(COLUMNS, traces.map((trace) => row(trace, now)), {
    ...place,
    whole: "--json",
  });
}

function row(trace: TraceSummary, now: number): Cell[] {
  const { trace_id, root_operation = "?", root_agent, span_count, agents, start_time } = trace;
  return [
    trace_id,
    root_agent === undefined ? root_operation : `${root_operation} (${root_agent})`,
    String(span_count),
    String(agents.length),
    trace.duration_ms === undefined ? "" : durationText(trace.duration_ms * 1_000),
    formatAge(start_time, now),
    outcome(trace),
  ];
}

function outcome({ has_error, completed }: TraceSummary): Cell {
  if (has_error) return { text: "✗", colour: "red" };
  return completed ? { text: "✓", colour: "green" } : { text: "…", colour: "yellow" };
}
