/**
 * Slots: which provider each declared dependency leads to right now. Filled from heartbeat answers,
 * position by position; a call reads them when it starts and keeps what it read.
 *
 * @module
 */
import type { Target } from "../dependency.ts";
import type { Unresolved } from "../host/plan.ts";
import type { AgentManifest } from "../manifest.ts";
import type { HeartbeatResponse } from "../protocol/registration.ts";

/** A slot that leads somewhere else than before, or nowhere. */
export interface WiringChange {
  readonly tool: string;
  readonly dependency: string;
  readonly capability: string;
  readonly from: Target | undefined;
  readonly to: Target | undefined;
}

/** The slots of one agent. */
export class Slots {
  readonly #targets = new Map<string, ReadonlyMap<string, Target>>();
  #manifest: AgentManifest;

  constructor(manifest: AgentManifest) {
    this.#manifest = manifest;
  }

  /** Takes over a changed manifest; slots of tools that are gone are dropped. */
  describe(manifest: AgentManifest): void {
    this.#manifest = manifest;
    for (const tool of [...this.#targets.keys()]) {
      if (!manifest.tools.some(({ name }) => name === tool)) this.#targets.delete(tool);
    }
  }

  /** The wired dependencies of a tool, by the name its handler knows them under. */
  of(tool: string): ReadonlyMap<string, Target> {
    return this.#targets.get(tool) ?? new Map();
  }

  /** Every declared dependency that leads nowhere. */
  unresolved(): Unresolved[] {
    return this.#manifest.tools.flatMap((tool) =>
      tool.dependencies.filter(({ name }) => !this.of(tool.name).has(name)).map((dependency) => ({
        tool: tool.name,
        dependency: dependency.name,
        capability: dependency.capability,
        required: dependency.required,
      }))
    );
  }

  /** Fills the slots from a heartbeat answer and tells what changed. */
  apply(resolved: HeartbeatResponse["dependencies_resolved"] = {}): WiringChange[] {
    const changes: WiringChange[] = [];
    for (const tool of this.#manifest.tools) {
      const entries = resolved[tool.name] ?? [];
      const before = this.of(tool.name);
      const now = new Map<string, Target>();
      tool.dependencies.forEach(({ name, capability }, position) => {
        const entry = entries[position];
        // Anything but `available` counts as missing (registry-protocol §9.4).
        const to = entry?.status === "available"
          ? { agentId: entry.agent_id, tool: entry.function_name, endpoint: entry.endpoint }
          : undefined;
        const from = before.get(name);
        if (to !== undefined) now.set(name, to);
        if (!sameTarget(from, to)) {
          changes.push({ tool: tool.name, dependency: name, capability, from, to });
        }
      });
      this.#targets.set(tool.name, now);
    }
    return changes;
  }
}

function sameTarget(a: Target | undefined, b: Target | undefined): boolean {
  return a?.agentId === b?.agentId && a?.tool === b?.tool && a?.endpoint === b?.endpoint;
}
