/**
 * The record that a `start` keeps of itself, kept up to date.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { MeshHome } from "../machine/home.ts";
import { birthOf } from "../machine/process_stat.ts";
import {
  supervisorPath,
  type SupervisorRecord,
  writeSupervisor,
} from "../machine/supervisor_record.ts";

/** Keeps the record of this process. */
export class SupervisorFile implements AsyncDisposable {
  readonly #home: MeshHome;
  #record: SupervisorRecord;

  private constructor(home: MeshHome, record: SupervisorRecord) {
    this.#home = home;
    this.#record = record;
  }

  /** Writes the first record of this process. */
  static async create(
    home: MeshHome,
    about: Pick<SupervisorRecord, "foreground" | "watches" | "restarts" | "agents">,
  ): Promise<SupervisorFile> {
    const birth = await birthOf(Deno.pid);
    const file = new SupervisorFile(home, {
      pid: Deno.pid,
      ...(birth === undefined ? {} : { birth }),
      started_at: new Date().toISOString(),
      ...about,
    });
    file.update({});
    return file;
  }

  /**
   * Changes the record.
   *
   * @throws {Error} of the file system; the change is written with the next.
   */
  update(change: Partial<SupervisorRecord>): void {
    this.#record = { ...this.#record, ...change };
    writeSupervisor(this.#home, this.#record);
  }

  /** Writes down how the agents are; what cannot be written now is written with the next change. */
  note(agents: SupervisorRecord["agents"]): void {
    try {
      this.update({ agents });
    } catch {
      // Agents run on, whatever the disk takes; their logs say what is wrong with it.
    }
  }

  /** Removes the record, unless somebody has yet to read in it why the start failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#record.failure !== undefined) return;
    await rm(supervisorPath(this.#home, this.#record.pid), { force: true });
  }
}
