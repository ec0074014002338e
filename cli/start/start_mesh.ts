/**
 * Starts a registry and agents, and waits until everything is wired. All or nothing: what did not
 * make it is thrown, and the caller ends what was started.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { rotateLog } from "../../runtime/base/log_files.ts";
import { indentedText } from "../../runtime/base/visible.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { type AgentChild, launchAgents } from "./agent_launch.ts";
import { type AgentProcess, agentProcesses, type LayoutOptions } from "./agent_process.ts";
import { sharedDenoDir } from "./child_place.ts";
import { exitText, type LineSource } from "../machine/child.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { type MeshHome, PACK_NAME, REGISTRY_NAME } from "../machine/home.ts";
import { lastLines } from "../machine/log_file.ts";
import { judgeReadiness, type Readiness, type SeenAgent } from "./readiness.ts";
import { readAgentRecord } from "../machine/records.ts";
import { portHolder } from "../machine/port_holder.ts";
import {
  ensureRegistry,
  type EnsureRegistryOptions,
  type ReadyRegistry,
} from "./registry_process.ts";
import { refuseRunning } from "./running_check.ts";
import type { StartedProcesses } from "./started_processes.ts";
import { takeStartLock } from "../machine/start_lock.ts";
import type { StartRequest } from "./start_request.ts";

/** What {@linkcode startMesh} needs beside the request. */
export interface StartMeshOptions {
  started: StartedProcesses;
  /** Takes every line of output of a foreground start. */
  onLine: ((name: string, source: LineSource, line: string) => void) | undefined;
  /** Aborts when the user gives up. */
  interrupted: AbortSignal;
  /** Takes how far the start is, after each look. */
  onLook?: (readiness: Readiness) => void;
}

/** A mesh that stands. */
export interface StartedMesh extends Omit<Extract<Readiness, { kind: "ready" }>, "kind"> {
  registry: ReadyRegistry;
  agents: SeenAgent[];
}

/** How many log lines show why an agent did not start. */
const LOG_LINES = 20;

/**
 * Starts what a request asks for.
 *
 * @throws {CliError} exit 4 when the registry is elsewhere and does not answer, 6 when the time is
 * up, 1 when something failed or the user gave up.
 */
export async function startMesh(
  request: StartRequest,
  options: StartMeshOptions,
  context: Context,
): Promise<StartedMesh> {
  const { interrupted } = options;
  const limit = AbortSignal.timeout(request.startupMs);
  const signal = AbortSignal.any([limit, interrupted]);
  const registry = await ensureRegistry(registryOptions(request, options, signal), context);
  if (request.sources.length > 0) await launchAll(request, options, registry.url, signal, context);
  const { agents, readiness } = await waitUntilReady(request, options, signal);
  if (readiness.kind !== "ready") throw await startFailure(readiness, request, interrupted);
  const { kind: _, ...state } = readiness;
  return { registry, agents, ...state };
}

/** How the registry of a request is started. */
export function registryOptions(
  request: StartRequest,
  { started, onLine }: Pick<StartMeshOptions, "started" | "onLine">,
  signal: AbortSignal,
): EnsureRegistryOptions {
  return {
    address: request.address,
    home: request.home,
    foreground: !request.detach,
    connectOnly: request.connectOnly,
    env: request.environment,
    onLine: onLine === undefined ? undefined : (line) => onLine(REGISTRY_NAME, "stderr", line),
    signal,
    onStarted: started.setRegistry,
  };
}

/** How processes of a request are laid out, over a working folder. */
export function layoutOf(
  request: StartRequest,
  { cwd, root }: Pick<Context, "cwd" | "root">,
): LayoutOptions {
  const cache = sharedDenoDir(request.environment, root);
  return { ...request, tied: !request.detach, cwd, root, cache };
}

/** Starts every process, one start at a time: an agent must not be started twice. */
async function launchAll(
  request: StartRequest,
  { started, onLine, interrupted }: StartMeshOptions,
  registry: string,
  signal: AbortSignal,
  context: Context,
): Promise<void> {
  const { home, sources } = request;
  using _lock = await takeStartLock(home.agentsLock, signal, () => {
    const names = sources.map(({ name }) => name);
    return startFailure({ kind: "starting", names }, request, interrupted);
  });
  await refuseRunning(sources, home, context.program);
  const options = { ...request, registry, onLine, alone: !request.stays };
  const begun: Promise<unknown>[] = [];
  for (const process of agentProcesses(sources, layoutOf(request, context))) {
    interrupted.throwIfAborted();
    rotateLogs(process);
    // One that is left of an earlier stop says nothing about the next.
    await Promise.all(
      process.plan.agents.map(({ name }) => rm(home.stopMark(name), { force: true })),
    );
    const agents = launchAgents(process, options, context);
    started.addAgents(agents);
    begun.push(hasBegun(agents, home, signal));
  }
  await Promise.all(begun);
}

function rotateLogs({ plan, log }: AgentProcess): void {
  const logs = new Set([log, ...plan.agents.flatMap((agent) => agent.log ?? [])]);
  for (const each of logs) rotateLog(each);
}

/** Settles once a process has written down all its agents, or has ended. */
async function hasBegun(
  { child, records }: AgentChild,
  home: MeshHome,
  signal: AbortSignal,
): Promise<void> {
  await waitInFolder(home.agents, async () => {
    const written = await Promise.all(records.map(readAgentRecord));
    const isBegun = written.every((record) => record?.pid === child.pid);
    return isBegun || child.exit !== undefined ? true : undefined;
  }, { wake: [child.exited], signal });
}

interface Watched {
  agents: SeenAgent[];
  readiness: Readiness;
}

async function waitUntilReady(
  request: StartRequest,
  { started, onLook }: StartMeshOptions,
  signal: AbortSignal,
): Promise<Watched> {
  const registeredAt = new Map<string, number>();
  const settled = AbortSignal.timeout(request.settleMs);
  // What is told when the time is up, or somebody interrupts, before the first look.
  const names = started.agents.flatMap((each) => each.names);
  let last: Watched = { agents: [], readiness: { kind: "starting", names } };
  await waitInFolder(request.home.agents, async () => {
    const agents = await seeAgents(started, registeredAt);
    const readiness = judgeReadiness(agents, request.watch);
    last = { agents, readiness };
    onLook?.(readiness);
    if (readiness.kind === "failed") return true;
    if (readiness.kind !== "ready") return undefined;
    const open = readiness.unresolved.some(({ required }) => required);
    return !open || settled.aborted ? true : undefined;
  }, { wake: started.agents.map(({ child }) => child.exited), signal });
  return last;
}

async function seeAgents(
  started: StartedProcesses,
  registeredAt: Map<string, number>,
): Promise<SeenAgent[]> {
  const seen = started.agents.flatMap(({ child, names, records }) =>
    names.map(async (name, index): Promise<SeenAgent> => {
      const path = records[index] ?? "";
      // Looked at before the record: a process may write why it fails, and end, while it is read.
      const { exit } = child;
      const written = await readAgentRecord(path);
      // A record of another process is of an earlier run.
      const record = written?.pid === child.pid ? written : undefined;
      if (record?.phase === "registered" && !registeredAt.has(path)) {
        registeredAt.set(path, record.synced_at ?? Date.now());
      }
      return {
        name,
        record,
        exit: exit === undefined ? undefined : exitText(exit),
        registeredAt: registeredAt.get(path),
      };
    })
  );
  return await Promise.all(seen);
}

async function startFailure(
  readiness: Exclude<Readiness, { kind: "ready" }>,
  request: StartRequest,
  interrupted: AbortSignal,
): Promise<CliError> {
  const { home, detach, startupMs } = request;
  if (readiness.kind === "failed") {
    const { name, reason, takenPort } = readiness;
    const holder = takenPort === undefined ? undefined : await portHolder(takenPort);
    const held = holder === undefined ? "" : `\nThe port is held by ${holder}.`;
    const logs = detach ? [home.log(name), home.log(PACK_NAME)] : [];
    const excerpt = await lastWords(request.pack ? logs : logs.slice(0, 1));
    return new CliError(
      EXIT.failure,
      `${name} did not start: ${indentedText(reason)}${held}${excerpt}`,
      {
        hint: "Nothing that this start had started is left running.",
      },
    );
  }
  const names = readiness.names.join(", ");
  if (interrupted.aborted) {
    return new CliError(EXIT.failure, `interrupted while waiting for ${names}`, {
      hint: "Nothing that this start had started is left running.",
    });
  }
  const lacking = readiness.kind === "starting" ? "registered" : "wired";
  return new CliError(
    EXIT.timeout,
    `not ${lacking} within ${startupMs / 1_000} s: ${names}`,
    { hint: `Read the logs in ${home.logs}, or give it longer with --startup-timeout.` },
  );
}

/** The last lines of the first of these logs that has any. */
async function lastWords(logs: string[]): Promise<string> {
  for (const log of logs) {
    const lines = await lastLines(log, LOG_LINES).catch(() => []);
    if (lines.length > 0) {
      return `\nLast lines of ${log}:${lines.map((line) => `\n  ${line}`).join("")}`;
    }
  }
  return "";
}
