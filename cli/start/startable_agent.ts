/**
 * Agents of which everything is known that starting them takes.
 *
 * @module
 */
import { type AgentCode, settleCode } from "../analysis/agent_code.ts";
import type { Context } from "../app/context.ts";
import { type AgentSource, readAgentSource } from "./agent_source.ts";
import { keptIn, type MeshHome } from "../machine/home.ts";
import { prepareDenoDir, sharedDenoDir } from "./child_place.ts";
import { compileRuntime } from "./compiled_runtime.ts";

/** An agent module whose code is settled. */
export interface StartableAgent extends AgentSource {
  /** What its code is made of. */
  code: AgentCode;
}

/** What {@linkcode startableAgents} needs of a start. */
export interface StartableOptions {
  home: MeshHome;
  /** The environment that the agents will have. */
  environment: Record<string, string>;
  /** Keeps which packages a module has whose project has no lock file. @default {false} */
  keepsLocks?: boolean;
}

/**
 * Settles what the code of agents is made of.
 *
 * @throws {CliError} exit 2 for a project that says something of imports that cannot be honoured,
 * exit 1 when Deno cannot tell.
 */
export async function startableAgents(
  sources: readonly AgentSource[],
  { home, environment, keepsLocks = false }: StartableOptions,
  { deno, root }: Pick<Context, "deno" | "root">,
): Promise<StartableAgent[]> {
  const keptLock = keepsLocks ? home.moduleLock : undefined;
  const place = { deno, root, environment, closed: keptIn(home), keptLock };
  const cache = sharedDenoDir(environment, root);
  const [settled] = await Promise.all([
    settleCode(sources, place),
    compileRuntime({
      ...{ deno, root, cache, environment },
      makeDenoDir: (folder) => prepareDenoDir(folder, cache),
    }),
  ]);
  return sources.flatMap((source) => {
    const code = settled.get(source.file);
    return code === undefined ? [] : [{ ...source, code }];
  });
}

/**
 * Reads a module's name and permissions, and settles what its code is made of.
 *
 * @param agentName A name that replaces the declared one.
 * @throws {CliError} Like `readAgentSource()` and {@linkcode startableAgents}.
 */
export async function readStartable(
  file: string,
  agentName: string | undefined,
  options: StartableOptions,
  context: Pick<Context, "deno" | "root">,
): Promise<StartableAgent> {
  const source = await readAgentSource(file, agentName);
  // One source makes one agent.
  const [agent] = await startableAgents([source], options, context) as [StartableAgent];
  return agent;
}
