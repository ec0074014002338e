import { deepEqual, equal } from "node:assert/strict";
import { fuzz } from "./http_fuzz.ts";

Deno.test("300 random requests: no server error, every refusal says why", async () => {
  const { statuses, log } = await fuzz({ requests: 300, seed: 7 });
  equal([...statuses.values()].reduce((sum, count) => sum + count, 0), 300);
  // Most kinds of answers are among them, or the requests say little.
  for (const status of [200, 204, 400, 403, 404, 405, 410]) {
    equal(statuses.has(status), true, `none was answered ${status}`);
  }
  deepEqual(log, []);
});
