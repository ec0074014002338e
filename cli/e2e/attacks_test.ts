/** Agent code touches nothing that is not its own: everything in `attacks/`, tried by four agents. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { meshHome } from "../machine/home.ts";
import { ATTEMPTS } from "./attacks/all.ts";
import { HELPER_NAMES, type Isolation } from "./attacks/attempt.ts";
import { type Plan, plans } from "./attacks/plan.ts";
import { type Scene, withScene } from "./attacks/scene.ts";
import { Trial, Turns } from "./attacks/trial.ts";
import { WORKER_ISOLATION } from "./attacks/worker_isolation.ts";
import { WORKER_MARKS, WORKER_PAGE, workerTable } from "./attacks/worker_table.ts";
import { unpadded, withTable } from "./case_table.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** The isolations under test, with the options of `start` that choose each. */
const ISOLATIONS: Readonly<Record<Isolation, readonly string[]>> = {
  process: [],
  worker: ["--isolation", "worker"],
};

// The constructor of functions like this one has no name of its own.
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

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

for (const [name, start] of Object.entries(ISOLATIONS)) {
  // The keys of the table are isolations.
  const isolation = name as Isolation;
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

Deno.test("there are attempts of every kind, each of its own id, and enough of them", () => {
  const ids = ATTEMPTS.map(({ id }) => id);
  equal(new Set(ids).size, ids.length);
  ok(ids.length >= 120);
});

Deno.test("the code of every attempt is a function's body", () => {
  for (const { id, code } of ATTEMPTS) {
    // Nothing runs: the text is only compiled.
    ok(new AsyncFunction("at", ...HELPER_NAMES, "thief", code), id);
  }
});

Deno.test("the list of a worker names attempts that there are, and says a reason of each", () => {
  const ids = new Set(ATTEMPTS.map(({ id }) => id));
  const listed = WORKER_ISOLATION.flatMap((group) => group.ids);
  deepEqual(listed.filter((id) => !ids.has(id)), []);
  deepEqual(WORKER_ISOLATION.filter(({ reason }) => reason.length < 20), []);
});

Deno.test("the page of the runtime has the list of a worker; deno task cases writes it", async () => {
  const page = await readFile(WORKER_PAGE, "utf8");
  const written = withTable(page, workerTable(WORKER_ISOLATION), WORKER_MARKS);
  equal(unpadded(page), unpadded(written));
});
