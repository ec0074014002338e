/** The test that agent code of an isolation touches nothing that is not its own. */
import { deepEqual, equal } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { processTest } from "../../../.ci/fixtures/process_tests.ts";
import { meshHome } from "../../machine/home.ts";
import type { Isolation } from "./attempt.ts";
import { type Plan, plans } from "./plan.ts";
import { type Scene, withScene } from "./scene.ts";
import { Trial, Turns } from "./trial.ts";

/** Returns a row for each attempt whose outcome is another one than expected. */
function surprises({ attacker, expected }: Plan, harms: ReadonlyMap<string, string>): string[] {
  const done = [...harms].filter(([id]) => !expected.has(id))
    .map(([id, harm]) => `${attacker}  ${id}  succeeds: ${harm}`);
  const stopped = [...expected].filter((id) => !harms.has(id))
    .map((id) => `${attacker}  ${id}  is stopped, and should not be on the list`);
  return [...done, ...stopped];
}

/** The neighbour is the process that it was, and has what it had. */
async function checkVictim({ mesh, secrets, shared }: Scene): Promise<void> {
  const home = meshHome(mesh.home);
  const { stdout } = await mesh.run("call", "tell", "-o", "value");
  const { secret, heard } = JSON.parse(stdout);
  equal(secret, secrets.variable);
  deepEqual(heard, []);
  equal(JSON.parse(await readFile(home.record("victim"), "utf8")).pid, shared.victimPid);
  equal(await readFile(`${home.data("victim")}/notes.txt`, "utf8"), secrets.data);
  deepEqual(await readdir(home.data("victim")), ["notes.txt"]);
}

/**
 * Registers the test that makes all attempts of `attacks/`, by each attacker.
 *
 * @param start Options of `start` that choose the isolation.
 */
export function attackTest(isolation: Isolation, start: readonly string[]): void {
  processTest(`${isolation} isolation stops every attempt that is not on its list`, {
    ignore: Deno.build.os !== "linux",
  }, async () => {
    await withScene(isolation, start, async (scene) => {
      const turns = { starts: new Turns(1), heavy: new Turns(2) };
      const rows = await Promise.all(
        plans(isolation).map(async (plan) => {
          const trial = new Trial(scene, plan.attacker, start, turns);
          return surprises(plan, await trial.run(plan.attempts));
        }),
      );
      equal(rows.flat().join("\n"), "");
      await checkVictim(scene);
    });
  });
}
