/**
 * `meshctl list`: the agents of a mesh, its tools, services or schemas.
 *
 * @module
 */
import type { AgentInfo, RegistryHealth } from "../../runtime/protocol/listing.ts";
import { agentBlock } from "../view/agent_block.ts";
import { healthyAgents, presentAgents } from "../mesh/agent_reference.ts";
import { agentTable } from "../view/agent_table.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import {
  agentJson,
  processJson,
  registryJson,
  registryProcessJson,
  toolJson,
} from "../view/listing_json.ts";
import { footerLine, headerLine, hiddenLines } from "../mesh/mesh_summary.ts";
import { agentRows, healthLines, isPresent } from "../mesh/mesh_view.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { parseDuration } from "../output/duration.ts";
import { outputForm } from "../output/format.ts";
import { jsonText } from "../output/json.ts";
import type { TablePlace } from "../output/table.ts";
import { wrapped } from "../output/wrapped.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry, type RegistryClient } from "../mesh/registry_client.ts";
import { listSchemas, SCHEMAS_MAX, schemaTable } from "../mesh/schema_store.ts";
import { serviceJson, serviceListing, serviceTable } from "../view/service_listing.ts";
import { meshHome } from "../machine/home.ts";
import { type LocalAgent, runningAgents, runningRegistry } from "../machine/records.ts";
import { describeTool } from "../view/tool_description.ts";
import { isInternalTool, type OfferedTool, offeredTools } from "../mesh/tool_reference.ts";
import { toolTable } from "../view/tool_table.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  tools: {
    type: "optional",
    short: "t",
    value: "[AGENT:]TOOL",
    completes: "tools",
    help: "List tools, or describe one with its input schema",
  },
  all: { type: "boolean", short: "a", help: "Show agents that are down too" },
  output: {
    type: "string",
    short: "o",
    value: "table|wide|name|json",
    help: "Form of the output; name is one name a line",
  },
  json: { type: "boolean", help: "The same as -o json" },
  wide: { type: "boolean", help: "The same as -o wide: more columns, nothing shortened" },
  verbose: { type: "boolean", help: "Show the details of every agent" },
  "no-deps": { type: "boolean", help: "Leave out the DEPS and CAPS columns" },
  services: { type: "boolean", help: "List capabilities with dots as services and their methods" },
  schemas: { type: "boolean", help: "List the schemas that agents published" },
  limit: {
    type: "number",
    value: "N",
    default: 100,
    help: `With --schemas: only the newest, 1 to ${SCHEMAS_MAX}`,
  },
  "show-framework": { type: "boolean", help: "List the runtime's own tools too" },
  filter: { type: "string", value: "TEXT", help: "Only agents whose id contains TEXT" },
  since: { type: "string", value: "DURATION", help: "Only agents seen within 30s, 5m, 2h, 1d …" },
  timeout: { type: "number", value: "SECONDS", default: 10, help: "Limit of a request" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;
type Options = OptionValues<typeof OPTIONS> & { /** Names alone. */ name: boolean };

/** `meshctl list`. */
export const listCommand = defineCommand({
  name: "list",
  summary: SUMMARIES.list,
  usage: "",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "list", note: "The agents that are there" },
    { line: "list --tools", note: "Every tool that can be called" },
    { line: "list --tools=flight_search", note: "What one tool takes" },
    { line: "list --schemas", note: "The schemas of all tools, for `schema diff`" },
    { line: "list --tools -o name", note: "Names alone, for a loop" },
    { line: "list --all --json", note: "Everything, for a script" },
  ],
  run: async (outer, { options: given }) => {
    const options = withForm(given);
    const context = inNamespace(outer, options);
    const since = readSince(options.since);
    refuseTwoLists(options);
    const client = await openRegistry(options, context);
    if (options.schemas) return await printSchemas(context, client, options);
    const mesh = await readMesh(client, context, options);
    const agents = mesh.agents.filter((agent) => isWanted(agent, options, since, context.now()));
    if (options.services) return printServices(context, agents, options);
    if (options.tools !== undefined) return await listTools(context, client, agents, options);
    const view: MeshView = { ...mesh, agents, url: client.url };
    return options.json ? printJson(context, view, options) : printTable(context, view, options);
  },
});

const FORMS = ["table", "wide", "name", "json"] as const;

/** The options with the form asked for in `json`, `wide` and `name`. */
function withForm(options: OptionValues<typeof OPTIONS>): Options {
  const form = outputForm(options.output, FORMS, options.json);
  if (form === "name" && typeof options.tools === "string") {
    throw usageError("-o name lists names, and --tools=… describes one tool");
  }
  return {
    ...options,
    json: form === "json",
    wide: options.wide || form === "wide",
    name: form === "name",
  };
}

/** Where a table goes; a wide one is never shortened. */
function placeOf({ stdout }: Context, { wide }: Options): TablePlace {
  return wide ? { palette: stdout.palette } : stdout;
}

function refuseTwoLists({ tools, services, schemas }: Options): void {
  const asked = [
    ...(tools === undefined ? [] : ["--tools"]),
    ...(services ? ["--services"] : []),
    ...(schemas ? ["--schemas"] : []),
  ];
  if (asked.length > 1) throw usageError(`${asked.join(" and ")} exclude each other`);
}

/** What `list` found out. */
interface Mesh {
  agents: AgentInfo[];
  health: RegistryHealth | undefined;
  /** Agents of this machine. */
  local: LocalAgent[];
  processes: unknown[];
}

interface MeshView extends Mesh {
  url: string;
}

async function readMesh(
  client: RegistryClient,
  context: Context,
  options: Options,
): Promise<Mesh> {
  const home = meshHome(context.config.home);
  const [local, registry, health, list] = await Promise.all([
    runningAgents(home),
    runningRegistry(home),
    client.health().catch(() => undefined),
    client.listAgents().catch((error: unknown) => {
      if (error instanceof CliError) return error;
      throw error;
    }),
  ]);
  const processes = [
    ...registry === undefined ? [] : [registryProcessJson(registry)],
    ...local.map(processJson),
  ];
  if (!(list instanceof CliError)) return { agents: list.agents, health, local, processes };
  if (options.json) {
    const error = list.message;
    const state = registryJson({ url: client.url, health: undefined, agents: [], error });
    writeJson(context, { registry: state, agents: [], processes, timestamp: timestamp(context) });
  } else if (!options.name) {
    context.stdout.write(`Registry: not running (${client.url})\n`);
  }
  throw list;
}

function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw usageError(`--since is "${text}", which is no duration`, "Write it like 90s, 2h30m or 1d.");
}

function isWanted(
  agent: AgentInfo,
  options: Options,
  since: number | undefined,
  now: number,
): boolean {
  const text = options.filter?.toLowerCase();
  if (text !== undefined && !agent.id.toLowerCase().includes(text)) return false;
  return since === undefined || now - Date.parse(agent.last_seen) <= since;
}

async function printSchemas(
  context: Context,
  client: RegistryClient,
  options: Options,
): Promise<ExitCode> {
  const { limit, json } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > SCHEMAS_MAX) {
    throw usageError(`--limit is ${limit}, and a registry lists 1 to ${SCHEMAS_MAX} schemas`);
  }
  const list = await listSchemas(client, limit);
  if (json) writeJson(context, list);
  else if (options.name) printNames(context, list.schemas.map(({ hash }) => hash));
  else {
    const place = placeOf(context, options);
    printLines(context, schemaTable(list.schemas, place, context.now()));
  }
  return EXIT.ok;
}

function printServices(context: Context, agents: AgentInfo[], options: Options): ExitCode {
  const listing = serviceListing(
    wantedTools(options.all ? agents : healthyAgents(agents), options),
  );
  if (options.json) writeJson(context, serviceJson(listing));
  else if (options.name) printNames(context, listing.services.map(({ service }) => service));
  else printLines(context, serviceTable(listing, placeOf(context, options)));
  return EXIT.ok;
}

function wantedTools(agents: AgentInfo[], options: Options): OfferedTool[] {
  return offeredTools(agents)
    .filter(({ tool }) => options["show-framework"] || !isInternalTool(tool));
}

async function listTools(
  context: Context,
  client: RegistryClient,
  agents: AgentInfo[],
  options: Options,
): Promise<ExitCode> {
  const scope = options.all ? agents : healthyAgents(agents);
  if (typeof options.tools === "string") {
    const described = await describeTool(options.tools, scope, client.url, options, context);
    if (options.json) writeJson(context, described.json);
    else context.stdout.lines(described.lines);
    return EXIT.ok;
  }
  const tools = wantedTools(scope, options);
  if (options.json) writeJson(context, tools.map(toolJson));
  else if (options.name) printNames(context, tools.map(({ tool }) => tool.function_name));
  else printLines(context, toolTable(tools, placeOf(context, options)));
  return EXIT.ok;
}

function printJson(context: Context, view: MeshView, options: Options): ExitCode {
  const shown = options.all ? view.agents : presentAgents(view.agents);
  writeJson(context, {
    registry: registryJson({ ...view, error: undefined }),
    agents: shown.map((agent) => agentJson(agent, localAgent(view.local, agent))),
    processes: view.processes,
    timestamp: timestamp(context),
  });
  return EXIT.ok;
}

function printTable(context: Context, view: MeshView, options: Options): ExitCode {
  const { palette, columns } = placeOf(context, options);
  const rows = agentRows(view.agents);
  const shown = options.all ? rows : rows.filter(isPresent);
  if (options.name) {
    printNames(context, shown.map(({ agent }) => agent.name));
    return EXIT.ok;
  }
  const deno = new Set(view.local.flatMap(({ record }) => record.agent_id ?? []));
  const table = agentTable(shown, {
    palette,
    columns,
    now: context.now(),
    deno,
    dependencies: !options["no-deps"],
    tools: options.wide,
    capabilities: options.wide || options.verbose,
  });
  const footer = options.all ? [] : ["", footerLine(rows)];
  const body = shown.length === 0
    ? ["No agents found", ...(options.all ? [] : hiddenLines(rows))]
    : table;
  const blocks = options.verbose
    ? shown.flatMap(({ agent }) => [
      "",
      ...agentBlock(agent, {
        palette,
        columns,
        now: context.now(),
        deno,
        local: localAgent(view.local, agent),
      }),
    ])
    : [];
  const ailing = healthLines(shown.map(({ agent }) => agent));
  const prose = (lines: string[]) => lines.flatMap((line) => wrapped(line, columns ?? Infinity));
  printLines(context, [
    ...prose([headerLine(view, rows, palette)]),
    "",
    ...body,
    ...prose(ailing.length === 0 ? [] : ["", ...ailing]),
    ...prose(shown.length === 0 ? [] : footer),
    ...blocks,
  ]);
  return EXIT.ok;
}

function localAgent(local: LocalAgent[], agent: AgentInfo): LocalAgent | undefined {
  return local.find(({ record }) => record.agent_id === agent.id);
}

function timestamp(context: Context): string {
  return new Date(context.now()).toISOString();
}

function printNames(context: Context, names: string[]): void {
  context.stdout.lines([...new Set(names)]);
}

function writeJson(context: Context, value: unknown): void {
  context.stdout.write(jsonText(value));
}

function printLines(context: Context, lines: string[]): void {
  context.stdout.lines(lines);
}
