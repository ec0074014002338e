/**
 * Processes of agent code that outlived the runtime which had started them. The shell of a runtime
 * ends them when the runtime dies (`runtime/sandbox/reaper.ts`); this is for what remains where there
 * was no shell, or where it was killed too.
 *
 * @module
 */
import { type AgentRecord, AgentRecordSchema } from "../../runtime/process/plan.ts";
import type { MeshHome } from "./home.ts";
import { type Orphan, restOfGroup } from "./orphans.ts";
import { stillRunning } from "./process_identity.ts";
import { readRecord } from "./record_file.ts";
import { endProcess } from "./termination.ts";

/** The parts of a record that say which processes run the code of an agent. */
export type CodeOwner = Pick<AgentRecord, "name" | "pid" | "started_at" | "code">;

/** A process of agent code without a runtime. */
export interface LeftCode extends Orphan {
  /** The agent that it belongs to. */
  readonly agent: string;
}

/**
 * Returns the processes that an agent whose runtime has ended left: those that its record names, and
 * programs in their groups. A process is known by its id and when it began. One of which the record
 * does not say when it began is not among them, because its id may be another process's by now.
 */
export async function leftCode(owner: CodeOwner, home: MeshHome): Promise<LeftCode[]> {
  const { name: agent, code = [], started_at: startedAt } = owner;
  const known = code.flatMap(({ pid, birth }) =>
    birth === undefined ? [] : [{ pid, birth, startedAt, agent, what: `the code of ${agent}` }]
  );
  const running = await stillRunning(known);
  const ended = known.filter((each) => !running.includes(each));
  const rests = await Promise.all(ended.map(({ pid }) => restOfGroup(pid, home)));
  return [...running, ...rests.flat().map((orphan) => ({ ...orphan, agent }))];
}

/** Processes that were to end. */
export interface EndedCode {
  readonly ended: readonly LeftCode[];
  /** Processes that run on, such as those of another user. */
  readonly survivors: readonly LeftCode[];
}

/** Kills the processes that an agent whose runtime has ended left, each with its group. */
export async function endLeftCode(owner: CodeOwner, home: MeshHome): Promise<EndedCode> {
  const left = await leftCode(owner, home);
  const outcomes = await Promise.all(left.map((each) => endProcess(each, undefined)));
  return {
    ended: left.filter((_, index) => outcomes[index]),
    survivors: left.filter((_, index) => !outcomes[index]),
  };
}

/**
 * Kills the processes of agent code that a runtime which has just ended left.
 *
 * @param runtime Id of the process of the runtime.
 * @param records Paths of the records of its agents; those that another process has written are not its.
 * @returns Processes that run on.
 */
export async function endCodeOf(
  runtime: number,
  records: readonly string[],
  home: MeshHome,
): Promise<LeftCode[]> {
  const read = await Promise.all(records.map((path) => readRecord(path, AgentRecordSchema)));
  const own = read.filter((record) => record !== undefined)
    .filter(({ pid }) => pid === runtime);
  const outcomes = await Promise.all(own.map((record) => endLeftCode(record, home)));
  return outcomes.flatMap(({ survivors }) => survivors);
}
