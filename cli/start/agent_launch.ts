/**
 * Starts processes that run agents.
 *
 * @module
 */
import type { HostCommand } from "../../runtime/process/plan.ts";
import { runtimeLock } from "../analysis/agent_code.ts";
import { lockText } from "../analysis/lock_file.ts";
import { resolutionFlags } from "../analysis/resolution.ts";
import type { Context } from "../app/context.ts";
import {
  agentArguments,
  agentEnvironment,
  type AgentProcess,
  filesOf,
  lockPath,
  runsChildren,
} from "./agent_process.ts";
import { prepareChild, sharedDenoDir } from "./child_place.ts";
import { denoExecutable } from "../machine/deno_executable.ts";
import { tellStartTime } from "../machine/start_time.ts";
import { type Child, type LineSource, startChild } from "../machine/child.ts";
import type { MeshHome } from "../machine/home.ts";
import { attributeLine } from "./prefixed_output.ts";
import { writePrivate } from "../machine/private_file.ts";

/** What every process of a start is started with. */
export interface LaunchOptions {
  home: MeshHome;
  /** URL of the registry. */
  registry: string;
  /** Environment of every process it starts. */
  environment: Record<string, string>;
  /** What the user wants agents to have: nothing wins over it. */
  overrides: Record<string, string>;
  /** Takes every line of output; it goes to the logs when absent. */
  onLine: ((name: string, source: LineSource, line: string) => void) | undefined;
  /** Nobody stays who would tell it anything. */
  alone: boolean;
}

/** A process that runs agents, and which. */
export interface AgentChild {
  readonly process: AgentProcess;
  readonly child: Child;
  /** Names they were planned under. */
  readonly names: string[];
  /** Paths of their records. */
  readonly records: string[];
  /** How their modules resolve; see `resolutionFlags()`. */
  readonly resolution: readonly string[];
  /** Tells it to do something. */
  tell(command: HostCommand): void;
}

/** Starts a process. */
export function launchAgents(
  process: AgentProcess,
  options: LaunchOptions,
  { deno, root }: Pick<Context, "deno" | "root">,
): AgentChild {
  const { plan, reach, lock, cwd, log, variables } = process;
  const { onLine, registry, environment, overrides } = options;
  const names = plan.agents.map(({ name }) => name);
  const resolution = resolutionFlags(filesOf(plan), root);
  const lockFile = lockPath(process, options.home);
  const isApart = runsChildren(plan);
  writePrivate(lockFile, lockText(isApart ? runtimeLock(root) : lock));
  if (isApart) {
    const cache = sharedDenoDir(environment, root);
    const { home } = options;
    for (const { name, file } of plan.agents) {
      prepareChild({ name, file, lock }, { home, root, cache });
    }
  }
  const child = startChild({
    command: deno,
    args: agentArguments(process, {
      home: options.home,
      root,
      resolution,
      lock: lockFile,
      deno: denoExecutable(deno),
    }),
    cwd,
    env: { ...agentEnvironment(environment, registry, overrides), ...variables },
    output: onLine === undefined ? { file: log } : {
      onLine: (source, line) => {
        const { name, text } = attributeLine(line, names);
        onLine(name, source, text);
      },
    },
    input: true,
  });
  void tellStartTime(child, reach).then(() => {
    if (options.alone) child.tellNoMore();
  });
  return {
    process,
    child,
    names,
    records: plan.agents.map(({ record }) => record),
    resolution,
    tell: (command) => child.tell(JSON.stringify(command)),
  };
}
