/**
 * Two replicas of one agent, each in a process of its own, killed and started again.
 *
 * @module
 */
import { isolatedAgent } from "../../runtime/mcp/server_bench.ts";
import { type ServerProcess, startServer } from "../bench/server_process.ts";

/** The replicas of one agent. */
export class Replicas implements AsyncDisposable {
  readonly name: string;
  readonly #start: () => Promise<ServerProcess>;
  readonly #processes: ServerProcess[];
  #next = 0;

  private constructor(name: string, start: () => Promise<ServerProcess>, running: ServerProcess[]) {
    this.name = name;
    this.#start = start;
    this.#processes = running;
  }

  /** Starts them. */
  static async start(name: string, folder: string, env: Record<string, string>): Promise<Replicas> {
    const url = new URL(`./${name}_agent.ts`, import.meta.url);
    const start = () => startServer(() => isolatedAgent("process", url, folder), env);
    return new Replicas(name, start, await Promise.all([start(), start()]));
  }

  /**
   * Kills one and starts another in its place.
   *
   * @param onKill Called right before, with the port of the one that goes.
   */
  async replace(onKill: (port: number) => void): Promise<void> {
    const place = this.#next++ % this.#processes.length;
    const process = this.#processes[place];
    if (process !== undefined) {
      onKill(process.port);
      await process.kill();
    }
    this.#processes[place] = await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
  }
}
