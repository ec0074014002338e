/**
 * Which resolutions are worth a line in the history, and what that line says. Pure.
 *
 * A resolution is told when there was something to choose or to refuse, or when it differs from what
 * was told before; the same outcome is told once.
 *
 * @module
 */
import type { ResolutionAudit } from "../../runtime/protocol/audit.ts";
import type { Event } from "../../runtime/protocol/listing.ts";
import { ResolutionAuditSchema } from "../../runtime/protocol/audit.ts";
import type { Dependency } from "../../runtime/protocol/registration.ts";
import type { Pass } from "../../runtime/protocol/resolve/availability.ts";
import { explainDependency } from "../../runtime/protocol/resolve/dependency.ts";
import { Effort } from "../../runtime/protocol/resolve/effort.ts";
import type { Candidate, DirectoryAgent } from "../../runtime/protocol/resolve/model.ts";
import { selectorKey } from "../../runtime/protocol/resolve/requirement.ts";
import { shownTags } from "../base/shown_tags.ts";
import { isResolution } from "./events.ts";
import { digestOf } from "./record.ts";
import { cutText } from "../../runtime/base/cut_text.ts";

/** One resolution as it is told. */
export interface Audit {
  readonly type: "dependency_resolved" | "dependency_unresolved";
  readonly functionName: string;
  readonly data: ResolutionAudit;
}

/** What was last told of each dependency of one consumer. */
export class AuditHistory {
  readonly #latest = new Map<string, Audit>();
  readonly #latestResolved = new Map<string, Audit>();

  /** @param events The consumer's events, newest first. */
  constructor(events: readonly Event[]) {
    for (const { event_type: type, function_name: functionName = "", data } of events) {
      if (!isResolution(type)) continue;
      const parsed = ResolutionAuditSchema.safeParse(data);
      if (!parsed.success) continue;
      const audit = { type, functionName, data: parsed.data } as const;
      const key = keyOf(audit);
      if (!this.#latest.has(key)) this.#latest.set(key, audit);
      if (type === "dependency_resolved" && !this.#latestResolved.has(key)) {
        this.#latestResolved.set(key, audit);
      }
    }
  }

  /** What is to be told of a resolution now; `undefined` when it is not worth it or known. */
  news(audit: Audit): Audit | undefined {
    const key = keyOf(audit);
    const before = this.#latest.get(key);
    if (!isNotable(audit, before)) return undefined;
    if (before !== undefined && fingerprint(before) === fingerprint(audit)) return undefined;
    const prior = this.#latestResolved.get(key)?.data.chosen?.agent_id;
    const { chosen } = audit.data;
    if (prior === undefined || !chosen || prior === chosen.agent_id) return audit;
    return { ...audit, data: { ...audit.data, prior_chosen: prior } };
  }
}

/** Where a dependency leads, and how that came to be. */
interface Explained {
  readonly chosen: Candidate | undefined;
  readonly stages: ResolutionAudit["stages"];
}

function explained(pass: Pass, consumer: DirectoryAgent, wanted: Dependency, effort: Effort) {
  const { match: { chosen }, stages } = explainDependency(pass, consumer, wanted, effort);
  return { chosen, stages };
}

/**
 * How each dependency of an agent is resolved, in declared order, each when it is asked for. Equal
 * dependencies are looked at once.
 *
 * @param pass The evaluation to go by, asked for anew before each look.
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function* auditsOf(pass: () => Pass, consumer: DirectoryAgent): Generator<Audit> {
  const position = new Map<string, number>();
  const known = new Map<string, Explained>();
  const effort = new Effort();
  const room = roomOf(consumer);
  for (const { function_name, dependencies } of consumer.tools) {
    for (const dependency of dependencies) {
      const index = position.get(function_name) ?? 0;
      position.set(function_name, index + 1);
      const key = selectorKey(consumer.namespace, dependency);
      const before = known.get(key);
      const { chosen, stages } = before ?? explained(pass(), consumer, dependency, effort);
      const audit: ResolutionAudit = {
        consumer: consumer.id,
        dep_index: index,
        spec: specOf(dependency),
        stages,
        ...(chosen && {
          chosen: {
            agent_id: chosen.agent.id,
            endpoint: chosen.agent.endpoint,
            function_name: chosen.tool.function_name,
          },
        }),
      };
      const data = before === undefined ? fitting(audit, room) : audit;
      // All stages of all dependencies at once may be more than there is memory for.
      if (before === undefined) known.set(key, { chosen, stages: data.stages });
      yield {
        type: chosen === undefined ? "dependency_unresolved" : "dependency_resolved",
        functionName: function_name,
        data,
      };
    }
  }
}

/** Characters of an event, written as JSON; a KV value takes at most two bytes for each. */
export const AUDIT_MAX_CHARS = 30_000;

/** Characters of all audits of one registration, about. */
const AGENT_MAX_CHARS = 2_000_000;

/** Characters that each audit of an agent may have, so that all of them stay within bounds. */
function roomOf({ tools }: DirectoryAgent): number {
  const count = tools.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  return Math.min(AUDIT_MAX_CHARS, Math.floor(AGENT_MAX_CHARS / Math.max(1, count)));
}

/**
 * Candidates that are told of per stage, the first of these that fits an event. Two still show that there
 * was a choice.
 */
const SHOWN = [100, 10, 2, 0];

/** The same account, with fewer candidates where all are too many for one event. */
function fitting(audit: ResolutionAudit, room: number): ResolutionAudit {
  if (fits(audit, room)) return audit;
  for (const most of SHOWN) {
    const shorter = { ...audit, stages: audit.stages.map((stage) => shortened(stage, most)) };
    if (fits(shorter, room)) return shorter;
  }
  const { capability, schema_mode } = audit.spec;
  const spec = { capability: cutText(capability, 1_000), schema_mode: cutText(schema_mode, 100) };
  return { consumer: audit.consumer, dep_index: audit.dep_index, spec, stages: [] };
}

/** The shortest id there is, `a:b`, takes this much of a list in JSON. */
const ID_CHARS = '"a:b",'.length;

function fits(audit: ResolutionAudit, room: number): boolean {
  const ids = audit.stages.reduce(
    (sum, { kept, evicted }) => sum + kept.length + evicted.length,
    0,
  );
  // Thousands of candidates are not worth writing out to find that they are too many.
  if (ids * ID_CHARS > room) return false;
  return JSON.stringify(audit).length <= room;
}

function shortened(stage: ResolutionAudit["stages"][number], most: number) {
  const { kept, evicted } = stage;
  return {
    ...stage,
    kept: kept.slice(0, most),
    evicted: evicted.slice(0, most),
    ...(kept.length > most && { kept_count: kept.length }),
    ...(evicted.length > most && { evicted_count: evicted.length }),
  };
}

function specOf({ capability, tags, version, matchMode }: Dependency): ResolutionAudit["spec"] {
  return {
    capability,
    ...shownTags(tags),
    ...(version !== "" && { version_constraint: version }),
    schema_mode: matchMode || "none",
  };
}

function keyOf({ functionName, data }: Audit): string {
  return `${data.dep_index} ${functionName}`;
}

function isNotable({ type, data }: Audit, before: Audit | undefined): boolean {
  const contested = data.stages.some(({ kept, evicted }) => kept.length + evicted.length >= 2);
  if (contested) return true;
  if (type === "dependency_unresolved") {
    return before?.type === "dependency_resolved" ||
      data.stages.some(({ evicted }) => evicted.length > 0);
  }
  return before !== undefined &&
    (before.type === "dependency_unresolved" || winner(before.data) !== winner(data));
}

function winner({ chosen }: ResolutionAudit): string {
  return chosen ? `${chosen.agent_id}:${chosen.function_name}` : "";
}

/** Equal for two accounts of one outcome, in whatever order their candidates stand. */
function fingerprint({ type, data }: Audit): string {
  const { prior_chosen: _, stages, chosen, spec, consumer, dep_index } = data;
  const ordered = stages.map(({ stage, kept, evicted, chosen, reason }) => ({
    stage,
    kept: kept.toSorted(),
    evicted: evicted.map((eviction) => JSON.stringify(eviction)).sort(),
    chosen,
    reason,
  }));
  return digestOf([type, consumer, dep_index, spec, ordered, chosen ?? null]);
}
