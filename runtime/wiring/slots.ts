/**
 * Slots: which provider each declared dependency leads to right now. Filled from heartbeat answers,
 * position by position; a call reads them when it starts and keeps what it read.
 *
 * @module
 */
import type { Target } from "../define/dependency.ts";
import type { Unresolved } from "../define/serving.ts";
import { type AgentManifest, type OperationManifest, operationsOf } from "../define/manifest.ts";
import { type LentTool, offeredTools } from "../define/toolbox.ts";
import type {
  Alternate,
  HeartbeatResponse,
  ResolvedDependency,
  ResolvedLlmProvider,
} from "../protocol/registration.ts";

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

/** The part of a heartbeat answer that says where an agent's dependencies lead. */
export type WiringAnswer = Pick<
  HeartbeatResponse,
  "dependencies_resolved" | "llm_tools" | "llm_providers"
>;

/** The slots of one agent. */
export class Slots {
  readonly #targets = new Map<string, ReadonlyMap<string, Targets>>();
  readonly #toolboxes = new Map<string, readonly LentTool[]>();
  #operations: readonly OperationManifest[];

  constructor(manifest: AgentManifest) {
    this.#operations = operationsOf(manifest);
  }

  /**
   * Takes over a changed manifest. Slots of what is gone, or declared otherwise now, are dropped.
   *
   * @returns Whether something is declared that was not before.
   */
  describe(manifest: AgentManifest): boolean {
    const before = declarations(this.#operations);
    this.#operations = operationsOf(manifest);
    const now = declarations(this.#operations);
    for (const [key, slots] of [...this.#targets]) {
      const same = [...slots].filter(([name]) =>
        before.get(slotKey(key, name)) === now.get(slotKey(key, name))
      );
      this.#targets.set(key, new Map(same));
    }
    for (const key of this.#targets.keys()) {
      if (this.#operations.some((operation) => operation.key === key)) continue;
      this.#targets.delete(key);
      this.#toolboxes.delete(key);
    }
    return [...now].some(([slot, declaration]) => before.get(slot) !== declaration);
  }

  /** The tools that the language model of an operation is offered. */
  toolboxOf(key: string): readonly LentTool[] {
    return this.#toolboxes.get(key) ?? [];
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
    for (const tools of this.#toolboxes.values()) {
      tools.forEach(({ target }) => ids.add(target.agentId));
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
  apply(answer: WiringAnswer): WiringChange[] {
    const { dependencies_resolved: resolved = {}, llm_tools = {}, llm_providers = {} } = answer;
    const changes: WiringChange[] = [];
    for (const { key, dependencies } of this.#operations) {
      const entries = own(resolved, key) ?? [];
      const before = this.of(key);
      const now = new Map<string, Targets>();
      dependencies.forEach(({ name, capability, llm }, position) => {
        const targets = llm === undefined
          ? targetsOf(entries[position])
          : providersOf(own(llm_providers, key));
        if (targets !== undefined) now.set(name, targets);
        const [from] = before.get(name) ?? [];
        const [to] = targets ?? [];
        if (!sameTarget(from, to)) {
          changes.push({ operation: key, dependency: name, capability, from, to });
        }
      });
      this.#targets.set(key, now);
      const offered = own(llm_tools, key);
      if (offered !== undefined) this.#toolboxes.set(key, offeredTools(offered));
    }
    return changes;
  }
}

const NOTHING: ReadonlyMap<string, Targets> = new Map();

/** What is declared for every slot. */
function declarations(operations: readonly OperationManifest[]): Map<string, string> {
  return new Map(
    operations.flatMap(({ key, dependencies }) =>
      dependencies.map((dependency) => [slotKey(key, dependency.name), JSON.stringify(dependency)])
    ),
  );
}

function slotKey(operation: string, dependency: string): string {
  return JSON.stringify([operation, dependency]);
}

/** A value by a function's name, which may be `constructor` or anything else. */
function own<V>(values: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function providersOf(provider: ResolvedLlmProvider | undefined): Targets | undefined {
  if (provider?.status !== "available") return undefined;
  const first = targetOf({ ...provider, function_name: provider.name });
  return [first, ...(provider.alternates ?? []).map(targetOf)];
}

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
