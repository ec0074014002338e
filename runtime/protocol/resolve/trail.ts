/**
 * The trail of one resolution: which candidates each stage kept and which it turned away, and why.
 * Only an explanation carries one; ordinary resolution passes none and builds nothing.
 *
 * @module
 */
import type { Candidate } from "./model.ts";

/** The stages of the pipeline, in order. */
const STAGE_NAMES = [
  "health",
  "capability_match",
  "tags",
  "version",
  "schema",
  "tiebreaker",
] as const;

/** A stage of the pipeline. */
export type StageName = (typeof STAGE_NAMES)[number];

/** A candidate that was turned away. */
export interface Eviction {
  /** `agentId:function`. */
  id: string;
  /** A word of the audit vocabulary, such as `MissingTag`. */
  reason: string;
  details: Record<string, unknown>;
}

/** What one stage did. Ids are `agentId:function`. */
export interface Stage {
  stage: StageName;
  kept: string[];
  evicted: Eviction[];
  /** The winner; only in the tie-break, only if there is one. */
  chosen?: string;
  /** The rule that picked the winner. */
  reason?: string;
}

/** How a candidate is named in a trail. */
export function candidateId({ agent, tool }: Candidate): string {
  return `${agent.id}:${tool.function_name}`;
}

/** Records a resolution while it runs. */
export class Trail {
  readonly #entered: string[] = [];
  readonly #evictions: { stage: StageName; position: number; eviction: Eviction }[] = [];

  /** Notes that a candidate is looked at; evictions that follow are this candidate's. */
  enter(candidate: Candidate): void {
    this.#entered.push(candidateId(candidate));
  }

  /** Notes that the candidate entered last goes no further. */
  evict(stage: StageName, reason: string, details: Record<string, unknown>): void {
    const position = this.#entered.length - 1;
    const id = this.#entered[position];
    if (id === undefined) throw new Error("a trail evicts only a candidate that has entered it");
    this.#evictions.push({ stage, position, eviction: { id, reason, details } });
  }

  /** All six stages, in order, given the winner. */
  stages(chosen: Candidate | undefined): Stage[] {
    let alive = this.#entered.map((id, position) => ({ id, position }));
    return STAGE_NAMES.map((stage) => {
      if (stage === "tiebreaker") return tiebreaker(chosen);
      const here = this.#evictions.filter((entry) => entry.stage === stage);
      const gone = new Set(here.map((entry) => entry.position));
      alive = alive.filter(({ position }) => !gone.has(position));
      return {
        stage,
        kept: alive.map(({ id }) => id),
        evicted: here.map(({ eviction }) => eviction),
      };
    });
  }
}

function tiebreaker(chosen: Candidate | undefined): Stage {
  if (chosen === undefined) return { stage: "tiebreaker", kept: [], evicted: [] };
  const id = candidateId(chosen);
  return {
    stage: "tiebreaker",
    kept: [id],
    evicted: [],
    chosen: id,
    reason: "HighestScoreThenVersion",
  };
}
