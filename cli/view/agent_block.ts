/**
 * Everything about one agent: what `status` and `list --verbose` show.
 *
 * @module
 */
import type {
  AgentInfo,
  DependencyResolution,
  LlmProviderResolution,
  LlmToolResolution,
} from "../../runtime/protocol/listing.ts";
import { statusCell } from "./agent_table.ts";
import {
  healthText,
  routesOf,
  runtimeLabel,
  toolsOf,
  typeLabel,
  wantedTags,
  wiringCell,
} from "../mesh/mesh_view.ts";
import type { Colour, Palette } from "../output/colour.ts";
import { formatAge } from "../output/duration.ts";
import { type Cell, renderTable } from "../output/table.ts";
import { wrapped } from "../output/wrapped.ts";
import { type PermissionBlockOptions, refusalTable } from "./permission_view.ts";
import type { Refusal } from "../../runtime/process/plan.ts";
import type { LocalAgent } from "../machine/records.ts";

/** How {@linkcode agentBlock} shows an agent. */
export interface AgentBlockOptions {
  palette: Palette;
  /** Width to keep to, in characters. */
  columns?: number | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** Ids of agents known to run on this project's runtime. */
  deno: ReadonlySet<string>;
  /** Its process, when it runs on this machine. */
  local: LocalAgent | undefined;
}

/** Lines about one agent. */
export function agentBlock(agent: AgentInfo, options: AgentBlockOptions): string[] {
  const { palette, columns: room, now, local } = options;
  const inside = room === undefined ? undefined : room - 2;
  const section = (title: string, columns: string[], rows: Cell[][]) =>
    rows.length === 0 ? [] : [
      "",
      `${title}:`,
      ...renderTable(columns.map((column) => ({ title: column })), rows, {
        palette,
        columns: inside,
      })
        .map((line) => `  ${line}`),
    ];
  const tools = toolsOf(agent);
  return [
    ...wrapped(`Agent: ${agent.id}`, room ?? Infinity).map((line) => palette.paint("bold", line)),
    ...overview(agent, options),
    ...section(
      "Capabilities",
      ["CAPABILITY", "MCP TOOL", "VERSION", "TAGS"],
      tools.map(({ name, function_name, version, tags }) => [
        name,
        function_name,
        version,
        tags?.join(",") || "-",
      ]),
    ),
    ...section(
      "Routes",
      ["ROUTE", "STATUS"],
      routesOf(agent).map((route) => [route.name, wiringCell(route)]),
    ),
    ...section(
      "LLM Tool Filters",
      ["FUNCTION", "FILTER"],
      tools.flatMap(({ function_name, llm_filter }) =>
        llm_filter === undefined ? [] : [[function_name, JSON.stringify(llm_filter)]]
      ),
    ),
    ...section(
      "LLM Tool Resolutions",
      ["FUNCTION", "FILTER", "MCP TOOL", "ENDPOINT"],
      (agent.llm_tool_resolutions ?? []).map(llmToolRow),
    ),
    ...section(
      "LLM Providers",
      ["FUNCTION", "PROVIDER"],
      tools.flatMap(({ function_name, llm_provider }) =>
        llm_provider === undefined ? [] : [[function_name, JSON.stringify(llm_provider)]]
      ),
    ),
    ...section(
      "LLM Provider Resolutions",
      ["FUNCTION", "PROVIDER", "MCP TOOL", "ENDPOINT"],
      (agent.llm_provider_resolutions ?? []).map(llmProviderRow),
    ),
    ...section(
      "Dependencies",
      ["DEPENDENCY", "MCP TOOL", "ENDPOINT"],
      (agent.dependency_resolutions ?? []).map(dependencyRow),
    ),
    ...refused(local?.record.refusals ?? [], { palette, now, columns: inside }),
  ];
}

function refused(refusals: readonly Refusal[], options: PermissionBlockOptions): string[] {
  if (refusals.length === 0) return [];
  return ["", "Refused:", ...refusalTable(refusals, options).map((line) => `  ${line}`)];
}

/** Cells of a label and what stands around it. */
const LABEL = 16;

function overview(agent: AgentInfo, options: AgentBlockOptions): string[] {
  const { palette, now, deno, local, columns = Infinity } = options;
  const { text, colour } = statusText(agent);
  const rows: [label: string, value: string, colour?: Colour | undefined][] = [
    ["Name", agent.name],
    ["Type", typeLabel(agent)],
    ["Runtime", runtimeLabel(agent, deno)],
    ["Status", text, colour],
    ["Endpoint", agent.endpoint],
    ["Version", agent.version || "-"],
    ["Dependencies", `${agent.dependencies_resolved}/${agent.total_dependencies}`],
    ["Last Seen", `${agent.last_seen} (${formatAge(agent.last_seen, now)} ago)`],
    ["Created", agent.created_at],
    ...(local === undefined ? [] : [
      ["PID", String(local.record.pid)],
      ["File Path", local.record.file],
      ["Start Time", local.record.started_at],
    ] satisfies [string, string][]),
  ];
  return rows.flatMap(([label, value, colour]) =>
    wrapped(value, columns - LABEL).map((line, at) =>
      `  ${at === 0 ? `${label}:` : ""}`.padEnd(LABEL) +
      (colour === undefined ? line : palette.paint(colour, line))
    )
  );
}

/** A status with what the agent says ails it, and its colour. */
function statusText(agent: AgentInfo): { text: string; colour?: Colour } {
  const status = statusCell(agent.status);
  const text = healthText(agent) ?? agent.status;
  return typeof status === "string" ? { text } : { text, colour: status.colour };
}

/** A resolution row; all red with `NOT FOUND` where there is no provider. */
function resolutionRow(
  labels: string[],
  resolution: { status: string; mcp_tool?: string | undefined; endpoint?: string | undefined },
): Cell[] {
  if (resolution.status === "available") {
    return [...labels, resolution.mcp_tool ?? "-", resolution.endpoint ?? "-"];
  }
  return [...labels, "NOT FOUND", "-"].map((text) => ({ text, colour: "red" }));
}

function dependencyRow(dependency: DependencyResolution): Cell[] {
  const tags = wantedTags(dependency);
  const label = dependency.capability + (tags.length === 0 ? "" : ` [${tags.join(",")}]`);
  return resolutionRow([label], dependency);
}

function llmToolRow(tool: LlmToolResolution): Cell[] {
  return resolutionRow(
    [tool.function_name, tool.filter_capability || (tool.filter_tags?.join(",") ?? "*")],
    tool,
  );
}

function llmProviderRow(provider: LlmProviderResolution): Cell[] {
  const tags = provider.required_tags?.join(",");
  return resolutionRow(
    [provider.function_name, provider.required_capability + (tags ? ` [${tags}]` : "")],
    provider,
  );
}
