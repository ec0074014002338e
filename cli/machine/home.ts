/**
 * Where everything that `meshctl` keeps on this machine lies.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** Name under which the registry's log and record go; no agent may have it. */
export const REGISTRY_NAME = "registry";

/** Name of the log of a process that runs several agents; no agent can have it. */
export const PACK_NAME = "_pack";

/** Name of the log of who stays with agents in the background; no agent can have it. */
export const SUPERVISOR_NAME = "_supervisor";

/** Paths below `MCP_MESH_HOME`, all absolute. */
export interface MeshHome {
  /** The folder itself. */
  root: string;
  /** One record file an agent. */
  agents: string;
  /** One log file a name, older ones beside it. */
  logs: string;
  /** One folder an agent, for what its code keeps. */
  dataFolder: string;
  /** One record file a `start` that stays with what it started. */
  supervisors: string;
  /** Who runs the registry that `meshctl` started. */
  registryRecord: string;
  /** The registry's database. */
  registryKv: string;
  /** Held while a registry is being started. */
  startLock: string;
  /** Lines typed in a shell. */
  shellHistory: string;
  /** Held while agents are being started, until they have written themselves down. */
  agentsLock: string;
  /** One lock file of packages a process of agents, and what else says how its modules resolve. */
  lockFiles: string;
  /** One `DENO_DIR` an agent whose code has a process of its own. */
  denoFolder: string;
  /** The record of the agent `name`. */
  record(name: string): string;
  /**
   * There while the agent `name` is being stopped on purpose, for its supervisor to see. It says how
   * the agent is to stop; see `StopMark`.
   */
  stopMark(name: string): string;
  /** Where the code of the agent `name` may keep files; it makes the folder itself. */
  data(name: string): string;
  /** The current log of `name`. */
  log(name: string): string;
  /** Which versions of packages the process of `name` has. */
  lockFile(name: string): string;
  /** Which versions of packages a module has that has no lock file in its project. */
  moduleLock(file: string): string;
  /** Which versions of packages the code of the agent `name` has, in a process of its own. */
  codeLock(name: string): string;
  /** The import map of that process. */
  importMap(name: string): string;
  /** The `DENO_DIR` of that process. */
  denoDir(name: string): string;
}

/** Everything in there that is kept of agents and of a registry: no agent's code is among it. */
export function keptIn(home: MeshHome): string[] {
  const { agents, logs, dataFolder, supervisors, lockFiles, denoFolder } = home;
  const files = [home.registryRecord, home.registryKv, home.shellHistory];
  return [agents, logs, dataFolder, supervisors, lockFiles, denoFolder, ...files];
}

/** The layout below `root`, which is absolute. */
export function meshHome(root: string): MeshHome {
  const agents = join(root, "agents");
  const logs = join(root, "logs");
  return {
    root,
    agents,
    logs,
    dataFolder: join(root, "data"),
    supervisors: join(root, "supervisors"),
    registryRecord: join(root, "registry.json"),
    registryKv: join(root, "mcp_mesh_registry.kv"),
    startLock: join(root, "start.lock"),
    shellHistory: join(root, "shell_history"),
    agentsLock: join(root, "agents.lock"),
    lockFiles: join(root, "locks"),
    denoFolder: join(root, "deno"),
    record: (name) => join(agents, `${fileName(name)}.json`),
    stopMark: (name) => join(agents, `${fileName(name)}.stop`),
    data: (name) => join(root, "data", fileName(name)),
    log: (name) => join(logs, `${fileName(name)}.log`),
    lockFile: (name) => join(root, "locks", `${fileName(name)}.json`),
    moduleLock: (file) => join(root, "locks", `${pathKey(file)}.module.json`),
    codeLock: (name) => join(root, "locks", `${fileName(name)}.code.json`),
    importMap: (name) => join(root, "locks", `${fileName(name)}.imports.json`),
    denoDir: (name) => join(root, "deno", fileName(name)),
  };
}

/** A short name for a path, of which no two have the same. */
function pathKey(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 32);
}

/** A name without anything that could leave the folder. */
function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_");
}
