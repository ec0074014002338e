/**
 * Ends what runs under a home, and keeps account of what has ended and what has not.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { StopMark } from "../../runtime/process/plan.ts";
import { agentPatience, fixedPatience, type Patience } from "../machine/ending.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { type MeshHome, REGISTRY_NAME } from "../machine/home.ts";
import { endCodeOf, type LeftCode } from "../machine/left_code.ts";
import { agentProcessesOf, type Orphan, restOfGroup } from "../machine/orphans.ts";
import type { WrittenProcess } from "../machine/process_identity.ts";
import { type LocalAgent, type RegistryRecord, writtenProcess } from "../machine/records.ts";
import type { AgentGroup } from "./stop_choice.ts";
import { readSupervisor, type SupervisorRecord } from "../machine/supervisor_record.ts";
import { endProcess } from "../machine/termination.ts";
import { writePrivate } from "../machine/private_file.ts";

/** What a {@linkcode ProcessStopper} needs. */
export interface StopProcessesOptions {
  home: MeshHome;
  /** Kills everything at once. */
  force: boolean;
  /** How long calls under way may go on, milliseconds. @default as each agent is configured */
  drainMs: number | undefined;
  /** How long a process without calls may take to end, milliseconds. */
  graceMs: number;
  /** Who stays with agents, and would bring them back. */
  supervisors: SupervisorRecord[];
  tell(text: string): void;
  /** Takes a sentence that says what is waited for. */
  wait(text: string): void;
}

/** How long who stays with an agent may take to see that it is stopped, milliseconds. */
const SEEN_MS = 3_000;

/** Ends what runs under a home. */
export class ProcessStopper {
  /** What would not end, in words. */
  readonly survivors: string[] = [];
  /** What has ended, in words. */
  readonly stopped: string[] = [];
  readonly #options: StopProcessesOptions;

  constructor(options: StopProcessesOptions) {
    this.#options = options;
  }

  /** Ends a process of agents once its calls are over. */
  async stopAgents(group: AgentGroup): Promise<void> {
    const { home, wait, supervisors } = this.#options;
    this.#mark(group.stems);
    const records = group.stems.map((stem) => home.record(stem));
    await this.#end(group.names, group, agentPatience({ records, say: wait }));
    for (const { agent, pid } of await endCodeOf(group.pid, records, home)) {
      this.survivors.push(`the code of ${agent} (process ${pid})`);
    }
    if (supervisors.length > 0) return;
    // No supervisor is there to see and remove the marks.
    await Promise.all(group.stems.map((stem) => rm(home.stopMark(stem), { force: true })));
  }

  /** Has an agent that does not run not be started again. */
  async stopWaiting(name: string, keeper: SupervisorRecord): Promise<void> {
    this.#mark([name]);
    const { home } = this.#options;
    const isSeen = await waitInFolder(home.supervisors, async () => {
      const record = await readSupervisor(home, keeper.pid);
      const isOver = record === undefined ||
        record.agents.every((agent) => agent.name !== name || agent.state === "stopped");
      return isOver ? true : undefined;
    }, { signal: AbortSignal.timeout(SEEN_MS) });
    if (isSeen) this.#ended([name]);
    else this.survivors.push(`${name} (process ${keeper.pid} does not answer)`);
  }

  /** Ends the registry. */
  async stopRegistry(record: RegistryRecord): Promise<void> {
    this.#mark([REGISTRY_NAME]);
    await this.#end([REGISTRY_NAME], writtenProcess(record));
    // Its supervisor has seen it, or has none.
    await rm(this.#options.home.stopMark(REGISTRY_NAME), { force: true });
  }

  /** Ends those who stay with agents: nobody is left for them to stay with. */
  async stopSupervisors(): Promise<void> {
    const { supervisors } = this.#options;
    await Promise.all(supervisors.map(async (record) => {
      if (await endProcess(writtenProcess(record), this.#patience())) return;
      this.survivors.push(
        `the start of ${record.agents.map(({ name }) => name).join(", ")} ` +
          `(process ${record.pid})`,
      );
    }));
  }

  /** Ends what processes that are gone had started, and left. */
  async stopLeftBehind(gone: LocalAgent[]): Promise<void> {
    for (const { record } of gone) {
      const rest = await restOfGroup(record.pid, this.#options.home);
      await Promise.all(rest.map((each) => this.#endLeftover(each, record.name)));
    }
  }

  /** Notes code that was ended because its runtime is gone. */
  noteLeftCode(ended: readonly LeftCode[]): void {
    this.#ended(ended.map(({ what }) => `${what}, which had outlived its runtime`));
  }

  /** Ends agents of this home that nothing tells of any more. */
  async stopForgotten(): Promise<void> {
    const forgotten = await agentProcessesOf(this.#options.home);
    await Promise.all(forgotten.map((each) => this.#end([each.what], each)));
  }

  async #endLeftover(leftover: Orphan, of: string): Promise<void> {
    await this.#end([`${leftover.what}, which ${of} had left behind`], leftover);
  }

  /**
   * Tells supervisors that these are stopped on purpose, and agents how long their calls may go on.
   */
  #mark(names: string[]): void {
    const { supervisors, home, drainMs } = this.#options;
    if (supervisors.length === 0 && drainMs === undefined) return;
    const mark: StopMark = drainMs === undefined ? {} : { drain_ms: drainMs };
    for (const name of names) writePrivate(home.stopMark(name), JSON.stringify(mark));
  }

  #patience(given: Patience = fixedPatience(this.#options.graceMs)): Patience | undefined {
    return this.#options.force ? undefined : given;
  }

  async #end(names: string[], target: WrittenProcess, patience?: Patience): Promise<void> {
    if (await endProcess(target, this.#patience(patience))) return this.#ended(names);
    this.survivors.push(...names.map((name) => `${name} (process ${target.pid})`));
  }

  #ended(names: string[]): void {
    this.stopped.push(...names);
    for (const name of names) this.#options.tell(`Stopped ${name}`);
  }
}
