/** Code of agents that outlived its runtime: whoever starts, stops, looks or supervises ends it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { sleep } from "../../runtime/base/sleep.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { meshHome } from "../machine/home.ts";
import { STUBBORN, stubbornCode, writeGoneAgent } from "../machine/left_code_fixture.ts";
import { isStillRunning } from "../machine/process_identity.ts";
import { output, processStats, readProc } from "../machine/process_stat.ts";
import { fixture, type Outcome, type TestMesh, withMesh } from "./meshctl.ts";

const now = () => new Date().toISOString();

for (const [what, script] of Object.entries(STUBBORN)) {
  processTest(`stop ends code that ${what} and outlived its runtime`, async () => {
    await withMesh(async (mesh) => {
      await using code = await stubbornCode(script);
      await writeGoneAgent(meshHome(mesh.home), "lost-agent", [code.record]);
      const { code: exit, stdout } = await mesh.run("stop");
      equal(exit, 0);
      equal(stdout, "Stopped the code of lost-agent, which had outlived its runtime\n");
      await code.ended;
      for (const pid of code.pids) ok(!await isStillRunning({ pid, startedAt: now() }));
      match((await mesh.run("stop")).stdout, /^Nothing is running/);
    });
  });
}

processTest("doctor reports code that outlived its runtime; with --fix it ends it", async () => {
  await withMesh(async (mesh) => {
    await using code = await stubbornCode(STUBBORN["has stopped itself"] ?? "");
    const { pid } = code.record;
    await writeGoneAgent(meshHome(mesh.home), "lost-agent", [code.record]);
    const found = async (...options: string[]) => {
      const { stdout } = await mesh.run("doctor", "--json", "--timeout", "0.2", ...options);
      const { findings }: {
        findings: { check: string; level: string; text: string; fix?: string }[];
      } = JSON
        .parse(stdout);
      return findings.filter(({ check }) => check === "processes");
    };
    const warning = {
      check: "processes",
      level: "warning",
      agent: "lost-agent",
      text: `process ${pid} (the code of lost-agent) runs on though its runtime has ended`,
    };
    const [{ fix, ...first } = { fix: "" }] = await found();
    deepEqual(first, warning);
    match(fix ?? "", /(^| )meshctl doctor --fix$/);
    ok(await isStillRunning({ pid, startedAt: now() }), "it only looks");
    match((await found("--fix"))[0]?.text ?? "", /it was killed$/);
    await code.ended;
    const well = {
      check: "processes",
      level: "ok",
      text: "no code of an agent runs without its runtime",
    };
    deepEqual(await found(), [well]);
  });
});

processTest("start and the supervisor end code that outlived the runtime before", async () => {
  await withMesh(async (mesh) => {
    const home = meshHome(mesh.home);
    const name = "clock";
    await using first = await stubbornCode(STUBBORN["loops"] ?? "");
    await writeGoneAgent(home, name, [first.record]);
    const { code: exit, stderr } = await mesh.run(
      "start",
      "-d",
      "--restart",
      "on-failure",
      fixture("clock"),
    );
    equal(exit, 0, stderr);
    await first.ended;

    await using second = await stubbornCode(STUBBORN["ignores signals"] ?? "");
    const record = async () => JSON.parse(await readFile(home.record(name), "utf8"));
    const { pid }: { pid: number } = await record();
    // It writes its record no more.
    process.kill(pid, "SIGSTOP");
    await writeFile(
      home.record(name),
      JSON.stringify({ ...await record(), code: [second.record] }),
    );
    process.kill(pid, "SIGKILL");
    await second.ended;
  });
});

/** Longest that anything may be left of an agent whose runtime was killed, milliseconds. */
const LEFT_MS = 3_000;
/** Time between two looks at processes, milliseconds. */
const POLL_MS = 20;

/** The agent of the fixture `stubborn`, which goes on when it should end. */
interface StubbornAgent {
  /** Id of the process of its runtime. */
  readonly runtime: number;
  /** Id of the process of its code. */
  readonly code: number;
  /** Ids of all processes of its code. */
  readonly pids: readonly number[];
}

/** Starts the agent and has it go on in a way. */
async function startStubborn(
  mesh: TestMesh,
  way: string,
  ...options: string[]
): Promise<StubbornAgent> {
  const home = meshHome(mesh.home);
  const folder = home.data("stubborn");
  await mkdir(folder, { recursive: true });
  await rm(join(folder, "pids"), { force: true });
  const { code: exit, stderr } = await mesh.run("start", "-d", ...options, fixture("stubborn"));
  equal(exit, 0, stderr);
  const { pid: runtime, code: [code] }: { pid: number; code: { pid: number }[] } = JSON.parse(
    await readFile(home.record("stubborn"), "utf8"),
  );
  // Some ways never answer.
  const call = mesh.spawn("call", "begin", `way=${way}`, "--timeout", "60");
  let answer: Outcome | undefined;
  void call.ended.then((outcome) => answer = outcome);
  const pids = await waitInFolder(folder, async () => {
    try {
      return JSON.parse(await readFile(join(folder, "pids"), "utf8")) as number[];
    } catch (error) {
      if (answer !== undefined) throw new Error(answer.stdout, { cause: error });
      return undefined;
    }
  }, { wake: [call.ended], signal: AbortSignal.timeout(30_000) });
  if (way === "stops_itself") await until(async () => (await stateOf(code?.pid)) === "T", 5_000);
  if (answer === undefined) call.signal("SIGKILL");
  await call.ended;
  equal(pids?.[0], code?.pid);
  return { runtime, code: code?.pid ?? 0, pids: pids ?? [] };
}

async function stateOf(pid = 0): Promise<string | undefined> {
  return (await processStats([pid]))?.get(pid)?.state;
}

/** Whether something becomes true in time. */
async function until(isTrue: () => Promise<boolean>, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(POLL_MS)) {
    if (await isTrue()) return true;
  }
  return await isTrue();
}

/** Whether processes run. */
async function areRunning(pids: readonly number[]): Promise<boolean[]> {
  const startedAt = now();
  return await Promise.all(pids.map((pid) => isStillRunning({ pid, startedAt })));
}

/** Whether all of them end in time. */
function end(pids: readonly number[]): Promise<boolean> {
  return until(async () => !(await areRunning(pids)).includes(true), LEFT_MS);
}

for (const way of ["loops", "ignores_signals", "stops_itself", "starts_a_program"]) {
  processTest(`nothing is left of code that ${way} once its runtime is killed`, async () => {
    await withMesh(async (mesh) => {
      const { runtime, pids } = await startStubborn(mesh, way);
      equal(pids.length, way === "starts_a_program" ? 2 : 1);
      deepEqual(await areRunning(pids), pids.map(() => true));
      process.kill(runtime, "SIGKILL");
      ok(await end([runtime, ...pids]), `after ${LEFT_MS} ms it still runs`);
    });
  });
}

/** Ids of the shells that a runtime has started to end what it leaves. */
async function reapersOf(runtime: number): Promise<number[]> {
  const found = await output("sh", ["-c", "grep -lzsxF -e reaper /proc/[0-9]*/cmdline"]);
  const pids = [...found.matchAll(/\/(\d+)\//g)].map(([, pid]) => pid);
  const stats = await readProc(pids.map((pid) => `/proc/${pid}/stat`));
  return [...stats.matchAll(/^(\d+) \(.*\) \S (\d+) /gm)]
    .filter(([, , parent]) => Number(parent) === runtime).map(([, pid]) => Number(pid));
}

/** Kills a runtime, its shell and its agent's code, so that only a program is left that code had started. */
async function killAllButProgram({ runtime, code }: StubbornAgent): Promise<void> {
  // It would start another shell.
  process.kill(runtime, "SIGSTOP");
  const reapers = await reapersOf(runtime);
  equal(reapers.length, 1);
  for (const pid of [...reapers, code, runtime]) process.kill(pid, "SIGKILL");
  ok(await end([...reapers, code]));
}

const ENDED_BY: Readonly<Record<string, readonly string[]>> = {
  start: ["start", "-d", fixture("stubborn")],
  stop: ["stop"],
  "doctor --fix": ["doctor", "--fix", "--timeout", "0.2"],
};

for (const [what, command] of Object.entries(ENDED_BY)) {
  processTest(`${what} ends a program that agent code started and that outlived all others`, {
    ignore: Deno.build.os !== "linux",
  }, async () => {
    await withMesh(async (mesh) => {
      const agent = await startStubborn(mesh, "starts_a_program");
      await killAllButProgram(agent);
      const program = agent.pids.slice(1);
      deepEqual(await areRunning(program), [true]);
      await mesh.run(...command);
      deepEqual(await areRunning(program), [false]);
    });
  });
}

processTest("the supervisor ends a program that agent code started and that outlived all others", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withMesh(async (mesh) => {
    const agent = await startStubborn(mesh, "starts_a_program", "--restart", "on-failure");
    await killAllButProgram(agent);
    ok(await end(agent.pids));
  });
});
