import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { agentPatience, CLOSING_MS } from "./ending.ts";

const RECORD: AgentRecord = {
  name: "payer",
  file: "/payer.ts",
  pid: 2,
  phase: "registered",
  registry: "http://localhost:8000",
  started_at: "2026-01-01T00:00:00Z",
  unresolved: [],
};

/** A process with one agent, under a clock of the test's. */
async function withAgent(
  body: (given: {
    until: () => Promise<number>;
    said: string[];
    draining: (calls: number, until: number) => Promise<void>;
    clock: { now: number };
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "ending-"));
  const path = join(folder, "payer.json");
  const clock = { now: 1_000_000 };
  const said: string[] = [];
  const write = (record: AgentRecord) => writeFile(path, JSON.stringify(record));
  try {
    await write(RECORD);
    const say = (text: string) => void said.push(text);
    const patience = agentPatience({ records: [path], say, now: () => clock.now });
    await body({
      until: () => patience.until(),
      said,
      draining: (calls, until) => write({ ...RECORD, draining: { calls, until } }),
      clock,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("agentPatience() gives an agent that does not drain the time to close", async () => {
  await withAgent(async ({ until, said, clock }) => {
    clock.now += 60_000;
    equal(await until(), 1_000_000 + CLOSING_MS);
    deepEqual(said, []);
  });
});

Deno.test("agentPatience() gives calls their time, and tells of them when their number changes", async () => {
  await withAgent(async ({ until, said, draining, clock }) => {
    await draining(2, 1_010_000);
    equal(await until(), 1_010_000 + CLOSING_MS);
    deepEqual(said, [], "calls that end at once are not worth a word");
    clock.now += 600;
    await until();
    await until();
    clock.now += 5_000;
    await draining(1, 1_010_000);
    await until();
    await draining(0, 1_010_000);
    await until();
    deepEqual(said, [
      "Waiting for 2 calls of payer, at most 10 s",
      "Waiting for 1 call of payer, at most 5 s",
    ]);
  });
});
