/**
 * When a start is done: every agent registered, and its wiring asked for after the last of them
 * was. Decides from what the agents wrote down; waits for nothing.
 *
 * @module
 */
import type { AgentRecord } from "../../runtime/process/plan.ts";
import type { Unresolved } from "../../runtime/define/serving.ts";

/** One agent of a start, as seen at one moment. */
export interface SeenAgent {
  /** The name it was planned under. */
  name: string;
  /** What it wrote down; absent while it has not, or when another process wrote it. */
  record: AgentRecord | undefined;
  /** How its process ended, in words, if it has. */
  exit: string | undefined;
  /** When it was first seen registered, milliseconds since the epoch. */
  registeredAt: number | undefined;
}

/** How far a start is. */
export type Readiness =
  /** One of them will not make it. */
  | { kind: "failed"; name: string; reason: string; takenPort?: number }
  /** Some are not registered yet; each name with what keeps it, if that is known. */
  | { kind: "starting"; names: string[] }
  /** All are registered; these have not asked for their wiring since. */
  | { kind: "wiring"; names: string[] }
  /** All are registered and wired as far as there are providers, but for those that failed. */
  | {
    kind: "ready";
    unresolved: UnresolvedOfAgent[];
    /** Not started, and watched: their next save may be. */
    failed: TroubledAgent[];
  };

/** An agent that is not in the mesh, and why. */
export interface TroubledAgent {
  name: string;
  reason: string;
}

/** A dependency without a provider, and whose it is. */
export interface UnresolvedOfAgent extends Unresolved {
  agent: string;
}

/**
 * How far a start is.
 *
 * @param watched Agents that do not start are waited for no longer, and keep nobody from being ready.
 */
export function judgeReadiness(agents: SeenAgent[], watched = false): Readiness {
  // One that failed takes the others of its process along, which are stopped.
  const culpritsFirst = agents.toSorted((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)));
  const failed: TroubledAgent[] = [];
  for (const agent of culpritsFirst) {
    const reason = failureOf(agent);
    if (reason === undefined) continue;
    const name = nameOf(agent);
    if (!watched) return { kind: "failed", name, reason, ...takenPort(agent) };
    failed.push({ name, reason });
  }
  const started = agents.filter((agent) => failureOf(agent) === undefined);
  const starting = started.filter(({ record }) => record?.phase !== "registered");
  if (starting.length > 0) return { kind: "starting", names: starting.map(lateText) };
  const wiring = started.filter((agent) => !isWired(agent, started));
  if (wiring.length > 0) return { kind: "wiring", names: wiring.map(nameOf) };
  return {
    kind: "ready",
    unresolved: started.flatMap((agent) =>
      (agent.record?.unresolved ?? []).map((each) => ({ ...each, agent: nameOf(agent) }))
    ),
    failed,
  };
}

function nameOf({ name, record }: SeenAgent): string {
  return record?.name ?? name;
}

function lateText(agent: SeenAgent): string {
  const error = agent.record?.error;
  return error === undefined ? nameOf(agent) : `${nameOf(agent)} (${error.message})`;
}

function hasFailed({ record }: SeenAgent): boolean {
  return record?.phase === "failed";
}

function failureOf({ record, exit }: SeenAgent): string | undefined {
  if (record?.phase === "failed") return record.error?.message ?? "it gave no reason";
  // Until the process has ended, what stopped an agent may not be written down yet.
  if (exit !== undefined && record?.phase === "stopped") {
    return "it was stopped before it was ready";
  }
  if (exit !== undefined) {
    return record?.error?.message ?? `its process ${exit} before it was ready`;
  }
  // A refusal stays a refusal however often the agent asks again.
  return record?.error?.code === "registration_refused" ? record.error.message : undefined;
}

function takenPort({ record }: SeenAgent): { takenPort?: number } {
  const { error, port } = record ?? {};
  return error?.code === "port_taken" && port !== undefined ? { takenPort: port } : {};
}

/**
 * Whether an agent has all it can get: every dependency, or an answer of the registry to what it asked
 * after the last of the others was registered. An answer that comes after that may be of before.
 */
function isWired(agent: SeenAgent, started: SeenAgent[]): boolean {
  const { record } = agent;
  if (record === undefined) return false;
  if (record.unresolved.length === 0) return true;
  const { asked_at: askedAt = 0 } = record;
  return started.every((other) => other === agent || askedAt >= (other.registeredAt ?? Infinity));
}

/** One line about how far a start is. */
export function readinessText(readiness: Readiness): string {
  switch (readiness.kind) {
    case "starting":
      return `Waiting for ${readiness.names.join(", ")}`;
    case "wiring":
      return `Wiring ${readiness.names.join(", ")}`;
    default:
      return "Waiting for providers";
  }
}

/** One line about a dependency without a provider. */
export function unresolvedText(
  { agent, tool, dependency, capability, required }: UnresolvedOfAgent,
): string {
  const kind = required ? "required" : "optional";
  return `${agent}: ${kind} dependency ${dependency} (${capability}) of ${tool} has no provider yet`;
}
