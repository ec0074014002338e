/**
 * The table of `meshctl top`, and its document.
 *
 * @module
 */
import { statusCell } from "../view/agent_table.ts";
import { type Cell, type Column, renderTable, type TablePlace } from "../output/table.ts";
import type { AgentMeasure } from "./meter.ts";

const COLUMNS: Column[] = [
  { title: "AGENT", least: 12 },
  { title: "STATUS", least: 9 },
  { title: "CALLS/S", align: "right", rank: 8 },
  { title: "ERRORS/S", align: "right", rank: 7 },
  { title: "P50", align: "right", rank: 5 },
  { title: "P90", align: "right", rank: 3 },
  { title: "P99", align: "right", rank: 6 },
  { title: "IN FLIGHT", align: "right", least: 9, rank: 4 },
  { title: "CALLS", align: "right", rank: 1 },
  { title: "ERRORS", align: "right", rank: 2 },
  { title: "", least: 12 },
];

/** Lines of the table. */
export function topTable(measures: readonly AgentMeasure[], place: TablePlace): string[] {
  return measures.length === 0
    ? ["No agents found"]
    : renderTable(COLUMNS, measures.map(row), { ...place, whole: "--json" });
}

function row({ agent, counts, load, trouble }: AgentMeasure): Cell[] {
  const errorRate = perSecond(load?.errorRate);
  return [
    agent.id,
    statusCell(agent.status),
    perSecond(load?.rate),
    (load?.errorRate ?? 0) > 0 ? { text: errorRate, colour: "red" } : errorRate,
    milliseconds(load?.p50),
    milliseconds(load?.p90),
    milliseconds(load?.p99),
    whole(counts?.inFlight),
    whole(counts?.calls),
    whole(counts?.errors),
    trouble === undefined ? "" : { text: trouble, colour: "yellow" },
  ];
}

function perSecond(rate: number | undefined): string {
  return rate === undefined ? "-" : rate.toFixed(1);
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return "-";
  return value < 1_000
    ? `${value.toFixed(value < 10 ? 1 : 0)} ms`
    : `${(value / 1_000).toFixed(1)} s`;
}

function whole(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

/** The document of one measure. */
export function topJson(measures: readonly AgentMeasure[], at: number, interval: number) {
  return {
    at: new Date(at).toISOString(),
    interval_s: interval,
    agents: measures.map(({ agent, counts, load, trouble }) => ({
      agent_id: agent.id,
      name: agent.name,
      status: agent.status,
      rate_per_s: rounded(load?.rate),
      errors_per_s: rounded(load?.errorRate),
      p50_ms: rounded(load?.p50),
      p90_ms: rounded(load?.p90),
      p99_ms: rounded(load?.p99),
      in_flight: counts?.inFlight ?? null,
      calls: counts?.calls ?? null,
      errors: counts?.errors ?? null,
      trouble: trouble ?? null,
    })),
  };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100;
}
