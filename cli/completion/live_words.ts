/**
 * Words only a mesh or this machine knows: its agents, tools, traces, logs.
 *
 * @module
 */
import { healthyAgents, presentAgents } from "../mesh/agent_reference.ts";
import type { CompletionSource } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError } from "../base/exit.ts";
import { openRegistry, type RegistryClient } from "../mesh/registry_client.ts";
import { meshHome, REGISTRY_NAME } from "../machine/home.ts";
import { runningAgents } from "../machine/records.ts";
import { isInternalTool, offeredTools } from "../mesh/tool_reference.ts";
import { listTraces } from "../trace/trace_source.ts";
import { readdir } from "node:fs/promises";
import type { Candidate } from "./wanted.ts";

/** Longest wait for a registry, seconds: somebody is typing. */
const PATIENCE_SECONDS = 1;
/** As many traces as fit on a screen. */
const TRACES = 20;

/**
 * The words of a source; none when whoever knows them does not answer.
 *
 * @param given Options on the line; those that name a registry count.
 */
export async function liveWords(
  source: Exclude<CompletionSource, readonly string[] | "files">,
  given: ReadonlyMap<string, string>,
  context: Context,
): Promise<Candidate[]> {
  try {
    switch (source) {
      case "running":
        return await runningNames(context);
      case "logs":
        return await logNames(context);
      default:
        return await registryWords(source, await registryOf(given, context));
    }
  } catch (error) {
    if (error instanceof CliError) return [];
    throw error;
  }
}

async function registryOf(
  given: ReadonlyMap<string, string>,
  context: Context,
): Promise<RegistryClient> {
  const port = Number(given.get("registry-port"));
  return await openRegistry({
    "registry-url": given.get("registry-url"),
    "registry-host": given.get("registry-host"),
    "registry-port": given.has("registry-port") ? port : undefined,
    timeout: PATIENCE_SECONDS,
  }, context);
}

async function registryWords(
  source: "agents" | "tools" | "traces",
  client: RegistryClient,
): Promise<Candidate[]> {
  if (source === "traces") {
    const traces = await listTraces(client, {}, TRACES);
    return traces.map(({ trace_id, root_agent, root_operation }) => ({
      value: trace_id,
      note: [root_agent, root_operation].filter(Boolean).join(" "),
    }));
  }
  const { agents } = await client.listAgents();
  if (source === "agents") {
    return unique(
      presentAgents(agents).map(({ name, endpoint }) => ({
        value: name,
        note: endpoint ?? "",
      })),
    );
  }
  const tools = offeredTools(healthyAgents(agents)).filter(({ tool }) => !isInternalTool(tool));
  return unique([
    ...tools.map(({ tool }) => ({ value: tool.function_name, note: tool.description ?? "" })),
    ...tools.map(({ agent, tool }) => ({
      value: `${agent.name}:${tool.function_name}`,
      note: tool.description ?? "",
    })),
  ]);
}

async function runningNames({ config }: Context): Promise<Candidate[]> {
  const agents = await runningAgents(meshHome(config.home));
  return agents.map(({ record }) => ({ value: record.name, note: `process ${record.pid}` }));
}

async function logNames({ config }: Context): Promise<Candidate[]> {
  const names = await readdir(meshHome(config.home).logs).catch(() => []);
  const current = names.filter((name) => /^[^_.][^.]*\.log$/.test(name));
  return unique([
    { value: REGISTRY_NAME, note: "the registry's own log" },
    ...current.map((name) => ({ value: name.replace(/\.log$/, ""), note: "" })),
  ]);
}

function unique(candidates: Candidate[]): Candidate[] {
  const seen = new Map(candidates.toReversed().map((each) => [each.value, each]));
  return [...seen.values()].toSorted((a, b) => a.value < b.value ? -1 : 1);
}
