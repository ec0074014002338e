/**
 * A start in the background that somebody stays with: a second `meshctl` starts everything and stays,
 * this one waits until it has, and tells how it went.
 *
 * @module
 */
import { rotateLog } from "../../runtime/base/log_files.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode } from "../base/exit.ts";
import { type Child, exitText, startChild } from "../machine/child.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { SUPERVISOR_NAME } from "../machine/home.ts";
import { whileBusy } from "../output/busy_line.ts";
import { lastLines } from "../machine/log_file.ts";
import { readAgentRecord } from "../machine/records.ts";
import type { StartedMesh } from "../start/start_mesh.ts";
import { reportDetached } from "../start/start_report.ts";
import type { StartOptions, StartRequest } from "../start/start_request.ts";
import { SupervisorFile } from "./supervisor_file.ts";
import {
  readSupervisor,
  type StartOutcome,
  type SupervisorRecord,
  sweepSupervisors,
} from "../machine/supervisor_record.ts";

/** Grace for what was started when the start fails: the user waits for the reason. */
export const FAILURE_GRACE_MS = 600;

/** What the second `meshctl` is given over its standard input: the command line, as it was read. */
export interface GivenStart {
  options: StartOptions;
  positionals: string[];
}

/** What `meshctl` may do. */
const MESHCTL_FLAGS = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-sys",
];

/** Lines of its log that show why it ended. */
const LOG_LINES = 10;

/** The record of a start that stays, before anything is started. */
export function supervisorFile(
  { home, detach, watch, restart, sources }: StartRequest,
): Promise<SupervisorFile> {
  return SupervisorFile.create(home, {
    foreground: !detach,
    watches: watch,
    restarts: restart,
    agents: sources.map(({ name }) => ({ name, state: "running" })),
  });
}

/**
 * Starts what a request asks for behind this process, and waits until it is ready.
 *
 * @throws {CliError} What the start failed with; nothing of it is left running then.
 */
export async function startDetached(
  { home }: StartRequest,
  given: GivenStart,
  context: Context,
): Promise<ExitCode> {
  const log = home.log(SUPERVISOR_NAME);
  rotateLog(log);
  const { command, args } = context.self(MESHCTL_FLAGS);
  const child = startChild({
    command,
    args: [...args, "__supervise"],
    cwd: context.cwd,
    env: { ...context.config.environment, MCP_MESH_HOME: home.root },
    output: { file: log },
    input: true,
  });
  // Not among its arguments, which everybody may read: there are variables with secrets among them.
  child.tell(JSON.stringify(given));
  child.tellNoMore();
  using _interrupts = context.onInterrupt(() => child.ask());
  const { json, quiet } = given.options;
  const { outcome, failure } = await whileBusy(
    json || quiet ? undefined : context,
    "Starting",
    () => waitForOutcome(child, home.supervisors, log, () => readSupervisor(home, child.pid)),
  );
  if (outcome !== undefined) {
    const mesh = await meshOf(outcome, (name) => home.record(name));
    return await reportDetached(mesh, context, given.options);
  }
  await child.exited;
  await sweepSupervisors(home);
  const { code = EXIT.failure, message = "", hint } = failure ?? {};
  // It is one of ours.
  throw new CliError(code as ExitCode, message, hint === undefined ? {} : { hint });
}

async function waitForOutcome(
  child: Child,
  folder: string,
  log: string,
  read: () => Promise<SupervisorRecord | undefined>,
): Promise<Pick<SupervisorRecord, "outcome" | "failure">> {
  const never = new AbortController().signal;
  const found = await waitInFolder(folder, async () => {
    const isOver = child.exit !== undefined;
    const record = await read();
    if (record?.outcome !== undefined || record?.failure !== undefined) return record;
    if (!isOver || child.exit === undefined) return undefined;
    const lines = await lastLines(log, LOG_LINES).catch(() => []);
    const excerpt = lines.map((line) => `\n  ${line}`).join("");
    const message = `what should stay with the agents ${exitText(child.exit)}${excerpt}`;
    return { failure: { code: EXIT.failure, message } };
  }, { wake: [child.exited], signal: never });
  return found ?? {};
}

async function meshOf(
  { registry: { kv, ...registry }, agents, ...rest }: StartOutcome,
  recordOf: (name: string) => string,
): Promise<StartedMesh> {
  return {
    ...rest,
    registry: { ...registry, ...(kv === undefined ? {} : { kv }) },
    agents: await Promise.all(agents.map(async (name) => ({
      name,
      record: await readAgentRecord(recordOf(name)),
      exit: undefined,
      registeredAt: undefined,
    }))),
  };
}

/** How a start went, to be written down for who waits. */
export function outcomeOf(
  { registry, agents, unresolved, failed }: StartedMesh,
): StartOutcome {
  return { registry, agents: agents.map(({ name }) => name), unresolved, failed };
}
