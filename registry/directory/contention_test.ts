import { equal, rejects } from "node:assert/strict";
import { insist } from "./contention.ts";

Deno.test("insist() waits for a lock to go", async () => {
  let attempts = 0;
  const result = await insist(() => {
    attempts++;
    if (attempts < 4) return Promise.reject(new TypeError("database is locked"));
    return Promise.resolve("done");
  });
  equal(result, "done");
  equal(attempts, 4);
});

Deno.test("insist() passes other failures on at once", async () => {
  let attempts = 0;
  const failing = insist(() => {
    attempts++;
    return Promise.reject(new Error("disk full"));
  });
  await rejects(failing, /disk full/);
  equal(attempts, 1);
});
