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
  readonly #reaper: Pick<Reaper, "birthOf">;
  readonly #onChange: (processes: CodeRecord[]) => void;

  /** @param onChange Gets all that run, whenever one has begun or ended. */
  constructor(reaper: Pick<Reaper, "birthOf">, onChange: (processes: CodeRecord[]) => void) {
    this.#reaper = reaper;
    this.#onChange = onChange;
  }

  /** Follows a process that has just been started. */
  add({ pid, gone }: Pick<CodeProcess, "pid" | "gone">): void {
    // It could not be started.
    if (pid === 0) return;
    this.#set({ pid });
    void this.#reaper.birthOf(pid).then((birth) => {
      if (birth !== undefined && this.#running.has(pid)) this.#set({ pid, birth });
    });
    void gone.then(() => {
      this.#running.delete(pid);
      this.#changed();
    });
  }

  #set(process: CodeRecord): void {
    this.#running.set(process.pid, process);
    this.#changed();
  }

  #changed(): void {
    this.#onChange([...this.#running.values()]);
  }
}
