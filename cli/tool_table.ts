/**
 * The table of tools that `list --tools` shows.
 *
 * @module
 */
import { isAvailable } from "./mesh_view.ts";
import { type Cell, renderTable, type TablePlace } from "./output/table.ts";
import type { OfferedTool } from "./tool_reference.ts";

/** Lines of the table and the count below it. */
export function toolTable(tools: OfferedTool[], place: TablePlace): string[] {
  const titles = ["TOOL", "AGENT", "CAPABILITY", "TAGS"];
  const someDown = tools.some(({ tool }) => !isAvailable(tool));
  const rows = tools.map(({ agent, tool }): Cell[] => [
    tool.function_name,
    agent.id,
    tool.name,
    tool.tags?.join(",") || "-",
    isAvailable(tool) ? "" : { text: "unavailable", colour: "red" },
  ]);
  const columns = [...titles, ...(someDown ? [""] : [])].map((title) => ({ title }));
  const table = tools.length === 0 ? [] : [...renderTable(columns, rows, place), ""];
  return [...table, `${tools.length} tool(s) found`];
}
