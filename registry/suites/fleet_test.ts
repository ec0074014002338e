import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type AgentInfo,
  AgentListSchema,
  EventListSchema,
} from "../../runtime/protocol/listing.ts";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { Fleet } from "./fleet_fixture.ts";
import { consumer, provider } from "./mesh_fixture.ts";

const SECOND = 1000;
/** After this long every instance knows what any of them did. */
const VISIBLE_MS = 250;
/** Decides the simulated life; every number must do. */
const SEED = 2;

Deno.test("a change through one instance is seen through the others after one poll", async () => {
  await using fleet = await Fleet.open(3);
  await fleet.post(0, consumer("a", "c"));
  await fleet.post(1, provider("p", "c"));
  fleet.now += VISIBLE_MS;
  for (const number of fleet.running) equal(await fleet.beat(number, "a"), 202);
  await fleet.post(2, consumer("a", "c"));
  fleet.now += VISIBLE_MS;
  for (const number of fleet.running) equal(await fleet.beat(number, "a"), 200);
});

Deno.test("bad news is told only after a look into the database", async () => {
  await using fleet = await Fleet.open(2);
  await fleet.post(0, consumer("a", "c"));
  equal(await fleet.beat(1, "a"), 200, "registered elsewhere a moment ago");
  await fleet.post(1, provider("p", "c"));
  equal(await fleet.beat(1, "a"), 202);
  await fleet.post(0, consumer("a", "c"));
  equal(await fleet.beat(1, "a"), 200, "told elsewhere a moment ago");
  equal(await fleet.beat(1, "nobody"), 410);
});

Deno.test("a beat on any instance keeps an agent alive on all", async () => {
  await using fleet = await Fleet.open(2);
  await fleet.post(0, provider("p", "c"));
  for (let beats = 0; beats < 20; beats++) {
    fleet.now += 15 * SECOND;
    equal(await fleet.beat(beats % 2, "p"), 200);
  }
  for (let beats = 0; beats < 20; beats++) {
    fleet.now += 15 * SECOND;
    equal(await fleet.beat(0, "p"), 200);
    if (beats % 5 === 4) equal((await listed(fleet, 1))[0]?.status, "healthy");
  }
});

Deno.test("silence is recorded once, however many instances look", async () => {
  await using fleet = await Fleet.open(3);
  for (let index = 0; index < 300; index++) {
    await fleet.post(index % 3, provider(`p-${index}`, "c"));
  }
  fleet.now += 20 * SECOND + 1;
  const lists = await Promise.all(fleet.running.map((number) => listed(fleet, number)));
  for (const list of lists) ok(list.every(({ status }) => status === "unhealthy"));
  const events = await Promise.all(
    fleet.running.map((number) => eventsOf(fleet, number, "?type=unhealthy&limit=500")),
  );
  for (const list of events) equal(list.length, 300);
});

Deno.test("a required cycle closed through two instances is refused by the later", async () => {
  await using fleet = await Fleet.open(2);
  const needing = (id: string, offers: string, needs: string): RegistrationInput => ({
    agent_id: id,
    tools: [{
      function_name: "f",
      capability: offers,
      dependencies: [{ capability: needs, required: true }],
    }],
  });
  const answers = await Promise.all([
    fleet.post(0, needing("a", "alpha", "beta")),
    fleet.post(1, needing("b", "beta", "alpha")),
  ]);
  deepEqual(answers.map(({ status }) => status).sort(), ["error", "success"]);
});

Deno.test("an instance that slept longer than changes are kept reads everything", async () => {
  const env = { MCP_MESH_SWEEP_INTERVAL: "60", MCP_MESH_RETENTION: "5m" };
  await using fleet = await Fleet.open(2, env);
  await fleet.post(0, provider("gone", "c"));
  await fleet.post(0, provider("kept", "c"));
  await fleet.beat(1, "gone");
  for (let minutes = 0; minutes < 15; minutes++) {
    fleet.now += 60 * SECOND;
    await fleet.post(0, provider("kept", "c", { version: `${minutes}` }));
  }
  deepEqual((await listed(fleet, 1)).map(({ id, version }) => [id, version]), [["kept", "14"]]);
});

Deno.test("a reported provider is suspect through every instance", async () => {
  await using fleet = await Fleet.open(2);
  await fleet.post(0, provider("p-1", "c"));
  await fleet.post(0, provider("p-2", "c", { http_port: 9001 }));
  const uses = consumer("a", "c");
  equal(chosenIn(await fleet.post(0, uses)), "p-1");
  equal(chosenIn(await fleet.post(1, consumer("b", "c"))), "p-1");
  const report = { ...uses, observed_failures: [{ agent_id: "p-1", failures: 3 }] };
  equal(chosenIn(await fleet.post(0, report)), "p-2");
  fleet.now += VISIBLE_MS;
  equal(await fleet.beat(1, "b"), 202);
  equal(chosenIn(await fleet.post(1, consumer("b", "c"))), "p-2");
  await fleet.post(1, provider("p-1", "c"));
  fleet.now += VISIBLE_MS;
  equal(await fleet.beat(0, "b"), 202, "it has confirmed that it is well");
});

/** An agent of the simulation, as it last registered. */
interface Simulated {
  readonly id: string;
  version: number;
  alive: boolean;
}

Deno.test("200 agents in a random life: three instances answer as one would", async () => {
  const random = seeded(SEED);
  const below = (limit: number) => Math.floor(random() * limit);
  const env = { MCP_MESH_RETENTION: "0", MCP_MESH_EVENT_MAX_ROWS: "0" };
  await using fleet = await Fleet.open(3, env);
  await using model = await Fleet.open(1, env);
  const agents: Simulated[] = Array.from(
    { length: 200 },
    (_, index) => ({ id: `agent-${index}`, version: 0, alive: false }),
  );

  for (let step = 0; step < 800; step++) {
    while (fleet.running.length < 3 && random() < 0.1) await fleet.start();
    const pause = VISIBLE_MS + below(100) + (random() < 0.01 ? 15 * SECOND : 0);
    fleet.now += pause;
    model.now = fleet.now;
    const agent = agents[below(agents.length)];
    const instance = fleet.running[below(fleet.running.length)];
    if (agent === undefined || instance === undefined) throw new Error("nothing to choose from");
    const where = `step ${step}, ${agent.id}, instance ${instance}`;
    const dice = random();
    if (dice < 0.02 && fleet.running.length > 1) {
      fleet.kill(instance);
    } else if (dice < 0.03 && fleet.running.length > 1) {
      await fleet.stop(instance);
    } else if (dice < 0.1) {
      await fleet.send(instance, `/agents/${agent.id}`, { method: "DELETE" });
      await model.send(0, `/agents/${agent.id}`, { method: "DELETE" });
      agent.alive = false;
    } else if (dice < 0.6 || !agent.alive) {
      if (random() < 0.5) agent.version++;
      agent.alive = true;
      const message = simulated(agent);
      deepEqual(await fleet.post(instance, message), await model.post(0, message), where);
    } else {
      equal(await fleet.beat(instance, agent.id), await model.beat(0, agent.id), where);
    }
    if (step % 60 > 0) continue;
    for (const number of fleet.running) {
      deepEqual(await facts(fleet, number), await facts(model, 0), where);
    }
  }
  fleet.now += VISIBLE_MS;
  model.now = fleet.now;
  const history = await Promise.all(fleet.running.map((number) => historyOf(fleet, number)));
  const expected = await historyOf(model, 0);
  for (const list of history) deepEqual(list, expected);
  deepEqual(fleet.log.filter((line) => !line.startsWith("no healthy provider")), []);
});

/** What an agent registers: decided by its number and how often it has moved. */
function simulated({ id, version }: Simulated): RegistrationInput {
  const number = Number(id.slice(6));
  const offers = (number + version) % 40;
  return {
    agent_id: id,
    http_host: "h",
    http_port: 1000 + version,
    tools: [{
      function_name: "f",
      capability: `c-${offers}`,
      version: `1.${version % 3}.0`,
      dependencies: [
        { capability: `c-${(offers * 7 + 3) % 40}` },
        { capability: `c-${(offers + version + 1) % 40}`, required: number % 4 === 0 },
      ],
    }],
  };
}

/** The listing without times, which instances know to within half the threshold. */
async function facts(fleet: Fleet, number: number) {
  return (await listed(fleet, number)).map(({ last_seen: _, ...agent }) => agent);
}

async function historyOf(fleet: Fleet, number: number) {
  const events = await eventsOf(fleet, number, "?limit=500");
  return events.map(({ event_type, agent_id, timestamp }) => [event_type, agent_id, timestamp]);
}

async function listed(fleet: Fleet, number: number): Promise<AgentInfo[]> {
  return AgentListSchema.parse(await (await fleet.send(number, "/agents")).json()).agents;
}

async function eventsOf(fleet: Fleet, number: number, query: string) {
  return EventListSchema.parse(await (await fleet.send(number, `/events${query}`)).json()).events;
}

function chosenIn(answer: Record<string, unknown>): string | undefined {
  const resolved = JSON.stringify(answer["dependencies_resolved"]);
  return /"agent_id":"([^"]*)"/.exec(resolved)?.[1];
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
