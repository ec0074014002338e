/**
 * Several registries over one database file, with one clock that only tests move. They work only
 * when asked: moving the clock past a poll makes each see what the others did before it answers.
 *
 * @module
 */
import { readConfig } from "../config/config.ts";
import { START } from "./mesh_fixture.ts";
import { createRegistry, type Registry } from "../app/registry.ts";

interface Instance {
  readonly kv: Deno.Kv;
  readonly registry: Registry;
}

/** Registries under test. */
export class Fleet implements AsyncDisposable {
  /** The present, milliseconds since the epoch. */
  now = START;
  /** What the registries told their operator. */
  readonly log: string[] = [];
  readonly #instances = new Map<number, Instance>();
  #count = 0;

  private constructor(readonly folder: string, readonly env: Record<string, string>) {}

  /** So many registries over an empty database. */
  static async open(size: number, env: Record<string, string> = {}): Promise<Fleet> {
    const fleet = new Fleet(await Deno.makeTempDir(), env);
    for (let count = 0; count < size; count++) await fleet.start();
    return fleet;
  }

  /** Numbers of the instances that run. */
  get running(): number[] {
    return [...this.#instances.keys()];
  }

  /** Starts another instance; its number. */
  async start(): Promise<number> {
    const kv = await Deno.openKv(`${this.folder}/registry.kv`);
    const registry = await createRegistry({
      kv,
      config: readConfig(this.env).registry,
      now: () => this.now,
      log: (line) => this.log.push(line),
      background: false,
    });
    const number = this.#count++;
    this.#instances.set(number, { kv, registry });
    return number;
  }

  /** Ends an instance as a killed process ends: nothing more is written. */
  kill(number: number): void {
    this.#instances.get(number)?.kv.close();
    this.#instances.delete(number);
  }

  /** Ends an instance in order. */
  async stop(number: number): Promise<void> {
    await this.#instances.get(number)?.registry[Symbol.asyncDispose]();
    this.kill(number);
  }

  /** Sends a request to one instance. */
  async send(number: number, path: string, init?: RequestInit): Promise<Response> {
    const instance = this.#instances.get(number);
    if (instance === undefined) throw new Error(`instance ${number} does not run`);
    const request = new Request(`http://localhost${path}`, init);
    return await instance.registry.fetch(request, { remote: "127.0.0.1" });
  }

  /** Sends a heartbeat to one instance; the answer without its time. */
  async post(number: number, body: unknown): Promise<Record<string, unknown>> {
    const init = { method: "POST", body: JSON.stringify(body) };
    const { timestamp: _, ...answer } = await (await this.send(number, "/heartbeat", init)).json();
    return answer;
  }

  /** The status of a beat. */
  async beat(number: number, id: string): Promise<number> {
    return (await this.send(number, `/heartbeat/${id}`, { method: "HEAD" })).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const number of this.running) await this.stop(number);
    await Deno.remove(this.folder, { recursive: true });
  }
}
