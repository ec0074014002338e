import { deepEqual, equal, fail, match, ok, rejects } from "node:assert/strict";
import { type RegistrationInput, RegistrationSchema } from "../../runtime/protocol/registration.ts";
import { readConfig } from "../config/config.ts";
import { agentInfo } from "../view/listing.ts";
import { consumer, provider, START } from "../suites/mesh_fixture.ts";
import { BreakableKv } from "../suites/kv_fixture.ts";
import { Members } from "./members.ts";
import { DOCUMENT_BYTES } from "./parts.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

/** Members over a database in memory, with a clock and a fault that tests control. */
class Bench implements AsyncDisposable {
  now = START;
  readonly log: string[] = [];
  #members: Members | undefined;

  private constructor(readonly database: BreakableKv, readonly env: Record<string, string>) {}

  static async open(env: Record<string, string> = {}): Promise<Bench> {
    const bench = new Bench(await BreakableKv.open(), env);
    await bench.reload();
    return bench;
  }

  async reload(): Promise<void> {
    this.#members = await Members.load({
      kv: this.database.kv,
      config: readConfig(this.env).registry,
      now: () => this.now,
      log: (line) => this.log.push(line),
    });
  }

  get members(): Members {
    if (this.#members === undefined) throw new Error("not loaded");
    return this.#members;
  }

  register(agent: RegistrationInput) {
    this.now++;
    return this.members.register(RegistrationSchema.parse(agent));
  }

  async status(id: string): Promise<string> {
    await this.members.observe();
    return this.members.snapshot.get(id)?.status ?? "absent";
  }

  async events(): Promise<string[]> {
    await this.members.settled();
    const events = await this.members.store.events.list({ limit: 1000 });
    return events.map(({ event_type, agent_id, data }) =>
      `${event_type} ${agent_id} ${data?.["reason"] ?? ""}`.trim()
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#members?.settled();
    this.database[Symbol.dispose]();
  }
}

function scenario(
  name: string,
  check: (bench: Bench) => Promise<void>,
  env: Record<string, string> = {},
): void {
  Deno.test(name, async () => {
    await using bench = await Bench.open(env);
    await check(bench);
  });
}

scenario("M1: silence up to the threshold is health", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.now += 60 * SECOND;
  equal(await bench.status("p"), "healthy");
  equal(await bench.members.beat("p"), "current");
}, { DEFAULT_TIMEOUT_THRESHOLD: "60" });

scenario("M2: longer silence is one event, and last_seen stays", async (bench) => {
  await bench.register(provider("p", "c"));
  const seen = bench.now;
  bench.now += 20 * SECOND + 1;
  equal(await bench.status("p"), "unhealthy");
  equal(await bench.members.beat("p"), "gone");
  bench.now += HOUR / 2;
  await bench.members.observe();
  deepEqual(await bench.events(), ["unhealthy p health_degradation", "register p"]);
  equal(bench.members.snapshot.get("p")?.seen, seen);
});

scenario("M3: a beat just before the limit counts", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.now += 20 * SECOND;
  equal(await bench.members.beat("p"), "current");
  bench.now += 20 * SECOND;
  equal(await bench.status("p"), "healthy");
  deepEqual(await bench.events(), ["register p"]);
});

scenario(
  "M4, M5, M6: only capabilities without a healthy provider are warned of",
  async (bench) => {
    await bench.register(provider("p", ["alpha", "beta"]));
    await bench.register(provider("q", "beta"));
    bench.now += 15 * SECOND;
    await bench.members.beat("q");
    bench.now += 10 * SECOND;
    equal(await bench.status("p"), "unhealthy");
    deepEqual(bench.log, ["no healthy provider is left of: alpha"]);
  },
);

scenario("M7: an agent long silent at the start is given up then", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.members.flush();
  const seen = bench.now;
  bench.now += 2 * HOUR;
  await bench.reload();
  equal(await bench.status("p"), "unhealthy");
  const [event] = await bench.members.store.events.list({ limit: 1 });
  deepEqual(event?.data, {
    agent_type: "mcp_agent",
    name: "p",
    previous_status: "healthy",
    reason: "stale_on_startup",
    last_heartbeat: new Date(seen).toISOString(),
    threshold_seconds: 30,
  });
  await bench.reload();
  deepEqual(await bench.events(), ["unhealthy p stale_on_startup", "register p"]);
});

scenario("a younger agent has a full threshold from the start", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.now += 19 * SECOND;
  await bench.reload();
  bench.now += 20 * SECOND;
  equal(await bench.status("p"), "healthy");
  bench.now += 1;
  equal(await bench.status("p"), "unhealthy");
});

scenario("M8: a silent provider wakes its consumers and is no longer offered", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(consumer("a", "c"));
  await bench.register(consumer("z", "other"));
  bench.now += SECOND;
  equal(await bench.members.beat("a"), "current");
  equal(await bench.members.beat("z"), "current");
  bench.now += 1500;
  equal(await bench.members.beat("a"), "changed");
  equal(await bench.members.beat("z"), "current");
  const told = await bench.register(consumer("a", "c"));
  ok("response" in told);
  equal(told.response.dependencies_resolved?.["use"]?.[0]?.status, "unresolved");
}, { DEFAULT_TIMEOUT_THRESHOLD: "2" });

scenario("M9, M13: dead agents go after the retention, with their events", async (bench) => {
  await bench.register(provider("old", "c"));
  await bench.register(provider("alive", "c"));
  bench.now += HOUR + 1;
  await bench.members.observe();
  await bench.register(provider("alive", "c"));
  await bench.register(provider("recent", "c"));
  await bench.members.unregister("recent");
  await bench.members.sweep();
  deepEqual(bench.members.snapshot.entries().map(({ id }) => id), ["alive", "recent"]);
  ok((await bench.events()).every((event) => !event.includes("old")));
  await bench.reload();
  deepEqual(bench.members.snapshot.entries().map(({ id }) => id), ["alive", "recent"]);
});

scenario("M10: the consumer of a purged provider is shown it as unavailable", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(consumer("a", "c"));
  for (const end = bench.now + 2 * HOUR; bench.now < end; bench.now += 15 * SECOND) {
    await bench.members.beat("a");
  }
  await bench.members.sweep();
  deepEqual([await bench.status("p"), await bench.status("a")], ["absent", "healthy"]);
  const { snapshot } = bench.members;
  const [row] = agentInfo(snapshot, snapshot.entries()[0] ?? fail()).dependency_resolutions ?? [];
  deepEqual([row?.provider_agent_id, row?.status], ["p", "unavailable"]);
  equal(await bench.members.beat("a"), "changed");
});

scenario("M11: an agent that comes back while others are purged stays", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(provider("q", "c"));
  bench.now += 2 * HOUR;
  await bench.members.observe();
  const back = bench.register(provider("q", "c"));
  await bench.members.sweep();
  await back;
  deepEqual([await bench.status("p"), await bench.status("q")], ["absent", "healthy"]);
});

scenario("M12: goodbye does not restart the purge clock", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.now += 3 * HOUR;
  await bench.members.unregister("p");
  await bench.members.sweep();
  equal(await bench.status("p"), "absent");
});

scenario("M14: retention 0 keeps agents, the cap keeps the newest events", async (bench) => {
  await bench.register(provider("p", "c"));
  for (let count = 0; count < 4; count++) await bench.members.unregister("p");
  bench.now += 30 * 24 * HOUR;
  await bench.members.sweep();
  equal(await bench.status("p"), "unhealthy");
  const kept = "unregister p graceful_shutdown";
  deepEqual(await bench.events(), [kept, kept, kept]);
  const byAgent = await bench.members.store.events.list({ agentId: "p", limit: 10 });
  equal(byAgent.length, 3);
}, { MCP_MESH_RETENTION: "0", MCP_MESH_EVENT_MAX_ROWS: "3" });

scenario("M20: recovery after silence is a register event", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.now += 30 * SECOND;
  await bench.register(provider("p", "c"));
  deepEqual(await bench.events(), [
    "register p recovery",
    "unhealthy p health_degradation",
    "register p",
  ]);
  await bench.members.flush();
  await bench.reload();
  equal(await bench.status("p"), "healthy");
});

scenario("H15: beats are not kept while the database takes no writes", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.database.fault = new Error("disk full");
  equal(await bench.members.beat("p"), "current");
  await bench.members.flush();
  equal(await bench.members.beat("p"), "unkept");
  match(bench.log[0] ?? "", /could not write 1 beats: .*disk full/);
  bench.database.fault = undefined;
  await bench.members.flush();
  equal(await bench.members.beat("p"), "current");
});

scenario("a registration the database does not take changes nothing", async (bench) => {
  await bench.register(provider("p", "c"));
  bench.database.fault = new Error("disk full");
  await rejects(bench.register(provider("p", "d")), /disk full/);
  await rejects(bench.register(provider("q", "d")), /disk full/);
  await rejects(bench.members.unregister("p"), /disk full/);
  bench.database.fault = undefined;
  deepEqual(bench.members.snapshot.get("p")?.tools.map(({ capability }) => capability), ["c"]);
  deepEqual([await bench.status("p"), await bench.status("q")], ["healthy", "absent"]);
  equal(await bench.members.beat("p"), "current");
});

scenario("an answer that could not be kept is given again", async (bench) => {
  await bench.register(consumer("a", "c"));
  await bench.register(provider("p", "c"));
  bench.database.fault = new Error("disk full");
  await rejects(bench.register(consumer("a", "c")), /disk full/);
  bench.database.fault = undefined;
  equal(await bench.members.beat("a"), "changed");
});

scenario("a refresh with nothing new writes nothing but its beat", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(consumer("a", "c"));
  await bench.members.flush();
  const before = bench.database.commits;
  await bench.register(provider("p", "c"));
  await bench.register(consumer("a", "c"));
  equal(bench.database.commits, before);
  await bench.members.flush();
  equal(bench.database.commits, before + 1);
});

scenario("the beats of many agents are few commits", async (bench) => {
  for (let index = 0; index < 1100; index++) await bench.register({ agent_id: `a-${index}` });
  await bench.members.flush();
  bench.now += SECOND;
  for (let index = 0; index < 1100; index++) await bench.members.beat(`a-${index}`);
  const before = bench.database.commits;
  await bench.members.flush();
  equal(bench.database.commits, before + 3);
  await bench.reload();
  const seen = new Set(bench.members.snapshot.entries().map((entry) => entry.seen));
  deepEqual([...seen], [bench.now]);
});

scenario("three hundred tools with schemas survive a restart", async (bench) => {
  const agent = large(300);
  await bench.register(agent);
  const bytes = JSON.stringify(bench.members.snapshot.get("big")?.record).length;
  ok(bytes > 128 * 1024, `${bytes} bytes is more than one value holds`);
  const before = bench.members.snapshot.get("big")?.digest;
  await bench.members.flush();
  await bench.reload();
  equal(bench.members.snapshot.get("big")?.digest, before);
  await bench.register(large(1));
  await bench.reload();
  equal(bench.members.snapshot.get("big")?.tools.length, 1);
});

scenario("a registration over the limit is refused whole, naming the limit", async (bench) => {
  await bench.register(large(1));
  const told = await bench.register(large(1500));
  ok("refused" in told);
  match(told.refused, new RegExp(`over the limit of ${DOCUMENT_BYTES}`));
  equal(bench.members.snapshot.get("big")?.tools.length, 1);
  await bench.reload();
  equal(bench.members.snapshot.get("big")?.tools.length, 1);
});

scenario("a wake-up owed holds over a restart, and none is invented", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(consumer("a", "c"));
  await bench.register(consumer("z", "other"));
  await bench.members.unregister("p");
  await bench.members.flush();
  await bench.reload();
  equal(await bench.members.beat("a"), "changed");
  equal(await bench.members.beat("z"), "current");
});

scenario("changes are numbered without gaps, for others to follow", async (bench) => {
  await bench.register(provider("p", "c"));
  await bench.register(provider("q", "c"));
  await bench.members.unregister("p");
  const changes = [];
  for await (const { key, value } of bench.database.kv.list({ prefix: ["change"] })) {
    changes.push([key[1], value]);
  }
  deepEqual(changes, [
    [1, { agents: ["p"], at: START + 1 }],
    [2, { agents: ["q"], at: START + 2 }],
    [3, { agents: ["p"], at: START + 2 }],
  ]);
  equal((await bench.database.kv.get(["epoch"])).value, 3);
  bench.now += HOUR / 2;
  await bench.members.sweep();
  const kept = await Array.fromAsync(
    bench.database.kv.list({ prefix: ["change"] }),
    ({ key }) => key[1],
  );
  deepEqual(kept, [4], "the old ones go, q's falling silent stays");
});

scenario("two registries over one database both get their changes in", async (bench) => {
  await bench.register(provider("p", "c"));
  const first = bench.members;
  await bench.reload();
  await bench.register(provider("q", "c"));
  await first.register(RegistrationSchema.parse(provider("r", "c")));
  await bench.reload();
  deepEqual(bench.members.snapshot.entries().map(({ id }) => id).sort(), ["p", "q", "r"]);
  equal((await bench.database.kv.get(["epoch"])).value, 3);
});

scenario("a thousand agents joining one after another wake O(N)", async (bench) => {
  const size = 1000;
  const joined = (index: number): RegistrationInput => ({
    agent_id: `agent-${String(index).padStart(4, "0")}`,
    http_host: "h",
    http_port: 1,
    tools: [{
      function_name: "f",
      capability: index === 0 ? "shared" : `own_${index}`,
      // Everyone needs one shared capability and their successor's.
      dependencies: [{ capability: "shared" }, { capability: `own_${index + 1}` }],
    }],
  });
  let woken = 0;
  for (let index = 0; index < size; index++) {
    await bench.register(joined(index));
    for (const entry of bench.members.snapshot.entries()) {
      // A mark costs a look at the next beat: they too must not be many.
      if (!entry.stale) continue;
      if (await bench.members.beat(entry.id) === "changed") {
        woken++;
        await bench.register(joined(Number(entry.id.slice(6))));
      }
    }
  }
  equal(woken, size - 1, "each join wakes the one agent that waited for it");
});

/** An agent whose tools have schemas of usual size. */
function large(tools: number): RegistrationInput {
  const properties = Object.fromEntries(
    Array.from({ length: 6 }, (_, index) => [
      `field_${index}`,
      { type: "string", description: "what this field of the tool is for, in a sentence" },
    ]),
  );
  return {
    agent_id: "big",
    tools: Array.from({ length: tools }, (_, index) => ({
      function_name: `f_${index}`,
      capability: `c_${index}`,
      inputSchema: { type: "object", properties },
    })),
  };
}

Deno.test("onMarked() calls every listener, until each is ended", async () => {
  await using bench = await Bench.open();
  const heard: string[] = [];
  const endFirst = bench.members.onMarked((entries) => {
    for (const { id } of entries) heard.push(`first ${id}`);
  });
  bench.members.onMarked((entries) => {
    for (const { id } of entries) heard.push(`second ${id}`);
  });
  await bench.register(consumer("c", "date"));
  heard.length = 0;
  await bench.register(provider("a", "date"));
  deepEqual(heard, ["first c", "second c"]);
  endFirst();
  await bench.register(provider("b", "date"));
  deepEqual(heard, ["first c", "second c", "second c"]);
});
