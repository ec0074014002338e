import { deepEqual, equal } from "node:assert/strict";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

/** A sequence of numbers that looks random and is the same every time (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** One thing that may happen to a mesh of a dozen agents and five capabilities. */
async function step(mesh: TestMesh, roll: (sides: number) => number): Promise<void> {
  const id = `agent-${roll(12)}`;
  const capability = (): string => `c${roll(5)}`;
  switch (roll(6)) {
    case 0:
    case 1:
      await mesh.register(provider(id, [capability(), capability()], { http_port: 1 + roll(3) }));
      break;
    case 2:
      await mesh.register(consumer(id, capability(), capability(), capability()));
      break;
    case 3:
      await mesh.register({
        ...provider(id, []),
        tools: [{
          function_name: "f",
          capability: capability(),
          version: `${1 + roll(2)}.0.0`,
          dependencies: [{ capability: capability(), required: true }],
          llm_filter: { filter: [{ tags: [] }] },
        }],
      });
      break;
    case 4:
      await mesh.unregister(id);
      break;
    case 5:
      mesh.now += roll(8000);
      for (let index = 0; index < 12; index += 1 + roll(2)) await mesh.beat(`agent-${index}`);
  }
}

for (const seed of [1, 2, 3, 4]) {
  row(`restart ${seed}`, "a registry started again shows the same mesh", async (mesh) => {
    const roll = dice(seed);
    for (let round = 0; round < 8; round++) {
      for (let count = 0; count < 15; count++) await step(mesh, roll);
      const before = [await mesh.agents(), await mesh.events("?limit=500")];
      await mesh.restart();
      deepEqual([await mesh.agents(), await mesh.events("?limit=500")], before);
    }
  });

  row(
    `truth ${seed}`,
    "a beat is 202 exactly when registering again says otherwise",
    async (mesh) => {
      const roll = dice(seed + 100);
      const wants = Array.from(
        { length: 4 },
        (_, index) => consumer(`watcher-${index}`, `c${index}`, `c${index + 1}`),
      );
      const told = new Map<string, string>();
      const ask = async (agent: (typeof wants)[number]) =>
        JSON.stringify((await mesh.register(agent)).dependencies_resolved);
      for (const agent of wants) told.set(String(agent.agent_id), await ask(agent));
      for (let count = 0; count < 120; count++) {
        await step(mesh, roll);
        for (const agent of wants) {
          const id = String(agent.agent_id);
          const status = await mesh.beat(id);
          // Dead watchers must register anyway; their next answer starts the comparison afresh.
          const now = await ask(agent);
          if (status !== 410) equal(status, now === told.get(id) ? 200 : 202, `${id} at ${count}`);
          told.set(id, now);
        }
      }
    },
  );
}
