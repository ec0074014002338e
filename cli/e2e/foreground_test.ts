import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

const READY = "Ctrl+C stops everything";

async function pidOf(mesh: TestMesh, name: string): Promise<number> {
  return JSON.parse(await readFile(join(mesh.home, "agents", `${name}.json`), "utf8")).pid;
}

for (const form of [[], ["--pack"]]) {
  Deno.test(`start ${form.join("")} in the foreground shows whose each line is, and a call that works`, async () => {
    await withMesh(async (mesh) => {
      const running = mesh.spawn("start", ...form, fixture("greeter"), fixture("clock"));
      await running.line(READY);
      match(await running.line("Registry:"), new RegExp(`${mesh.registryUrl} \\(started`));
      match(await running.line("clock | "), /^clock \| \d{4}-.* INFO +/);
      const shown = await running.line(" call greet ");
      const [, json = ""] = /'(.*)'/.exec(shown) ?? [];
      const called = await mesh.run("call", "greet", json);
      equal(JSON.parse(called.stdout).content[0].text, "good evening, Ada");

      running.signal("SIGINT");
      const { code, stderr, stdout } = await running.ended;
      equal(code, 0);
      match(stderr, /^registry \| /m);
      match(stderr, /^greeter \| .*registered as greeter-/m);
      equal(`${stdout}${stderr}`.includes("\x1b["), false);
      deepEqual(await mesh.processes(), []);
      match((await mesh.run("logs", "clock")).stdout, /^\d{4}-.*registered as clock-/m);
    });
  });
}

Deno.test("an agent that dies is reported and the rest goes on", async () => {
  await withMesh(async (mesh) => {
    const running = mesh.spawn("start", fixture("greeter"), fixture("clock"));
    await running.line(READY);
    Deno.kill(await pidOf(mesh, "clock"), "SIGKILL");
    equal(await running.line("clock was"), "clock was ended by SIGKILL");
    equal((await mesh.run("list", "--tools=greeter:greet")).code, 0);
    equal((await mesh.run("stop", "greeter")).code, 0);
    const { code, stderr } = await running.ended;
    match(stderr, /^greeter stopped$/m);
    equal(code, 1);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("an agent that will not stop is killed in time, and at once on the second Ctrl+C", async () => {
  await withMesh(async (mesh) => {
    for (const [presses, grace] of [[1, []], [2, ["--shutdown-timeout", "60"]]] as const) {
      const running = mesh.spawn("start", ...grace, fixture("clock"));
      await running.line(READY);
      Deno.kill(await pidOf(mesh, "clock"), "SIGSTOP");
      const pressed = performance.now();
      running.signal("SIGINT");
      await running.line("Stopping");
      if (presses === 2) running.signal("SIGINT");
      await running.ended;
      // The grace of the second is a minute, which it does not wait for.
      equal(performance.now() - pressed < 30_000, true, `${presses} presses`);
      deepEqual(await mesh.processes(), []);
    }
  });
});

Deno.test("start --only and --level choose whose lines are shown, and which; logs keep all", async () => {
  await withMesh(async (mesh) => {
    const agents = [fixture("greeter"), fixture("clock")];
    const only = mesh.spawn("start", "--only", "clock", ...agents);
    await only.line(READY);
    only.signal("SIGINT");
    const shown = (await only.ended).stderr;
    match(shown, /^clock \| .*registered as clock-/m);
    equal(/^(greeter|registry) \| /m.test(shown), false);
    match((await mesh.run("logs", "greeter")).stdout, /registered as greeter-/);

    const warnings = mesh.spawn("start", "--level", "warn", ...agents);
    await warnings.line(READY);
    warnings.signal("SIGINT");
    equal(/^(greeter|clock) \| .* INFO /m.test((await warnings.ended).stderr), false);
    match((await mesh.run("logs", "clock")).stdout, / INFO .*registered as clock-/);
  });
});

Deno.test("start in the foreground is over, with exit 0, when all agents were stopped", async () => {
  await withMesh(async (mesh) => {
    const running = mesh.spawn("start", fixture("greeter"), fixture("clock"));
    await running.line(READY);
    equal((await mesh.run("stop", "greeter", "clock")).code, 0);
    const { code, stderr } = await running.ended;
    equal(code, 0);
    deepEqual([...stderr.matchAll(/^(\w+) stopped$/gm)].map(([, name]) => name).toSorted(), [
      "clock",
      "greeter",
    ]);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start --restart on-failure brings back what was killed, at the same address", async () => {
  await withMesh(async (mesh) => {
    const running = mesh.spawn("start", "--restart", "on-failure", fixture("clock"));
    await running.line(READY);
    const registered = await running.line("registered as clock-");
    const before = await pidOf(mesh, "clock");
    Deno.kill(before, "SIGKILL");
    equal(await running.line("clock was"), "clock was ended by SIGKILL; started again in 0.25 s");
    await running.line("registered as clock-", registered);
    notEqual(await pidOf(mesh, "clock"), before);
    equal((await mesh.run("call", "day_time")).code, 0);
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
  });
});

Deno.test("start --registry-only in the foreground runs until it is interrupted", async () => {
  await withMesh(async (mesh) => {
    const running = mesh.spawn("start", "--registry-only");
    await running.line(READY);
    match((await mesh.run("list")).stdout, /No agents found/);
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start ends everything when nobody reads its output any more", async () => {
  await withMesh(async (mesh) => {
    const { stdout } = await mesh.runInto("head -n 1", "start", fixture("clock"));
    match(stdout, /^registry \| .*\n$/);
    deepEqual(await mesh.processes(), []);
  });
});
