import assert from "node:assert/strict";
import { fuzz } from "./http_fuzz.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

for (const connections of [undefined, 100]) {
  const limit = connections === undefined ? "no limit" : `a limit of ${connections}`;
  processTest(
    `300 random requests, ${limit} on connections: no server error, every refusal says why`,
    async () => {
      const { statuses, uncaught } = await fuzz({
        requests: 300,
        seed: 7,
        ...(connections !== undefined && { connections }),
      });
      assert.equal([...statuses.values()].reduce((sum, count) => sum + count, 0), 300);
      // Most kinds of answers are among them, or the requests say little.
      for (const status of [200, 400, 403, 404, 405]) {
        assert.ok(statuses.has(status), `none was answered ${status}`);
      }
      assert.deepEqual(uncaught, []);
    },
  );
}
