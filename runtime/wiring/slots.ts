/**
 * Slots: which provider each declared dependency leads to right now. Filled from heartbeat answers,
 * position by position; a call reads them when it starts and keeps what it read.
 *
 * @module
 */
import type { Target } from "../dependency.ts";
import type { Unresolved } from "../host/plan.ts";
import { type AgentManifest, type OperationManifest, operationsOf } from "../manifest.ts";
import type { Alternate, HeartbeatResponse, ResolvedDependency } from "../protocol/registration.ts";

/** A slot that leads somewhere else than before, or nowhere. */
export interface WiringChange {
  /** The operation the dependency is of. */
  readonly operation: string;
  readonly dependency: string;
  readonly capability: string;
  readonly from: Target | undefined;
  readonly to: Target | undefined;
}

/** Where a dependency may be sent: the registry's choice first, then others of the same rank. */
export type Targets = readonly [Target, ...Target[]];

/** The slots of one agent. */
export class Slots {
  readonly #targets = new Map<string, ReadonlyMap<string, Targets>>();
  #operations: readonly OperationManifest[];

  constructor(manifest: AgentManifest) {
    this.#operations = operationsOf(manifest);
  }

  /** Takes over a changed manifest; slots of operations that are gone are dropped. */
  describe(manifest: AgentManifest): void {
    this.#operations = operationsOf(manifest);
    const keys = new Set(this.#operations.map(({ key }) => key));
    for (const key of [...this.#targets.keys()]) {
      if (!keys.has(key)) this.#targets.delete(key);
    }
  }

  /** The wired dependencies of an operation, by the name its handler knows them under. */
  of(key: string): ReadonlyMap<string, Targets> {
    return this.#targets.get(key) ?? NOTHING;
  }

  /** Everybody some slot leads to. */
  agentIds(): Set<string> {
    const ids = new Set<string>();
    for (const slots of this.#targets.values()) {
      for (const targets of slots.values()) targets.forEach(({ agentId }) => ids.add(agentId));
    }
    return ids;
  }

  /** Every declared dependency that leads nowhere. */
  unresolved(): Unresolved[] {
    return this.#operations.flatMap(({ key, dependencies }) =>
      dependencies.filter(({ name }) => !this.of(key).has(name)).map((dependency) => ({
        tool: key,
        dependency: dependency.name,
        capability: dependency.capability,
        required: dependency.required,
      }))
    );
  }

  /** Fills the slots from a heartbeat answer and tells what changed. */
  apply(resolved: HeartbeatResponse["dependencies_resolved"] = {}): WiringChange[] {
    const changes: WiringChange[] = [];
    for (const { key, dependencies } of this.#operations) {
      const entries = resolved[key] ?? [];
      const before = this.of(key);
      const now = new Map<string, Targets>();
      dependencies.forEach(({ name, capability }, position) => {
        const targets = targetsOf(entries[position]);
        if (targets !== undefined) now.set(name, targets);
        const [from] = before.get(name) ?? [];
        const [to] = targets ?? [];
        if (!sameTarget(from, to)) {
          changes.push({ operation: key, dependency: name, capability, from, to });
        }
      });
      this.#targets.set(key, now);
    }
    return changes;
  }
}

const NOTHING: ReadonlyMap<string, Targets> = new Map();

function targetsOf(entry: ResolvedDependency | undefined): Targets | undefined {
  // Anything but `available` counts as missing (registry-protocol §9.4).
  if (entry?.status !== "available") return undefined;
  return [targetOf(entry), ...(entry.alternates ?? []).map(targetOf)];
}

function targetOf({ agent_id, function_name, endpoint, runtime, kwargs }: Alternate): Target {
  return {
    agentId: agent_id,
    tool: function_name,
    endpoint,
    ...(kwargs?.["idempotent"] === true ? { idempotent: true } : {}),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

function sameTarget(a: Target | undefined, b: Target | undefined): boolean {
  return a?.agentId === b?.agentId && a?.tool === b?.tool && a?.endpoint === b?.endpoint;
}
