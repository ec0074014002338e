/** The attempts of `attacks/`, which `attacks_process_test.ts` and `attacks_worker_test.ts` make. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ATTEMPTS } from "./attacks/all.ts";
import { HELPER_NAMES } from "./attacks/attempt.ts";
import { WORKER_ISOLATION } from "./attacks/worker_isolation.ts";
import { WORKER_MARKS, WORKER_PAGE, workerTable } from "./attacks/worker_table.ts";
import { unpadded, withTable } from "./case_table.ts";

// The constructor of functions like this one has no name of its own.
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

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
