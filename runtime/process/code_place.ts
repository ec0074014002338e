/**
 * The place of a process for the code of one agent, as it was planned.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Environment } from "../base/environment.ts";
import { blankManifest } from "../define/manifest.ts";
import { agentConfig } from "../node/config.ts";
import type { ChildFacts } from "../sandbox/child_grant.ts";
import type { CodePlace } from "../sandbox/process_link.ts";
import type { Reaper } from "../sandbox/reaper.ts";
import { besideFolder } from "./data_folder.ts";
import { meshPorts } from "./mesh_ports.ts";
import type { PlannedAgent } from "./plan.ts";

/** Options for {@linkcode codePlace}. */
export interface CodePlaceOptions extends Pick<CodePlace, "onStart"> {
  /** The variables of the runtime. */
  readonly environment: Environment;
  /** Looks after the process. */
  readonly reaper: Reaper;
  /** Absolute path of the folder that the code may keep files in. */
  readonly data: string | undefined;
  /** Returns whether the code may only read that folder, as it is when a process is started. */
  readonly isDataClosed: () => boolean;
}

/** Returns the place of a process for the code of an agent; `undefined` when that runs in a worker. */
export function codePlace(
  { name, record, code, data: planned }: Pick<PlannedAgent, "name" | "record" | "code" | "data">,
  { environment, data, isDataClosed, ...options }: CodePlaceOptions,
): CodePlace | undefined {
  if (code === undefined) return undefined;
  const { memoryBytes } = agentConfig(environment, blankManifest(name));
  return {
    ...options,
    args: code.args,
    denoDir: code.deno_dir,
    cwd: code.cwd,
    facts: () => ({
      // Agents come and go, so they are looked up each time.
      meshPorts: meshPorts(dirname(record), environment["MCP_MESH_REGISTRY_URL"] ?? ""),
      ownAddresses: Deno.networkInterfaces().map(({ address }) => address),
      // All of it: the first line of the agent may name any variable.
      environment: Deno.env.toObject(),
      closed: planned === undefined
        ? code.closed
        : [...new Set([...code.closed, ...besideFolder(planned, data)])],
      ...dataFacts(code.unwritable, data, isDataClosed()),
    }),
    memoryBytes,
  };
}

/** A folder that is closed is not written by any way that leads to it, whatever the first line grants. */
function dataFacts(
  unwritable: readonly string[],
  data: string | undefined,
  isClosed: boolean,
): Pick<ChildFacts, "unwritable" | "data"> {
  if (data === undefined || !isClosed) return { unwritable, data };
  return { unwritable: [...new Set([...unwritable, data, realPath(data)])] };
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // Its user has removed it.
    return path;
  }
}
