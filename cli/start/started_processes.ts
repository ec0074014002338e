/**
 * The processes that one `start` has started, to be ended together.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { AgentChild } from "./agent_launch.ts";
import type { Child } from "../machine/child.ts";
import type { MeshHome } from "../machine/home.ts";
import { stopOrder, type Stopping } from "../../runtime/process/stop_order.ts";
import { agentPatience, fixedPatience } from "../machine/ending.ts";
import { endCodeOf } from "../machine/left_code.ts";
import { readAgentRecord } from "../machine/records.ts";
import { endChildren } from "../machine/termination.ts";

/** What one `start` has started. */
export interface StartedProcesses {
  readonly agents: readonly AgentChild[];
  readonly registry: Child | undefined;
  addAgents(agents: AgentChild): void;
  /** Forgets a process that is none of it any more. */
  removeAgents(agents: AgentChild): void;
  setRegistry(child: Child): void;
  /**
   * Ends everything: the agents, consumers before their providers, so that calls under way finish and
   * each can say goodbye to the registry; then the registry. Removes what they wrote down. Does nothing
   * the second time.
   */
  end(options: EndOptions): Promise<void>;
  /** Kills everything at once. */
  kill(): void;
}

/** How a session ends. */
export interface EndOptions {
  /** Kills what has not ended after so many milliseconds. @default the time that calls need */
  graceMs?: number;
  /** How long the registry may take, milliseconds. */
  registryMs: number;
  /** Takes a sentence that says what is waited for. */
  say(text: string): void;
  /** Whether the registry is left, asked when the agents are gone. */
  keepRegistry?(): Promise<boolean>;
}

/** A session that has started nothing yet. */
export function createStartedProcesses(home: MeshHome): StartedProcesses {
  const agents: AgentChild[] = [];
  let registry: Child | undefined;
  let ended: Promise<void> | undefined;
  const end = async ({ graceMs, registryMs, say, keepRegistry }: EndOptions) => {
    const limit = graceMs === undefined ? undefined : fixedPatience(graceMs);
    const patienceOf = ({ records }: AgentChild) => limit ?? agentPatience({ records, say });
    for (const group of stopOrder(await Promise.all(agents.map(stoppingOf)))) {
      await endChildren(
        group.map(({ agents }) => ({ child: agents.child, patience: patienceOf(agents) })),
      );
    }
    const records = agents.flatMap((each) => each.records);
    await Promise.all(
      agents.map(({ child, records }) => endCodeOf(child.pid, records, home)),
    );
    await Promise.all(records.map((path) => rm(path, { force: true })));
    if (registry !== undefined && !await keepRegistry?.()) {
      await endChildren([{ child: registry, patience: limit ?? fixedPatience(registryMs) }]);
      await rm(home.registryRecord, { force: true });
    }
  };
  return {
    agents,
    get registry() {
      return registry;
    },
    addAgents: (each) => agents.push(each),
    removeAgents: (each) => {
      const index = agents.indexOf(each);
      if (index >= 0) agents.splice(index, 1);
    },
    setRegistry: (child) => registry = child,
    end: (options) => ended ??= end(options),
    kill: () => {
      for (const { child } of agents) child.kill();
      registry?.kill();
    },
  };
}

async function stoppingOf(agents: AgentChild): Promise<Stopping & { agents: AgentChild }> {
  const records = await Promise.all(agents.records.map(readAgentRecord));
  return {
    agents,
    ids: records.flatMap((record) => record?.agent_id ?? []),
    wiredTo: new Set(records.flatMap((record) => record?.wired_to ?? [])),
  };
}
