/**
 * Refuses to start what already runs, or what somebody else brings back.
 *
 * @module
 */
import { CliError, EXIT } from "../base/exit.ts";
import type { AgentSource } from "./agent_source.ts";
import type { MeshHome } from "../machine/home.ts";
import { runningAgents, sweepRecords } from "../machine/records.ts";
import { runningSupervisors, sweepSupervisors } from "../machine/supervisor_record.ts";

/**
 * Forgets what is gone, and refuses agents whose name is taken.
 *
 * @throws {CliError} exit 1, naming the process that has it.
 */
export async function refuseRunning(
  sources: AgentSource[],
  home: MeshHome,
  program: string,
): Promise<void> {
  await Promise.all([sweepRecords(home), sweepSupervisors(home)]);
  const running = await runningAgents(home);
  const supervisors = await runningSupervisors(home);
  for (const { name } of sources) {
    const other = running.find(({ stem, record }) => stem === name || record.name === name);
    if (other !== undefined) {
      throw new CliError(
        EXIT.failure,
        `agent already running: ${name} (process ${other.record.pid}, ${other.record.file})`,
        {
          hint: `Stop it with \`${program} stop ${name}\`, start the new one under another ` +
            "--agent-name, or keep a second mesh under another MCP_MESH_HOME.",
        },
      );
    }
    const keeper = supervisors.find(({ agents }) =>
      agents.some((agent) => agent.name === name && agent.state !== "stopped")
    );
    if (keeper !== undefined && keeper.pid !== Deno.pid) {
      throw new CliError(
        EXIT.failure,
        `agent already started: ${name} is down, and process ${keeper.pid} starts it again`,
        { hint: `Correct it there, or give it up with \`${program} stop ${name}\`.` },
      );
    }
  }
}
