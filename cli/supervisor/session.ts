/**
 * The processes that one `start` has started, to be ended together.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { Child } from "./child.ts";
import type { MeshHome } from "./home.ts";
import { endChildren } from "./termination.ts";

/** A process that runs agents, and which. */
export interface AgentChild {
  child: Child;
  /** Names they were planned under. */
  names: string[];
  /** Paths of their records. */
  records: string[];
}

/** What one `start` has started. */
export interface Session {
  readonly agents: readonly AgentChild[];
  readonly registry: Child | undefined;
  addAgents(agents: AgentChild): void;
  setRegistry(child: Child): void;
  /**
   * Ends everything: the agents, so that they can still say goodbye to the registry, then the
   * registry. Removes what they wrote down. Does nothing the second time.
   *
   * @param graceMs How long all of it may take before what is left is killed.
   */
  end(graceMs: number): Promise<void>;
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
  const end = async (graceMs: number) => {
    const agentsGrace = registry === undefined ? graceMs : graceMs * (1 - REGISTRY_SHARE);
    await endChildren(agents.map(({ child }) => child), agentsGrace);
    if (registry !== undefined) {
      await endChildren([registry], graceMs * REGISTRY_SHARE);
      await rm(home.registryRecord, { force: true });
    }
    const records = agents.flatMap((each) => each.records);
    await Promise.all(records.map((path) => rm(path, { force: true })));
  };
  return {
    agents,
    get registry() {
      return registry;
    },
    addAgents: (each) => agents.push(each),
    setRegistry: (child) => registry = child,
    end: (graceMs) => ended ??= end(graceMs),
    kill: () => {
      for (const { child } of agents) child.kill();
      registry?.kill();
    },
  };
}
