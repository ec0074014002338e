/**
 * Where everything that `meshctl` keeps on this machine lies.
 *
 * @module
 */
import { join } from "node:path";

/** Name under which the registry's log and record go; no agent may have it. */
export const REGISTRY_NAME = "registry";

/** Name of the log of a process that runs several agents; no agent can have it. */
export const PACK_NAME = "_pack";

/** Paths below `MCP_MESH_HOME`, all absolute. */
export interface MeshHome {
  /** The folder itself. */
  root: string;
  /** One record file an agent. */
  agents: string;
  /** One log file a name, older ones beside it. */
  logs: string;
  /** Who runs the registry that `meshctl` started. */
  registryRecord: string;
  /** The registry's database. */
  registryKv: string;
  /** Held while a registry is being started. */
  startLock: string;
  /** Lines typed in a shell. */
  shellHistory: string;
  /** The record of the agent `name`. */
  record(name: string): string;
  /** The current log of `name`. */
  log(name: string): string;
}

/** The layout below `root`, which is absolute. */
export function meshHome(root: string): MeshHome {
  const agents = join(root, "agents");
  const logs = join(root, "logs");
  return {
    root,
    agents,
    logs,
    registryRecord: join(root, "registry.json"),
    registryKv: join(root, "mcp_mesh_registry.kv"),
    startLock: join(root, "start.lock"),
    shellHistory: join(root, "shell_history"),
    record: (name) => join(agents, `${fileName(name)}.json`),
    log: (name) => join(logs, `${fileName(name)}.log`),
  };
}

/** A name without anything that could leave the folder. */
function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_");
}
