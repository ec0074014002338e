/** Code of agents that outlived its runtime: whoever starts, stops, looks or supervises ends it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { meshHome } from "../machine/home.ts";
import { STUBBORN, stubbornCode, writeGoneAgent } from "../machine/left_code_fixture.ts";
import { isStillRunning } from "../machine/process_identity.ts";
import { fixture, withMesh } from "./meshctl.ts";

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
    match(fix ?? "", /^(meshctl|deno task meshctl) doctor --fix$/);
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
