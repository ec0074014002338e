/**
 * What `start` says once everything stands: the registry, the agents, and a call to try.
 *
 * @module
 */
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode } from "../base/exit.ts";
import { healthLines, isAvailable, ownTools } from "../mesh/mesh_view.ts";
import { jsonLine, jsonText } from "../output/json.ts";
import { shellWord } from "../output/shell_word.ts";
import { renderTable, type TablePlace } from "../output/table.ts";
import { registryAddress } from "../mesh/registry_address.ts";
import { createRegistryClient } from "../mesh/registry_client.ts";
import { sampleArguments } from "../mesh/sample_arguments.ts";
import { agentTools, callLine } from "../view/tool_description.ts";
import { unresolvedText } from "./readiness.ts";
import type { StartedMesh } from "./start_mesh.ts";

/** Limit of the questions asked for the report, seconds. */
const TIMEOUT = 5;

/** A report in the two parts that go to different places. */
export interface StartReport {
  /** The registry's address and a table of the agents. */
  summary: string[];
  /** Who did not start, who is not well, and what has no provider. */
  warnings: string[];
  /** Command lines to try. */
  calls: string[];
  /** Addresses of pages. */
  pages: string[];
  /** All of it for scripts. */
  document: StartDocument;
}

/** What `start --json` prints. */
export interface StartDocument {
  registry: { url: string; started: boolean; kv: string | null };
  agents: {
    name: string;
    /** `null`, as is its endpoint, for an agent that did not start. */
    agent_id: string | null;
    endpoint: string | null;
    pid: number | null;
    tools: string[];
    /** `METHOD /path`, of a gateway. */
    routes: string[];
    /** Why it did not start. */
    error: string | null;
  }[];
  /** Dependencies without a provider. */
  unresolved: StartedMesh["unresolved"];
  warnings: string[];
  calls: string[];
  pages: string[];
}

/**
 * Describes a mesh that stands. Nothing here makes a start fail.
 *
 * @param place Where the summary is shown.
 */
export async function startReport(
  mesh: StartedMesh,
  context: Context,
  place: TablePlace,
): Promise<StartReport> {
  const registry = mesh.registry.url;
  const ids = mesh.agents.flatMap(({ record }) => record?.agent_id ?? []);
  const listed = await listedAgents(registry, context);
  const infos = ids.flatMap((id) => listed.find((agent) => agent.id === id) ?? []);
  const agents = mesh.agents.map(({ name, record }) => {
    const info = infos.find(({ id }) => id === record?.agent_id);
    const failure = mesh.failed.find((each) => each.name === (record?.name ?? name));
    return {
      name: record?.name ?? name,
      agent_id: record?.agent_id ?? null,
      endpoint: record?.endpoint ?? null,
      pid: record?.pid ?? null,
      tools: info === undefined ? [] : ownTools(info).map((tool) => tool.function_name),
      routes: record?.routes?.map(({ route }) => route) ?? [],
      error: failure?.reason ?? null,
    };
  });
  const { url, started, kv = null } = mesh.registry;
  const pages = mesh.agents.flatMap(pageOf);
  const warnings = [
    ...mesh.failed.map(({ name, reason }) => `${name} did not start: ${reason}`),
    ...healthLines(infos),
    ...mesh.unresolved.map(unresolvedText),
  ];
  const calls = [await callToTry(infos, registry, context), requestToTry(mesh)].filter((call) =>
    call !== undefined
  );
  const state = started ? `started, state in ${kv}` : "already running";
  return {
    summary: [`Registry: ${url} (${state})`, ...agentLines(agents, place)],
    warnings,
    calls,
    pages,
    document: {
      registry: { url, started, kv },
      agents,
      unresolved: mesh.unresolved,
      warnings,
      calls,
      pages,
    },
  };
}

function agentLines(agents: StartDocument["agents"], place: TablePlace): string[] {
  if (agents.length === 0) return [];
  const columns = ["AGENT", "ADDRESS", "OFFERS"].map((title) => ({ title }));
  const rows = agents.map(({ name, endpoint, tools, routes }) => [
    name,
    endpoint ?? "-",
    [...tools, ...routes].join(", ") || "-",
  ]);
  return ["", ...renderTable(columns, rows, { ...place, rule: false })];
}

/** How much of a start is told, and to whom. */
export interface Told {
  /** Only what is wrong. */
  quiet: boolean;
  /** The document of it on standard output, in place of words. */
  json: boolean;
}

/**
 * Tells how a start in the background went.
 *
 * @throws {CliError} exit 1 when not everything is as it was meant to be, though it runs.
 */
export async function reportDetached(
  mesh: StartedMesh,
  context: Context,
  { quiet, json }: Told,
): Promise<ExitCode> {
  const { summary, warnings, calls, pages, document } = await startReport(
    mesh,
    context,
    context.stdout,
  );
  const count = mesh.agents.length - mesh.failed.length;
  const head = mesh.agents.length === 0
    ? "Registry is running in the background"
    : `Started ${count} agent${count === 1 ? "" : "s"} in the background`;
  if (json) context.stdout.write(jsonText(document));
  else if (!quiet) context.stdout.lines([head, ...summary]);
  context.stderr.lines(warnings);
  const tips = [
    ...pages.map((page) => `Page: ${page}`),
    ...calls.map((call) => `Try: ${call}`),
    `Stop: ${context.program} stop`,
  ];
  if (!quiet && !json) context.stderr.lines(["", ...tips]);
  refuseIncomplete(mesh);
  return EXIT.ok;
}

function refuseIncomplete({ failed, unresolved }: StartedMesh): void {
  if (failed.length > 0) {
    const names = failed.map(({ name }) => name).join(", ");
    throw new CliError(EXIT.failure, `${names} did not start`, {
      hint: "Everything else runs. Correct what is wrong and save it: it is watched.",
    });
  }
  const open = unresolved.filter(({ required }) => required).length;
  if (open === 0) return;
  throw new CliError(
    EXIT.failure,
    `${open} required ${open === 1 ? "dependency has" : "dependencies have"} no provider`,
    { hint: "The agents keep running and are wired as soon as a provider registers." },
  );
}

/** Tells how a start in the foreground went; the document is one line, for what follows it. */
export async function reportForeground(
  mesh: StartedMesh,
  context: Context,
  { quiet, json }: Told,
): Promise<void> {
  const { summary, warnings, calls, pages, document } = await startReport(
    mesh,
    context,
    context.stderr,
  );
  const isTold = !quiet && !json;
  if (json) context.stdout.write(jsonLine(document));
  if (isTold) context.stderr.lines(["", ...summary]);
  context.stderr.lines(warnings);
  const tips = [
    ...pages.map((page) => `Page: ${page}`),
    ...calls.map((call) => `Try, in another terminal: ${call}`),
  ];
  if (isTold && tips.length > 0) context.stderr.lines(["", ...tips]);
}

async function listedAgents(registry: string, context: Context): Promise<AgentInfo[]> {
  const { fetch, program } = context;
  try {
    return (await createRegistryClient({ url: registry, fetch, timeout: TIMEOUT, program })
      .listAgents()).agents;
  } catch (error) {
    if (error instanceof CliError) return [];
    throw error;
  }
}

/** A call that shows the mesh at work: of a tool that has a provider for what it depends on. */
async function callToTry(
  agents: AgentInfo[],
  registry: string,
  context: Context,
): Promise<string | undefined> {
  const candidates = agents.flatMap((agent) =>
    ownTools(agent).filter(isAvailable).map((tool) => ({ agent, name: tool.function_name }))
  );
  const chosen =
    candidates.find(({ agent, name }) =>
      (agent.dependency_resolutions ?? []).some((dependency) =>
        dependency.function_name === name && dependency.status === "available"
      )
    ) ?? candidates[0];
  if (chosen === undefined) return undefined;
  try {
    const tools = await agentTools(chosen.agent, registry, TIMEOUT, context);
    const tool = tools.find(({ name }) => name === chosen.name);
    if (tool === undefined) return undefined;
    const line = callLine(tool.name, sampleArguments(tool.inputSchema), context.program);
    return await isDefaultRegistry(registry, context) ? line : `${line} --registry-url ${registry}`;
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** A request that shows a gateway at work: the first that sends something. */
function requestToTry({ agents }: StartedMesh): string | undefined {
  for (const { record } of agents) {
    for (const { route, body } of record?.routes ?? []) {
      const [method, path] = route.split(" ");
      if (body === undefined || record?.endpoint === undefined || path?.includes(":")) continue;
      const json = shellWord(JSON.stringify(sampleArguments(body)));
      return `curl -X ${method} ${record.endpoint}${path} -H 'content-type: application/json' ` +
        `-d ${json}`;
    }
  }
  return undefined;
}

function pageOf({ record }: StartedMesh["agents"][number]): string[] {
  const hasPage = record?.routes?.some(({ route }) => route === "GET /");
  return hasPage && record?.endpoint !== undefined ? [`${record.endpoint}/`] : [];
}

async function isDefaultRegistry(registry: string, context: Context): Promise<boolean> {
  const none = {
    "registry-url": undefined,
    "registry-host": undefined,
    "registry-port": undefined,
  };
  return (await registryAddress(none, context)).url === registry;
}
