/**
 * `meshctl __supervise`: starts what a `start -d` asks for and stays with it. `start` runs it; people
 * do not.
 *
 * @module
 */
import { errorText } from "../../runtime/base/errors.ts";
import { boundLogs } from "../../runtime/base/log_files.ts";
import { defineCommand } from "../app/command.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode } from "../base/exit.ts";
import { SUPERVISOR_NAME } from "../machine/home.ts";
import { followInterrupts } from "../start/interruption.ts";
import { runningAgents } from "../machine/records.ts";
import { createStartedProcesses } from "../start/started_processes.ts";
import {
  FAILURE_GRACE_MS,
  type GivenStart,
  outcomeOf,
  supervisorFile,
} from "../supervise/start_detached.ts";
import { type StartedMesh, startMesh } from "../start/start_mesh.ts";
import { readStartRequest } from "../start/start_request.ts";
import { supervise } from "../supervise/supervise.ts";
import { Watch } from "../supervise/watch.ts";

/** `meshctl __supervise`. */
export const superviseCommand = defineCommand({
  name: "__supervise",
  summary: "Start what standard input says, and stay with it",
  usage: "",
  positionals: { min: 0, max: 0 },
  hidden: true,
  options: {},
  examples: [],
  run: async (context) => {
    // Written by `start`, from a command line that has been read already.
    const given = JSON.parse(await new Response(context.stdin()).text()) as GivenStart;
    return await startAndSupervise(given, context);
  },
});

async function startAndSupervise(
  { options, positionals }: GivenStart,
  context: Context,
): Promise<ExitCode> {
  const request = await readStartRequest(options, positionals, context, true);
  const { home } = request;
  using _bounded = boundLogs([home.log(SUPERVISOR_NAME)]);
  const started = createStartedProcesses(home);
  using interruption = followInterrupts(context, started);
  await using file = await supervisorFile(request);
  const onLine = undefined;
  const say = (text: string) => context.stderr.lines([text]);
  using watch = request.watch ? Watch.prepare(request, context) : undefined;
  let mesh: StartedMesh;
  try {
    mesh = await startMesh(
      request,
      { started, onLine, interrupted: interruption.interrupted },
      context,
    );
  } catch (error) {
    await started.end({ ...request, graceMs: FAILURE_GRACE_MS, say });
    file.update({ failure: failureOf(error) });
    throw error;
  }
  file.update({ outcome: outcomeOf(mesh) });
  try {
    return await supervise(mesh, request, {
      started,
      onLine,
      file,
      watch,
      interrupted: interruption.interrupted,
    }, context);
  } finally {
    // The registry is everybody's who is started here.
    const keepRegistry = async () => (await runningAgents(home)).length > 0;
    await started.end({ ...request, say, keepRegistry });
  }
}

function failureOf(error: unknown): { code: ExitCode; message: string; hint?: string } {
  if (error instanceof CliError) {
    const { code, message, hint } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  return { code: EXIT.failure, message: errorText(error) };
}
