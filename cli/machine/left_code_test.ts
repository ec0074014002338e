import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { type MeshHome, meshHome } from "./home.ts";
import { endCodeOf, endLeftCode, leftCode } from "./left_code.ts";
import { NO_PROCESS, STUBBORN, stubbornCode, writeGoneAgent } from "./left_code_fixture.ts";
import { isStillRunning } from "./process_identity.ts";
import { sweepRecords } from "./records.ts";

const now = () => new Date().toISOString();
const owner = { name: "a", pid: NO_PROCESS, started_at: now() };
const HOME = meshHome("/some/home");

async function withHome(body: (home: MeshHome) => Promise<void>): Promise<void> {
  const home = meshHome(await mkdtemp(join(tmpdir(), "home-")));
  try {
    await body(home);
  } finally {
    await rm(home.root, { recursive: true });
  }
}

/** Which of the processes run. */
async function running(pids: readonly number[]): Promise<number[]> {
  const startedAt = now();
  const each = await Promise.all(pids.map((pid) => isStillRunning({ pid, startedAt })));
  return pids.filter((_, index) => each[index]);
}

for (const [what, script] of Object.entries(STUBBORN)) {
  processTest(`endLeftCode() ends code that ${what}, with its group`, async () => {
    await using code = await stubbornCode(script);
    const left = { ...owner, code: [code.record] };
    deepEqual((await leftCode(left, HOME)).map(({ pid, what }) => [pid, what]), [
      [code.record.pid, "the code of a"],
    ]);
    const { ended, survivors } = await endLeftCode(left, HOME);
    deepEqual([ended.length, survivors.length], [1, 0]);
    await code.ended;
    deepEqual(await running(code.pids), []);
    deepEqual(await leftCode(left, HOME), []);
  });
}

processTest(
  "endLeftCode() leaves a process alone that began at another time, or might have",
  async () => {
    await using code = await stubbornCode(STUBBORN["ignores signals"] ?? "");
    const { pid, birth } = code.record;
    for (const other of [{ pid }, { pid, birth: `${birth}0` }, { pid, birth: "" }]) {
      deepEqual(await endLeftCode({ ...owner, code: [other] }, HOME), { ended: [], survivors: [] });
    }
    deepEqual(await running([pid]), [pid]);
  },
);

processTest("endLeftCode() ends programs whose leader is gone, if they are of this home", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withHome(async (home) => {
    await mkdir(home.denoDir("a"), { recursive: true });
    const start = (env: Record<string, string>) =>
      stubbornCode(STUBBORN["has started a program"] ?? "", env);
    await using runtime = await start({ MCP_MESH_HOME: home.root });
    await using code = await start({ DENO_DIR: home.denoDir("a") });
    await using elsewhere = await start({ MCP_MESH_HOME: "/another/home" });
    await using longer = await start({ DENO_DIR: `${home.denoDir("a")}/b` });
    await using other = await start({ X: `DENO_DIR=${home.denoDir("a")}` });
    const all = [runtime, code, elsewhere, longer, other];
    for (const { record } of all) process.kill(record.pid, "SIGKILL");
    await Promise.all(all.map(({ ended }) => ended));
    const { ended } = await endLeftCode(
      { ...owner, code: all.map(({ record }) => record) },
      home,
    );
    deepEqual(
      ended.map(({ pid, agent }) => [pid, agent]),
      [[runtime.pids[1], "a"], [code.pids[1], "a"]],
    );
    deepEqual(
      await running(all.flatMap(({ pids }) => pids)),
      [elsewhere, longer, other].map(({ pids }) => pids[1]),
    );
  });
});

processTest(
  "endCodeOf() ends the code of the runtime that wrote the record, and of no other",
  async () => {
    await withHome(async (home) => {
      await using code = await stubbornCode(STUBBORN["loops"] ?? "");
      await writeGoneAgent(home, "a", [code.record]);
      const records = [home.record("a"), home.record("none")];
      deepEqual(await endCodeOf(Deno.pid, records, home), []);
      deepEqual(await running(code.pids), code.pids);
      deepEqual(await endCodeOf(NO_PROCESS, records, home), []);
      await code.ended;
    });
  },
);

processTest("sweepRecords() ends the code of what is gone before it forgets it", async () => {
  await withHome(async (home) => {
    await using code = await stubbornCode(STUBBORN["has stopped itself"] ?? "");
    await writeGoneAgent(home, "a", [code.record]);
    const ended = await sweepRecords(home);
    deepEqual(ended.map(({ agent, pid }) => [agent, pid]), [["a", code.record.pid]]);
    await code.ended;
    equal((await readdir(home.agents)).length, 0);
  });
});
