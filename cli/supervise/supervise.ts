/**
 * Stays with what a start has started until the user or the agents end it.
 *
 * @module
 */
import type { Context } from "../app/context.ts";
import type { ExitCode } from "../base/exit.ts";
import { launchAgents } from "../start/agent_launch.ts";
import type { LineSource } from "../machine/child.ts";
import { createAgentNotes } from "./agent_notes.ts";
import { ensureRegistry } from "../start/registry_process.ts";
import type { StartedProcesses } from "../start/started_processes.ts";
import { registryOptions, type StartedMesh } from "../start/start_mesh.ts";
import type { StartRequest } from "../start/start_request.ts";
import { Supervision } from "./supervision.ts";
import type { SupervisorFile } from "./supervisor_file.ts";
import type { Watch } from "./watch.ts";

/** What {@linkcode stay} needs beside the request. */
export interface SuperviseOptions {
  started: StartedProcesses;
  /** Takes every line of output of a foreground start. */
  onLine: ((name: string, source: LineSource, line: string) => void) | undefined;
  /** Aborts at the first Ctrl+C. */
  interrupted: AbortSignal;
  file: SupervisorFile;
  /** Follows the files, if they are to be followed. */
  watch: Watch | undefined;
}

/**
 * Waits until the user interrupts or everything is gone, and says who goes. Ends nothing itself.
 *
 * @returns 1 when an agent ended in any other way than by being asked to, and has not come back.
 */
export async function supervise(
  { registry, failed }: Pick<StartedMesh, "registry" | "failed">,
  request: StartRequest,
  { started, onLine, interrupted, file, watch }: SuperviseOptions,
  context: Context,
): Promise<ExitCode> {
  const { home, restart } = request;
  const notes = createAgentNotes(context, home, onLine);
  const launching = { ...request, registry: registry.url, onLine, alone: false };
  const supervision = new Supervision({
    started,
    home,
    restart,
    watch: request.watch,
    launch: (process) => launchAgents(process, launching, context),
    relaunchRegistry: async () => {
      const address = { ...request.address, port: Number(new URL(registry.url).port) };
      const again = registryOptions({ ...request, address }, { started, onLine }, interrupted);
      await ensureRegistry(again, context);
      return started.registry;
    },
    say: notes.say,
    onChange: (agents) => file.note(agents),
    interrupted,
  }, context);
  watch?.begin({
    supervision,
    notes,
    failed: new Set(failed.map(({ name }) => name)),
    setEnvironment: (environment) => launching.environment = environment,
  });
  return await supervision.over();
}
