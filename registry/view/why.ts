/**
 * Why a dependency is resolved or not, and what would resolve it, in plain sentences. Pure.
 *
 * @module
 */
import type { AuditStage } from "../../runtime/protocol/audit.ts";
import type { Dependency, Tool } from "../../runtime/protocol/registration.ts";
import { choose } from "../../runtime/protocol/resolve/choice.ts";
import { explainDependency } from "../../runtime/protocol/resolve/dependency.ts";
import { Effort } from "../../runtime/protocol/resolve/effort.ts";
import type { Candidate } from "../../runtime/protocol/resolve/model.ts";
import { dependencyRequirement } from "../../runtime/protocol/resolve/requirement.ts";
import type { Explanation } from "../../runtime/protocol/why.ts";
import type { Entry } from "../directory/entry.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { remedy } from "./why_eviction.ts";
import { toldEvictions } from "./why_told.ts";

/** A dependency as an agent declares it. */
export interface DeclaredDependency {
  readonly tool: Tool;
  readonly dependency: Dependency;
}

/** Sentences about candidates that were turned away; more candidates are counted. */
const TOLD = 20;

/**
 * Why a dependency is resolved or not.
 *
 * @throws {EffortExceeded} When explaining takes more than is left.
 */
export function explanation(
  snapshot: Snapshot,
  consumer: Entry,
  declared: DeclaredDependency,
  effort: Effort = new Effort(),
): Explanation {
  const { match: { chosen, equals }, stages } = explainDependency(
    snapshot.pass(),
    consumer,
    declared.dependency,
    effort,
  );
  const evictions = stages.flatMap(({ evicted }) => evicted);
  const sentences = [demand(consumer, declared)];
  if (chosen !== undefined) sentences.push(choice(chosen, equals, stages));
  const told = toldEvictions(evictions, (id) => snapshot.get(id)).slice(0, TOLD);
  sentences.push(...told.map(({ sentence }) => sentence));
  const untoldCount = evictions.length - told.reduce((sum, { count }) => sum + count, 0);
  if (untoldCount > 0) {
    sentences.push(`${untoldCount} more were turned away for reasons like these.`);
  }
  if (chosen !== undefined) {
    const { agent, tool } = chosen;
    const standing = untold(consumer);
    return {
      resolved: true,
      chosen: {
        agent_id: agent.id,
        endpoint: agent.endpoint,
        function_name: tool.function_name,
      },
      sentences: standing === undefined ? sentences : [...sentences, standing],
      stages,
    };
  }
  const { capability } = declared.dependency;
  if (evictions.length === 0) {
    sentences.push(
      `No agent of the namespace ${consumer.namespace} offers ${JSON.stringify(capability)}.`,
    );
  }
  return {
    resolved: false,
    sentences,
    fix: fix(snapshot, consumer, declared, stages, effort),
    stages,
  };
}

function demand(
  { id, namespace }: Entry,
  { tool, dependency: { capability, tags, version, matchMode, required } }: DeclaredDependency,
): string {
  const parts = [
    tags.length > 0 ? `the tags ${tags.map(written).join(", ")}` : "",
    version === "" ? "" : `a version that ${version} allows`,
    matchMode === "" ? "" : `an output that fits (${matchMode})`,
  ].filter((part) => part !== "");
  const asked = parts.length === 0 ? "" : ` with ${parts.join(" and ")}`;
  return `${tool.function_name} of ${id} ${required ? "requires" : "asks for"} ` +
    `${JSON.stringify(capability)}${asked}, in the namespace ${namespace}.`;
}

function written(tag: string | readonly string[]): string {
  return typeof tag === "string" ? JSON.stringify(tag) : `one of (${tag.map(written).join(", ")})`;
}

function choice(
  { agent, tool }: Candidate,
  equals: readonly Candidate[],
  stages: readonly AuditStage[],
): string {
  const place = `It leads to ${tool.function_name} of ${agent.id} at ${agent.endpoint}`;
  const left = stages.find(({ stage }) => stage === "schema")?.kept.length ?? 1;
  if (left === 1) return `${place}, the only candidate that fits.`;
  const rank = `${left} candidates fit; it has the best tags, then the newest version ` +
    `(${tool.version})`;
  return `${place}: ${rank}${equals.length > 1 ? `, and is ${firstOf(equals)}.` : "."}`;
}

/** Which of several candidates of one rank the chosen one is. */
function firstOf(equals: readonly Candidate[]): string {
  const ids = new Set(equals.map(({ agent }) => agent.id));
  if (ids.size === 1) return `the first of ${equals.length} such tools of that agent`;
  const names = new Set(equals.map(({ agent }) => agent.name));
  const areReplicas = names.size === 1 && ids.size === equals.length;
  return `the first by name of ${equals.length} such ${areReplicas ? "replicas" : "candidates"}`;
}

/** Why the agent may not know yet what is said here. */
function untold({ id, status, isPresent, stale, changed }: Entry): string | undefined {
  if (!isPresent) {
    return `${id} itself is ${status}; it is told when it registers again.`;
  }
  return stale || changed ? `${id} is told with its next heartbeat.` : undefined;
}

function fix(
  snapshot: Snapshot,
  consumer: Entry,
  { dependency }: DeclaredDependency,
  stages: readonly AuditStage[],
  effort: Effort,
): string {
  const pass = snapshot.pass();
  const { capability } = dependency;
  // Somebody who fits in all but being there needs nothing but to be there.
  const { chosen: absent } = choose(
    { versions: pass.versions, effort },
    dependencyRequirement(pass, dependency),
    pass.field(consumer, capability, () => true),
  );
  const said = snapshot.get(absent?.agent.id ?? "")?.health;
  if (absent !== undefined && said?.status === "unhealthy") {
    return `Help ${absent.agent.id}, which says that it is unhealthy` +
      (said.errors.length === 0 ? "." : `: ${said.errors.join("; ")}.`);
  }
  if (absent !== undefined && absent.agent.status !== "healthy") {
    return `Start ${absent.agent.name} again, or another agent that offers ` +
      `${JSON.stringify(capability)}.`;
  }
  if (absent !== undefined) {
    return `Resolve what ${absent.tool.function_name} of ${absent.agent.id} lacks: ` +
      `${pass.reason(absent)}.`;
  }
  // Whoever came furthest lacks least.
  const last = stages.findLast(({ evicted }) => evicted.length > 0)?.evicted[0];
  if (last !== undefined) return remedy(last);
  const near = similar(snapshot, consumer.namespace, capability);
  return `Start an agent that offers ${JSON.stringify(capability)}` +
    (near === undefined ? "." : `, or ask for ${JSON.stringify(near)}, which there is.`);
}

/** A capability that is written alike but for case and separators. */
function similar(snapshot: Snapshot, namespace: string, capability: string): string | undefined {
  const letters = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const wanted = letters(capability);
  if (wanted === "") return undefined;
  for (const { agent, tool } of snapshot.tools()) {
    if (agent.namespace === namespace && letters(tool.capability) === wanted) {
      return tool.capability;
    }
  }
  return undefined;
}
