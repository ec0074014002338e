import { deepEqual, equal } from "node:assert/strict";
import { AgentListSchema, EventListSchema } from "../../runtime/protocol/listing.ts";
import { consumer, provider } from "./mesh_fixture.ts";
import { type RegistryProcess, spawned, temporaryDatabase } from "./process_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const AGENTS = 30;

/** Three registry processes over one database, and what agents do with them. */
class Cluster implements AsyncDisposable {
  /** What no instance could be made to answer. */
  readonly incurable: string[] = [];
  readonly #ended: Promise<unknown>[] = [];
  #processes: RegistryProcess[] = [];

  private constructor(readonly kv: string) {}

  static async open(kv: string): Promise<Cluster> {
    const cluster = new Cluster(kv);
    // One after another, as a deployment would.
    for (let count = 0; count < 3; count++) await cluster.start();
    return cluster;
  }

  get urls(): string[] {
    return this.#processes.map(({ url }) => url);
  }

  async start(): Promise<void> {
    this.#processes.push(await spawned(this.kv));
  }

  /** Ends the oldest process and waits until it is gone. */
  async end(signal: Deno.Signal): Promise<void> {
    const process = this.#processes.shift();
    process?.kill(signal);
    const ended = process?.ended();
    this.#ended.push(ended ?? Promise.resolve());
    await ended;
  }

  /** Asks one instance after another until one answers, beginning at `first`. */
  async ask(first: number, path: string, init: RequestInit): Promise<Response | undefined> {
    const { urls } = this;
    const said: string[] = [];
    for (let tried = 0; tried < urls.length; tried++) {
      const url = urls[(first + tried) % urls.length] ?? "";
      try {
        const response = await fetch(`${url}${path}`, init);
        if (response.status < 500) return response;
        said.push(`${response.status} ${await response.text()}`);
      } catch (error) {
        said.push(String(error));
      }
    }
    this.incurable.push(`${init.method} ${path}: ${said.join(", ")}`);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#processes.length > 0) await this.end("SIGKILL");
    await Promise.all(this.#ended);
  }
}

async function listed(url: string) {
  const response = await fetch(`${url}/agents`);
  return AgentListSchema.parse(await response.json()).agents;
}

/** Registers and beats through any instance until told to stop; the statuses of its beats. */
async function live(cluster: Cluster, index: number, stop: AbortSignal): Promise<Set<number>> {
  const statuses = new Set<number>();
  const { tools } = consumer("x", `c-${(index + 1) % AGENTS}`);
  const offers = provider(`p-${index}`, `c-${index}`);
  const body = JSON.stringify({ ...offers, tools: [...offers.tools ?? [], ...tools ?? []] });
  for (let turn = index; !stop.aborted; turn++) {
    const told = await cluster.ask(turn, "/heartbeat", { method: "POST", body });
    await told?.body?.cancel();
    const beat = await cluster.ask(turn + 1, `/heartbeat/p-${index}`, { method: "HEAD" });
    if (beat !== undefined) statuses.add(beat.status);
  }
  return statuses;
}

processTest(
  "three processes, one database: killed or restarted in turn under load, nothing is lost",
  async () => {
    await using database = await temporaryDatabase();
    await using cluster = await Cluster.open(database.path);
    const stop = new AbortController();
    const lives = Array.from({ length: AGENTS }, (_, index) => live(cluster, index, stop.signal));
    await cluster.end("SIGKILL");
    await cluster.start();
    for (let count = 0; count < 3; count++) {
      await cluster.start();
      await cluster.end("SIGTERM");
    }
    stop.abort();
    const statuses = new Set((await Promise.all(lives)).flatMap((each) => [...each]));
    deepEqual(cluster.incurable, []);
    equal(statuses.has(410), false, "no registration was ever missing");
    const expected = Array.from({ length: AGENTS }, (_, index) => `p-${index}`).sort();
    for (const url of cluster.urls) {
      const agents = await listed(url);
      deepEqual(agents.map(({ id }) => id).sort(), expected);
      deepEqual([...new Set(agents.map(({ status }) => status))], ["healthy"]);
      const response = await fetch(`${url}/events?type=register&limit=500`);
      const { events } = EventListSchema.parse(await response.json());
      deepEqual(events.map(({ agent_id }) => agent_id).sort(), expected, "each registered once");
    }
  },
);

processTest("a change through one process is seen through the others within a second", async () => {
  await using database = await temporaryDatabase();
  await using cluster = await Cluster.open(database.path);
  const [first = "", ...others] = cluster.urls;
  await fetch(`${first}/heartbeat`, {
    method: "POST",
    body: JSON.stringify(provider("p", "c")),
  }).then((response) => response.body?.cancel());
  const start = performance.now();
  for (const url of others) {
    while ((await listed(url)).length === 0) {
      if (performance.now() - start > 1000) throw new Error(`${url} does not see it`);
    }
  }
});
