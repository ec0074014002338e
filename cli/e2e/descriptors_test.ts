/** The code of an agent inherits no open file, pipe or connection of those that started it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { meshHome } from "../machine/home.ts";
import { output } from "../machine/process_stat.ts";
import { fixture, withMesh } from "./meshctl.ts";

/** Descriptors that a process of agent code is given. */
const GIVEN = 3;

/** The open descriptors of a process, by number, and what each leads to. */
async function descriptorsOf(pid: number): Promise<Map<number, string>> {
  const listing = await output("ls", ["-l", `/proc/${pid}/fd`]);
  return new Map(
    [...listing.matchAll(/ (\d+) -> (.*)$/gm)].map((
      [, number, target = ""],
    ): [number, string] => [Number(number), target]),
  );
}

async function targetsOf(pid: number): Promise<Set<string>> {
  return new Set((await descriptorsOf(pid)).values());
}

processTest("the code of a started agent has no descriptor that is not its own", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withMesh(async (mesh) => {
    const home = meshHome(mesh.home);
    const { code: exit, stderr } = await mesh.run("start", "-d", fixture("clock"), fixture("slow"));
    equal(exit, 0, stderr);
    // Whoever runs the tests may have left something open.
    const ofTests = await targetsOf(Deno.pid);
    for (const name of ["clock", "slow"]) {
      const { pid: runtime, code }: { pid: number; code: { pid: number }[] } = JSON.parse(
        await readFile(home.record(name), "utf8"),
      );
      equal(code.length, 1);
      const all = await descriptorsOf(code[0]?.pid ?? 0);
      ok(all.size > GIVEN, "its descriptors can be seen");
      const given = new Set([0, 1, 2, GIVEN].map((number) => all.get(number)));
      const ofRuntime = await targetsOf(runtime);
      ok(ofRuntime.has(home.log(name)), "the runtime writes its log");
      const foreign = [...all].filter(([number, target]) => {
        if (number <= GIVEN || given.has(target) || ofTests.has(target)) return false;
        if (target.startsWith("socket:")) return ofRuntime.has(target);
        return target.startsWith("pipe:") ||
          target.startsWith("/") && !target.startsWith(`${home.denoDir(name)}/`) &&
            !target.startsWith("/dev/");
      });
      deepEqual({ name, foreign }, { name, foreign: [] });
    }
  });
});
