import assert from "node:assert/strict";
import { Outage } from "./outage.ts";

Deno.test("Outage says once that it does not work, and once that it works for good", async () => {
  const told: string[] = [];
  const back = Promise.withResolvers<void>();
  using outage = new Outage((message) => {
    told.push(message);
    if (message === "back") back.resolve();
  });
  outage.works("back");
  for (let time = 0; time < 5; time++) {
    outage.fails(`gone ${time}`);
    outage.works("back");
  }
  outage.works("back");
  assert.deepEqual(told, ["gone 0"]);
  await back.promise;
  outage.works("back");
  assert.deepEqual(told, ["gone 0", "back"]);
  outage.fails("gone again");
  assert.deepEqual(told, ["gone 0", "back", "gone again"]);
});
