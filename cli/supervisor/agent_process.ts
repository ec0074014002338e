/**
 * The processes that run agents: what each is given to run, with which permissions, where.
 *
 * @module
 */
import { dirname } from "node:path";
import { permissionFlags } from "../../runtime/host/permissions.ts";
import type { HostPlan, Permissions, PlannedAgent } from "../../runtime/host/plan.ts";
import type { AgentSource } from "./agent_source.ts";
import { type MeshHome, PACK_NAME } from "./home.ts";

/** How agents are laid out over processes. */
export interface LayoutOptions {
  home: MeshHome;
  /** One process for all of them. */
  pack: boolean;
  /** The processes outlive `meshctl`, so their output goes to files. */
  detach: boolean;
  /** Working folder of every process; by default the module's own. */
  workingDirectory: string | undefined;
  /** Working folder of a process whose modules are in different folders. */
  cwd: string;
}

/** One process to start. */
export interface AgentProcess {
  plan: HostPlan;
  /** Absolute working folder. */
  cwd: string;
  /** Absolute path of the log that its output goes to when detached. */
  log: string;
}

/** Lays agents out over processes: one each, or one for all. */
export function agentProcesses(sources: AgentSource[], options: LayoutOptions): AgentProcess[] {
  const { home, pack, detach } = options;
  if (sources.length === 0) return [];
  const planned = (source: AgentSource): PlannedAgent => ({
    file: source.file,
    name: source.name,
    record: home.record(source.name),
    permissions: source.permissions,
    ...(pack && detach ? { log: home.log(source.name) } : {}),
  });
  if (!pack) {
    return sources.map((source) => ({
      plan: { agents: [planned(source)], prefix: false },
      cwd: options.workingDirectory ?? dirname(source.file),
      log: home.log(source.name),
    }));
  }
  const folders = new Set(sources.map(({ file }) => dirname(file)));
  const [folder = options.cwd] = folders;
  return [{
    plan: { agents: sources.map(planned), prefix: !detach },
    cwd: options.workingDirectory ?? (folders.size === 1 ? folder : options.cwd),
    log: home.log(PACK_NAME),
  }];
}

/**
 * Arguments of `deno` that run a plan. The process may do what the runtime needs and what any of
 * its agents may; each agent's code is confined to its own permissions in there.
 *
 * @param root Absolute folder of this project.
 */
export function agentArguments(plan: HostPlan, home: MeshHome, root: string): string[] {
  const runtime: Permissions = {
    net: true,
    read: true,
    env: true,
    sys: true,
    write: [home.agents, home.logs],
  };
  // What agents of other projects import is not this project's to write down.
  const own = plan.agents.every(({ file }) => file.startsWith(`${root}/`));
  const permissions = [runtime, ...plan.agents.map((agent) => agent.permissions)].reduce(union, {});
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--config",
    `${root}/deno.json`,
    ...(own ? [] : ["--no-lock"]),
    ...permissionFlags(permissions),
    `${root}/runtime/host/main.ts`,
    JSON.stringify(plan),
  ];
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
  return { ...rest, MCP_MESH_REGISTRY_URL: registry, ...overrides };
}

/** Everything that either of two grants allows. */
export function union(a: Permissions, b: Permissions): Permissions {
  const kinds = new Set([...keysOf(a), ...keysOf(b)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, joinGrants(a[kind], b[kind])]));
}

function keysOf(permissions: Permissions): (keyof Permissions)[] {
  // The schema allows no other keys.
  return Object.keys(permissions) as (keyof Permissions)[];
}

type Grant = NonNullable<Permissions[keyof Permissions]>;

function joinGrants(a: Grant | undefined, b: Grant | undefined): Grant {
  if (a === true || b === true) return true;
  const lists = [a, b].filter((grant) => Array.isArray(grant));
  return lists.length === 0 ? false : [...new Set(lists.flat())];
}
