/**
 * The table of tools that `list --tools` shows.
 *
 * @module
 */
import { isAvailable } from "../mesh/mesh_view.ts";
import { type Cell, type Column, renderTable, type TablePlace } from "../output/table.ts";
import type { OfferedTool } from "../mesh/tool_reference.ts";

const COLUMNS: Column[] = [
  { title: "TOOL", least: 14 },
  { title: "AGENT", least: 10 },
  { title: "CAPABILITY", rank: 2 },
  { title: "TAGS", rank: 1 },
];
const STATE: Column = { title: "", least: "unavailable".length };

/** Lines of the table and the count below it. */
export function toolTable(tools: OfferedTool[], place: TablePlace): string[] {
  const someDown = tools.some(({ tool }) => !isAvailable(tool));
  const rows = tools.map(({ agent, tool }): Cell[] => [
    tool.function_name,
    agent.id,
    tool.name,
    tool.tags?.join(",") || "-",
    isAvailable(tool) ? "" : { text: "unavailable", colour: "red" },
  ]);
  const columns = [...COLUMNS, ...(someDown ? [STATE] : [])];
  const table = tools.length === 0
    ? []
    : [...renderTable(columns, rows, { ...place, whole: "-o wide" }), ""];
  return [...table, `${tools.length} tool(s) found`];
}
