import { deepEqual, ok } from "node:assert/strict";
import { type RegistrationInput, RegistrationSchema } from "../../runtime/protocol/registration.ts";
import { readConfig } from "../config/config.ts";
import { BreakableKv } from "../suites/kv_fixture.ts";
import { START } from "../suites/mesh_fixture.ts";
import { Members } from "./members.ts";

/** Agents that offer one capability and ask for another's. */
const REPLICAS = 10;

function agent(index: number, agents: number): RegistrationInput {
  const group = Math.floor(index / REPLICAS);
  const next = (group + 1) % Math.ceil(agents / REPLICAS);
  return {
    agent_id: `agent-${String(index).padStart(6, "0")}`,
    http_host: "h",
    http_port: 1 + index,
    tools: [{
      function_name: "f",
      capability: `c-${String(group).padStart(5, "0")}`,
      dependencies: [{ capability: `c-${String(next).padStart(5, "0")}` }],
    }],
  };
}

/** Bytes of all values, and how many there are. */
async function stored(kv: Deno.Kv): Promise<{ bytes: number; rows: number }> {
  let bytes = 0;
  let rows = 0;
  for await (const { value } of kv.list<unknown>({ prefix: [] })) {
    rows++;
    if (value instanceof Uint8Array) bytes += value.length;
    else if (value instanceof Deno.KvU64) bytes += 8;
    else bytes += JSON.stringify(value).length;
  }
  return { bytes, rows };
}

/** What one more agent costs a mesh of this size, that ten consumers have been waiting for. */
async function joinOf(agents: number) {
  using database = await BreakableKv.open();
  const members = await Members.load({
    kv: database.kv,
    config: readConfig({}).registry,
    now: () => START,
    log: () => {},
  });
  const register = (message: RegistrationInput) =>
    members.register(RegistrationSchema.parse(message));
  for (let index = 1; index < agents; index++) await register(agent(index, agents));
  for (let index = 1; index < agents; index++) await register(agent(index, agents));
  await members.flush();
  const before = { ...await stored(database.kv), commits: database.commits };
  await register(agent(0, agents));
  await members.flush();
  const after = { ...await stored(database.kv), commits: database.commits };
  const marked = members.snapshot.entries().filter(({ stale }) => stale);
  const woken: string[] = [];
  for (const { id } of marked) if (await members.beat(id) === "changed") woken.push(id);
  return {
    looked: marked.length,
    woken: woken.length,
    commits: after.commits - before.commits,
    rows: after.rows - before.rows,
    bytes: after.bytes - before.bytes,
  };
}

Deno.test("one more agent costs the same in a mesh of 100 and of 2000", async () => {
  const [few, many] = [await joinOf(100), await joinOf(2000)];
  ok(Math.abs(few.bytes - many.bytes) < 20, `${few.bytes} and ${many.bytes} bytes`);
  deepEqual({ ...many, bytes: 0 }, { ...few, bytes: 0 });
  deepEqual([few.looked, few.woken], [REPLICAS, REPLICAS]);
  ok(few.commits <= 2 && few.bytes < 2000, JSON.stringify(few));
});
