import assert from "node:assert/strict";
import { Account } from "./account.ts";

Deno.test("Account puts a failure down to the kill of a process it names, and to nothing else", () => {
  const account = new Account();
  account.killed(1234, 100);
  account.succeeded();
  account.failed({ at: 110, text: "middle: http://127.0.0.1:1234 cannot be reached" });
  account.failed({ at: 99, text: "http://127.0.0.1:1234 cannot be reached" });
  account.failed({ at: 110, text: "http://127.0.0.1:4321 cannot be reached" });
  account.failed({ at: 110, text: "out of order" });
  assert.deepEqual(account.unexplained.map(({ text }) => text), [
    "http://127.0.0.1:1234 cannot be reached",
    "http://127.0.0.1:4321 cannot be reached",
    "out of order",
  ]);
  assert.deepEqual(account.numbers, { calls: 5, failures: 4, kills: 1 });
});
