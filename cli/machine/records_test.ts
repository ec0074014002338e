import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MeshHome, meshHome } from "./home.ts";
import { runningAgents, runningRegistry, sweepRecords, writeRegistryRecord } from "./records.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

async function withHome(body: (home: MeshHome) => Promise<void>): Promise<void> {
  const home = meshHome(await mkdtemp(join(tmpdir(), "home-")));
  try {
    await mkdir(home.agents);
    await body(home);
  } finally {
    await rm(home.root, { recursive: true });
  }
}

function record(name: string, pid: number): string {
  return JSON.stringify({
    name,
    file: `/${name}.ts`,
    pid,
    phase: "registered",
    registry: "http://localhost:8000",
    started_at: new Date().toISOString(),
    unresolved: [],
  });
}

const GONE = 2 ** 22 + 1;

processTest("runningAgents() and sweepRecords() know which records are stale", async () => {
  await withHome(async (home) => {
    await writeFile(home.record("b-agent"), record("b-agent", Deno.pid));
    await writeFile(home.record("planned"), record("a-agent", Deno.pid));
    await writeFile(home.record("dead"), record("dead", GONE));
    await writeFile(home.record("broken"), "{");
    await writeFile(join(home.agents, "x.json.5.tmp"), "{}");
    const running = await runningAgents(home);
    deepEqual(running.map(({ stem, record: { name } }) => [stem, name]), [
      ["planned", "a-agent"],
      ["b-agent", "b-agent"],
    ]);
    await sweepRecords(home);
    const left = await readdir(home.agents);
    equal(left.includes("dead.json"), false);
    equal(left.includes("planned.json"), true);
  });
});

Deno.test("runningAgents() of a home that does not exist is empty", async () => {
  deepEqual(await runningAgents(meshHome("/no/such/home")), []);
});

processTest("runningRegistry() forgets one whose process is gone", async () => {
  await withHome(async (home) => {
    const written = {
      pid: Deno.pid,
      url: "http://localhost:8000",
      kv: "/x.kv",
      started_at: new Date().toISOString(),
      foreground: false,
    };
    writeRegistryRecord(home, written);
    deepEqual(await runningRegistry(home), written);
    writeRegistryRecord(home, { ...written, pid: GONE });
    equal(await runningRegistry(home), undefined);
    await sweepRecords(home);
    deepEqual(await readdir(home.root), ["agents"]);
  });
});

Deno.test("meshHome() keeps every name inside its folder", () => {
  const home = meshHome("/home");
  equal(home.record("../../etc/passwd"), "/home/agents/______etc_passwd.json");
  equal(home.log("flight-agent"), "/home/logs/flight-agent.log");
});
