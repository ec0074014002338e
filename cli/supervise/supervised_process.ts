/**
 * One process of agents that somebody stays with, over all the times it is started.
 *
 * @module
 */
import type { AgentChild } from "../start/agent_launch.ts";
import type { AgentProcess } from "../start/agent_process.ts";
import { readAgentRecord } from "../machine/records.ts";
import type { SupervisedState } from "../machine/supervisor_record.ts";

/** One process of agents, over all the times it is started. */
export class SupervisedProcess {
  /** The process that runs, or ran last. */
  agents: AgentChild;
  state: SupervisedState = "running";
  /** It ended last by itself and not well. */
  hasFailed = false;
  /** Times in a row that it ended soon after it was started. */
  failures = 0;

  constructor(agents: AgentChild) {
    this.agents = agents;
  }

  /** Names of its agents. */
  get names(): string[] {
    return this.agents.names;
  }

  /** Whether it runs one of these name. */
  runs(name: string): boolean {
    return this.names.includes(name);
  }
}

/**
 * The same process to be started once more: its agents keep the ports and ids they had, so that
 * whoever knows them still reaches them.
 */
export async function continued(process: AgentProcess): Promise<AgentProcess> {
  const agents = await Promise.all(process.plan.agents.map(async (planned) => {
    const record = await readAgentRecord(planned.record);
    // One that never listened has neither.
    if (record?.agent_id === undefined) return planned;
    const { agent_id, port } = record;
    return { ...planned, agent_id, ...(port === undefined ? {} : { port }) };
  }));
  return { ...process, plan: { ...process.plan, agents } };
}
