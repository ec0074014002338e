/**
 * The processes that one `start` has started, to be ended together.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { AgentChild } from "./agent_launch.ts";
import type { Child } from "./child.ts";
import type { MeshHome } from "./home.ts";
import { endChildren } from "./termination.ts";

/** What one `start` has started. */
export interface Session {
  readonly agents: readonly AgentChild[];
  readonly registry: Child | undefined;
  addAgents(agents: AgentChild): void;
  /** Forgets a process that is none of it any more. */
  removeAgents(agents: AgentChild): void;
  setRegistry(child: Child): void;
  /**
   * Ends everything: the agents, so that they can still say goodbye to the registry, then the
   * registry. Removes what they wrote down. Does nothing the second time.
   *
   * @param graceMs How long all of it may take before what is left is killed.
   * @param keepRegistry Whether the registry is left, said when the agents are gone.
   */
  end(graceMs: number, keepRegistry?: () => Promise<boolean>): Promise<void>;
  /** Kills everything at once. */
  kill(): void;
}

/** Share of the time to end that the registry keeps for itself. */
const REGISTRY_SHARE = 0.25;

/** A session that has started nothing yet. */
export function createSession(home: MeshHome): Session {
  const agents: AgentChild[] = [];
  let registry: Child | undefined;
  let ended: Promise<void> | undefined;
  const end = async (graceMs: number, keepRegistry?: () => Promise<boolean>) => {
    const agentsGrace = registry === undefined ? graceMs : graceMs * (1 - REGISTRY_SHARE);
    await endChildren(agents.map(({ child }) => child), agentsGrace);
    const records = agents.flatMap((each) => each.records);
    await Promise.all(records.map((path) => rm(path, { force: true })));
    if (registry !== undefined && !await keepRegistry?.()) {
      await endChildren([registry], graceMs * REGISTRY_SHARE);
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
    end: (graceMs, keepRegistry) => ended ??= end(graceMs, keepRegistry),
    kill: () => {
      for (const { child } of agents) child.kill();
      registry?.kill();
    },
  };
}
