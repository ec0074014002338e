/**
 * The processes that run the code of one agent at the moment, as its record names them.
 *
 * @module
 */
import type { CodeProcess } from "../sandbox/code_process.ts";
import type { Reaper } from "../sandbox/reaper.ts";
import type { CodeRecord } from "./plan.ts";

/** Follows the processes of one agent's code. */
export class CodeProcesses {
  readonly #running = new Map<number, CodeRecord>();
  readonly #processes = new Set<Pick<CodeProcess, "kill">>();
  readonly #reaper: Pick<Reaper, "birthOf">;
  readonly #onChange: (processes: CodeRecord[]) => void;

  /** @param onChange Gets all that run, whenever one has begun or ended. */
  constructor(reaper: Pick<Reaper, "birthOf">, onChange: (processes: CodeRecord[]) => void) {
    this.#reaper = reaper;
    this.#onChange = onChange;
  }

  /** Follows a process that has just been started. */
  add(process: Pick<CodeProcess, "pid" | "gone" | "kill">): void {
    const { pid, gone } = process;
    // It could not be started.
    if (pid === 0) return;
    this.#processes.add(process);
    this.#set({ pid });
    void this.#reaper.birthOf(pid).then((birth) => {
      if (birth !== undefined && this.#running.has(pid)) this.#set({ pid, birth });
    });
    void gone.then(() => {
      this.#processes.delete(process);
      this.#running.delete(pid);
      this.#changed();
    });
  }

  /**
   * Kills all that run.
   *
   * @param reason Why; what goes on after `its process`.
   */
  kill(reason: string): void {
    for (const process of this.#processes) process.kill(reason);
  }

  #set(process: CodeRecord): void {
    this.#running.set(process.pid, process);
    this.#changed();
  }

  #changed(): void {
    this.#onChange([...this.#running.values()]);
  }
}
