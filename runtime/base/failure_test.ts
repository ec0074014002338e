import assert from "node:assert/strict";
import { type Failure, FAILURE_META, failureIn, failureMeta } from "./failure.ts";

const failures: Failure[] = [
  { code: "timeout", message: "the time is up" },
  { code: "bad_input", message: "no number", details: [{ path: ["a"] }] },
  { code: "tool_failed", message: "", details: null },
];
for (const failure of failures) {
  Deno.test(`failureIn() reads what failureMeta() wrote: ${JSON.stringify(failure)}`, () => {
    const wire: Record<string, unknown> = JSON.parse(JSON.stringify(failureMeta(failure)));
    assert.deepEqual(failureIn(wire, "its text"), failure);
  });
}

Deno.test("failureMeta() carries nothing but the failure", () => {
  const error = Object.assign(new Error("gone"), { code: "unreachable", stack: "secret" } as const);
  assert.deepEqual(failureMeta(error), {
    [FAILURE_META]: { code: "unreachable", message: "gone" },
  });
});

Deno.test("failureIn() takes the text where there is no message", () => {
  const meta = { [FAILURE_META]: { code: "overloaded" } };
  assert.deepEqual(failureIn(meta, "its text"), { code: "overloaded", message: "its text" });
});

const others: unknown[] = [null, "timeout", {}, { code: "of_the_future" }, { code: 7 }, {
  code: "toString",
}];
for (const other of others) {
  Deno.test(`failureIn() finds none in ${JSON.stringify(other)}`, () => {
    assert.equal(failureIn({ [FAILURE_META]: other }, ""), undefined);
    assert.equal(failureIn({}, ""), undefined);
    assert.equal(failureIn(undefined, ""), undefined);
  });
}
