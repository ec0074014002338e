/**
 * The table of agents that `list` shows.
 *
 * @module
 */
import {
  type AgentRow,
  endpointLabel,
  isAvailable,
  ownTools,
  runtimeLabel,
  typeLabel,
} from "../mesh/mesh_view.ts";
import { cellWidth } from "../output/cells.ts";
import type { Colour, Palette } from "../output/colour.ts";
import { formatAge } from "../output/duration.ts";
import { type Cell, type Column, renderTable } from "../output/table.ts";

/** What {@linkcode agentTable} shows, and how. */
export interface AgentTableOptions {
  palette: Palette;
  /** Milliseconds since the epoch. */
  now: number;
  /** Ids of agents known to run on this project's runtime. */
  deno: ReadonlySet<string>;
  /** Width to keep to, in characters. */
  columns?: number | undefined;
  /** Show DEPS and CAPS. */
  dependencies: boolean;
  /** Show TOOLS. */
  tools: boolean;
  /** Show CAPABILITIES. */
  capabilities: boolean;
}

/** Cells of the CAPABILITIES column. */
const CAPABILITIES_WIDTH = 80;

interface AgentColumn extends Column {
  cell(row: AgentRow): Cell;
}

/** Lines of the table. */
export function agentTable(rows: AgentRow[], options: AgentTableOptions): string[] {
  const columns = agentColumns(options);
  const cells = rows.map((row) =>
    columns.map(({ cell }) => {
      const value = cell(row);
      if (row.down !== "superseded") return value;
      return { text: typeof value === "string" ? value : value.text, colour: "dim" as const };
    })
  );
  const lines = renderTable(columns, cells, { ...options, whole: "-o wide" });
  return lines.map((line, index) => {
    // The first two lines are the headings and their rule.
    const superseded = rows[index - 2]?.superseded ?? 0;
    if (superseded === 0) return line;
    const room = (options.columns ?? Infinity) - cellWidth(line) - 1;
    // Those that are hidden are counted below the table too.
    const note = [`(+${superseded} superseded)`, `(+${superseded})`]
      .find((text) => text.length <= room);
    return note === undefined ? line : `${line} ${options.palette.paint("dim", note)}`;
  });
}

function agentColumns(options: AgentTableOptions): AgentColumn[] {
  const { now, deno } = options;
  const when = (shown: boolean, ...columns: AgentColumn[]) => shown ? columns : [];
  return [
    { title: "NAME", least: 20, cell: ({ agent }) => agent.id },
    { title: "RUNTIME", rank: 1, cell: ({ agent }) => runtimeLabel(agent, deno) },
    { title: "TYPE", rank: 2, cell: ({ agent }) => typeLabel(agent) },
    { title: "STATUS", least: 9, cell: ({ agent }) => statusCell(agent.status) },
    ...when(
      options.dependencies,
      { title: "DEPS", rank: 8, cell: dependencyCell },
      { title: "CAPS", rank: 7, align: "right", cell: capabilityCountCell },
    ),
    // Its port is at its end.
    { title: "ENDPOINT", least: 21, rank: 6, cell: ({ agent }) => endpointLabel(agent.endpoint) },
    ...when(options.tools, {
      title: "TOOLS",
      rank: 4,
      align: "right",
      cell: ({ agent }) => String(ownTools(agent).length),
    }),
    { title: "AGE", rank: 3, cell: ({ agent }) => formatAge(agent.created_at, now) },
    { title: "LAST SEEN", rank: 5, cell: ({ agent }) => formatAge(agent.last_seen, now) },
    ...when(options.capabilities, { title: "CAPABILITIES", rank: 0, cell: capabilitiesCell }),
  ];
}

/** A status in its colour. */
export function statusCell(status: string): Cell {
  const colours: Record<string, Colour> = { healthy: "green", unhealthy: "red" };
  return { text: status, colour: colours[status] ?? "yellow" };
}

function dependencyCell({ agent }: AgentRow): Cell {
  const { dependencies_resolved: resolved, total_dependencies: total } = agent;
  const text = `${resolved}/${total}`;
  if (total === 0) return text;
  return { text, colour: resolved === total ? "green" : resolved === 0 ? "red" : "yellow" };
}

function capabilityCountCell({ agent }: AgentRow): Cell {
  const tools = ownTools(agent);
  const available = tools.filter(isAvailable).length;
  const text = `${available}/${tools.length}`;
  return tools.length === 0 ? text : { text, colour: available === tools.length ? "green" : "red" };
}

function capabilitiesCell({ agent }: AgentRow): string {
  const names = [...new Set(ownTools(agent).map(({ name }) => name))];
  const fits = (count: number) => {
    const rest = names.length - count;
    const text = names.slice(0, count).join(", ");
    return rest === 0 ? text : `${text}${count === 0 ? "" : " "}(${rest} more)`;
  };
  let count = names.length;
  while (count > 0 && cellWidth(fits(count)) > CAPABILITIES_WIDTH) count--;
  return names.length === 0 ? "-" : fits(count);
}
