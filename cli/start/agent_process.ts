/**
 * The processes that run agents: what each is given to run, with which permissions, where.
 *
 * @module
 */
import { dirname } from "node:path";
import { SHELL } from "../../runtime/base/shell.ts";
import { keysOf, permissionFlags, union, withData } from "../../runtime/sandbox/permissions.ts";
import type { HostPlan, PlannedAgent } from "../../runtime/process/plan.ts";
import type { Permissions, Reach } from "../../runtime/sandbox/grant.ts";
import { type LockFile, mergedLocks } from "../analysis/lock_file.ts";
import { UNSTABLE } from "../analysis/resolution.ts";
import type { AgentSource } from "./agent_source.ts";
import { childCode } from "./child_place.ts";
import { type MeshHome, PACK_NAME } from "../machine/home.ts";
import type { StartableAgent } from "./startable_agent.ts";

/** Where the code of an agent runs: in a process of its own, or in a worker of the runtime's. */
export type Isolation = "process" | "worker";

/** How agents are laid out over processes. */
export interface LayoutOptions {
  home: MeshHome;
  /** Where the code of each agent runs. */
  isolation: Isolation;
  /** Absolute folder of the runtime; see `runtimeLocation()`. */
  root: string;
  /** Absolute path of the user's own `DENO_DIR`; see `sharedDenoDir()`. */
  cache: string;
  /** One process for all of them. */
  pack: boolean;
  /** Their output goes to files, so that they may outlive `meshctl`. */
  detach: boolean;
  /** They end when `meshctl` does, however that ends. */
  tied: boolean;
  /** Their code is loaded anew when it is saved. */
  watch: boolean;
  /** Working folder of every process; by default the module's own. */
  workingDirectory: string | undefined;
  /** Working folder of a process whose modules are in different folders. */
  cwd: string;
}

/** One process to start. */
export interface AgentProcess {
  plan: HostPlan;
  /** Where the imports of its agents may lead, by their planned names. */
  reach: Record<string, Reach>;
  /** Versions of all packages of its agents, and of the runtime's. */
  lock: LockFile;
  /** Absolute working folder. */
  cwd: string;
  /** Absolute path of the log that its output goes to when detached. */
  log: string;
  /** Variables that it alone gets; they may be secrets. */
  variables: Record<string, string>;
}

/** Lays agents out over processes: one each, or one for all that need none of their own. */
export function agentProcesses(sources: StartableAgent[], options: LayoutOptions): AgentProcess[] {
  const { home, tied, watch: watched } = options;
  const packed = options.pack ? sources.filter(({ variables }) => variables === undefined) : [];
  const names = sources.map(({ name }) => name);
  const alone = sources.filter((source) => !packed.includes(source)).map((source) => ({
    plan: {
      agents: [isolated(source, options, names)],
      ...(options.detach ? { output: home.log(source.name) } : {}),
      prefix: false,
      commands: true,
      tied,
      watched,
    },
    reach: { [source.name]: source.code.reach },
    lock: source.code.lock,
    cwd: options.workingDirectory ?? ownFolder(source, options.cwd),
    log: home.log(source.name),
    variables: source.variables ?? {},
  }));
  return packed.length === 0 ? alone : [packedProcess(packed, options), ...alone];
}

function packedProcess(sources: StartableAgent[], options: LayoutOptions): AgentProcess {
  const { home, detach, cwd, tied, watch: watched } = options;
  const folders = new Set(sources.map((source) => ownFolder(source, cwd)));
  const [folder = cwd] = folders;
  const names = sources.map(({ name }) => name);
  const agents = sources.map((source) => ({
    ...isolated(source, options, names),
    ...(detach ? { log: home.log(source.name) } : {}),
  }));
  return {
    plan: {
      agents,
      ...(detach ? { output: home.log(PACK_NAME) } : {}),
      prefix: !detach,
      commands: true,
      tied,
      watched,
    },
    reach: Object.fromEntries(sources.map(({ name, code }) => [name, code.reach])),
    lock: mergedLocks(sources.map(({ code }) => code.lock)),
    cwd: options.workingDirectory ?? (folders.size === 1 ? folder : cwd),
    log: home.log(PACK_NAME),
    variables: {},
  };
}

function isolated(
  source: StartableAgent,
  options: LayoutOptions,
  names: readonly string[],
): PlannedAgent {
  const planned = plannedAgent(source, options.home);
  if (options.isolation === "worker") return planned;
  const cwd = options.workingDirectory ?? ownFolder(source, options.cwd);
  return { ...planned, code: childCode(source.name, cwd, options, names) };
}

function plannedAgent(source: AgentSource, home: MeshHome): PlannedAgent {
  const { file, origin, name, permissions } = source;
  return {
    file,
    ...(origin === undefined ? {} : { origin }),
    name,
    record: home.record(name),
    permissions,
    data: home.data(name),
    stop_mark: home.stopMark(name),
  };
}

/** An agent works in the folder of its file; what is no file of the user's, where the user is. */
function ownFolder({ file, origin }: AgentSource, cwd: string): string {
  return origin === undefined ? dirname(file) : cwd;
}

/** What {@linkcode agentArguments} needs to know of where things are. */
export interface AgentPlaces {
  home: MeshHome;
  /** Absolute folder of the runtime; see `runtimeLocation()`. */
  root: string;
  /** How the modules of the plan resolve; see `resolutionFlags()`. */
  resolution: readonly string[];
  /** Absolute path of the lock file of its packages. */
  lock: string;
  /** The `deno` that runs the code of its agents, where that has a process of its own. */
  deno: string;
}

/**
 * Arguments of `deno` that run a plan. The process may do what the runtime needs, and what any of
 * its agents may whose code runs in there; each agent's code is confined to its own permissions. It
 * loads the packages of its lock file, which are there already, and no others.
 *
 * @param program The program of the runtime that gets the plan.
 */
export function agentArguments(
  { plan, reach }: Pick<AgentProcess, "plan" | "reach">,
  { home, root, resolution, lock, deno }: AgentPlaces,
  program: "main.ts" | "load_check.ts" = "main.ts",
): string[] {
  return [
    "run",
    "--no-prompt",
    ...resolution,
    ...["--lock", lock, "--frozen", "--cached-only"],
    ...UNSTABLE,
    ...permissionFlags(processPermissions({ plan, reach }, { home, deno })),
    `${root}/runtime/process/${program}`,
    JSON.stringify(plan),
  ];
}

/** Where the lock file of a process is. */
export function lockPath({ plan: { agents } }: Pick<AgentProcess, "plan">, home: MeshHome): string {
  const [only, ...others] = agents;
  return home.lockFile(only === undefined || others.length > 0 ? PACK_NAME : only.name);
}

/** The modules of a plan that its process itself loads, absolute paths. */
export function filesOf({ agents }: HostPlan): string[] {
  return agents.flatMap(({ file, code }) => code === undefined ? [file] : []);
}

/** Whether the code of the agents of a plan runs in processes of its own. */
export function runsChildren({ agents }: HostPlan): boolean {
  return agents.every(({ code }) => code !== undefined);
}

/**
 * Returns what a process that runs a plan may do: what the runtime needs, and what any of its agents
 * may whose code runs in there.
 */
export function processPermissions(
  { plan, reach }: Pick<AgentProcess, "plan" | "reach">,
  { home, deno }: Pick<AgentPlaces, "home" | "deno">,
): Permissions {
  const runtime: Permissions = {
    net: true,
    read: true,
    env: true,
    sys: true,
    write: [home.agents, home.logs, home.dataFolder],
  };
  if (runsChildren(plan)) return { ...runtime, run: [deno, SHELL] };
  const needed = plan.agents.map(({ permissions, data }) => withData(permissions, data));
  return [runtime, ...needed, ...Object.values(reach).map(importing)].reduce(union, {});
}

/** What imports from other hosts take. */
export function importing({ hosts }: Reach): Permissions {
  return hosts.length === 0 ? {} : { import: hosts };
}

/** Whether everything that `wanted` allows is among what `given` does. */
export function covers(given: Permissions, wanted: Permissions): boolean {
  return keysOf(wanted).every((kind) => {
    // What agent code does not see is nothing its process needs.
    if (kind === "ignoreEnv") return true;
    const [has, wants] = [given[kind], wanted[kind]];
    if (has === true || wants === undefined || wants === false) return true;
    return Array.isArray(wants) && Array.isArray(has) && wants.every((item) => has.includes(item));
  });
}

/**
 * The environment of a process of agents.
 *
 * @param environment That of `meshctl`; the registry's secrets are no business of agents and
 * are left out.
 * @param overrides What the user wants them to have: nothing wins over it.
 */
export function agentEnvironment(
  environment: Record<string, string>,
  registry: string,
  overrides: Record<string, string>,
): Record<string, string> {
  const { MCP_MESH_ADMIN_TOKEN: _operators, MCP_MESH_MCP_TOKEN: _clients, ...rest } = environment;
  return {
    // Whoever works on a mesh may look at any request; elsewhere a trace is asked for.
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true",
    ...rest,
    MCP_MESH_REGISTRY_URL: registry,
    ...overrides,
  };
}
