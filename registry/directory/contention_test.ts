import { equal, rejects } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
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

Deno.test("insist() gives up on a lock that stays, with the failure of the database", async () => {
  let attempts = 0;
  let isOver = false;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const failing = insist(() => {
      attempts++;
      return Promise.reject(new TypeError("database is locked"));
    });
    const over = rejects(failing, TypeError).finally(() => isOver = true);
    while (!isOver) {
      mock.timers.tick(150);
      await nextTurn();
    }
    await over;
    equal(attempts, 60);
  } finally {
    mock.timers.reset();
  }
});
