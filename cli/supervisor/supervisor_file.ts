/**
 * The record that a `start` keeps of itself, kept up to date.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import type { MeshHome } from "./home.ts";
import { birthOf } from "./process_stat.ts";
import { supervisorPath, type SupervisorRecord, writeSupervisor } from "./supervisor_record.ts";

/** Keeps the record of this process. */
export class SupervisorFile implements AsyncDisposable {
  readonly #home: MeshHome;
  #record: SupervisorRecord;
  /** Writes one after the other: the last one is to stay. */
  #written: Promise<void> = Promise.resolve();

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
    await file.update({});
    return file;
  }

  /** Changes the record. */
  update(change: Partial<SupervisorRecord>): Promise<void> {
    const record = this.#record = { ...this.#record, ...change };
    return this.#written = this.#written.then(() => writeSupervisor(this.#home, record));
  }

  /** Removes the record, unless somebody has yet to read in it why the start failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    if (this.#record.failure !== undefined) return;
    await rm(supervisorPath(this.#home, this.#record.pid), { force: true });
  }
}
