import assert from "node:assert/strict";
import { Idempotency, type KeyedCall } from "./idempotency.ts";
import type { Outcome } from "../boundary/result.ts";

const call = (key: string, more: Partial<KeyedCall> = {}): KeyedCall => ({
  tool: "t",
  key,
  caller: undefined,
  args: {},
  ...more,
});
const outcome = (json: string): Outcome => ({ kind: "value", json });

Deno.test("once() runs calls of one key once, also while the first is under way", async () => {
  const idempotency = new Idempotency();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let runs = 0;
  const run = () => {
    runs += 1;
    return promise;
  };
  const first = idempotency.once(call("k"), run);
  const second = idempotency.once(call("k"), run);
  resolve(outcome("1"));
  assert.deepEqual(await Promise.all([first, second]), [outcome("1"), outcome("1")]);
  assert.deepEqual(await idempotency.once(call("k"), run), outcome("1"));
  assert.equal(runs, 1);
});

Deno.test("once() tells tools and keys apart", async () => {
  const idempotency = new Idempotency();
  let runs = 0;
  const run = () => Promise.resolve(outcome(String(++runs)));
  await idempotency.once(call("k", { tool: "a" }), run);
  await idempotency.once(call("k", { tool: "b" }), run);
  await idempotency.once(call("l", { tool: "a" }), run);
  assert.equal(runs, 3);
});

Deno.test("once() runs again what did not run", async () => {
  const idempotency = new Idempotency();
  await assert.rejects(
    idempotency.once(call("k"), () => Promise.reject(new Error("busy"))),
    /busy/,
  );
  const run = () => Promise.resolve(outcome("1"));
  assert.deepEqual(await idempotency.once(call("k"), run), outcome("1"));
});

Deno.test("once() forgets after ten minutes, and the oldest of too many", async () => {
  let now = 0;
  let runs = 0;
  const idempotency = new Idempotency(() => now);
  const asked = (key: string) =>
    idempotency.once(call(key), () => Promise.resolve(outcome(String(++runs))));
  await asked("k");
  now = 10 * 60_000 - 1;
  assert.deepEqual(await asked("k"), outcome("1"));
  now += 1;
  assert.deepEqual(await asked("k"), outcome("2"));
  for (let number = 0; number < 1_023; number++) await asked(String(number));
  const before = runs;
  await asked("1022");
  assert.equal(runs, before, "the newest are kept");
  await asked("k");
  assert.equal(runs, before + 1, "the oldest is not");
});

Deno.test("once() refuses what was sent before its memory begins, unless it knows it", async () => {
  let now = 1_000;
  const idempotency = new Idempotency(() => now);
  const run = () => Promise.resolve(outcome("1"));
  now = 3_000;
  // Sent 2.5 s ago, when the process before this one may have run it.
  await assert.rejects(idempotency.once(call("old"), run, 2_500), {
    code: "interrupted",
    nothingRan: false,
    message: /t was called with this idempotency key 2500 ms ago, .* may have run/,
  });
  assert.deepEqual(await idempotency.once(call("new"), run, 1_500), outcome("1"));
  assert.deepEqual(await idempotency.once(call("new"), run, 60_000), outcome("1"));
});

Deno.test("once() refuses what was sent before calls that it has forgotten", async () => {
  let now = 0;
  const idempotency = new Idempotency(() => now);
  const run = () => Promise.resolve(outcome("1"));
  now = 100;
  for (let key = 0; key <= 1_024; key++) await idempotency.once(call(String(key)), run);
  now = 200;
  await assert.rejects(idempotency.once(call("0"), run, 100), { code: "interrupted" });
  assert.deepEqual(await idempotency.once(call("later"), run, 50), outcome("1"));
});

const nested = { a: { c: [1, { y: 2, x: "ü" }], b: null } };
const same: [name: string, args: Record<string, unknown>][] = [
  ["the same", nested],
  ["in another order", { a: { b: null, c: [1, { x: "ü", y: 2 }] } }],
  ["with a number written otherwise", { a: { b: null, c: [1.0, { x: "\u00fc", y: 2e0 }] } }],
];
const other: [name: string, args: Record<string, unknown>][] = [
  ["none", {}],
  ["another value", { a: { c: [1, { y: 3, x: "ü" }], b: null } }],
  ["a list in another order", { a: { c: [{ y: 2, x: "ü" }, 1], b: null } }],
  ["one less", { a: { c: [1, { y: 2, x: "ü" }] } }],
  ["one more", { ...nested, z: 1 }],
  ["of another kind", { a: { c: ["1", { y: 2, x: "ü" }], b: null } }],
  ["a name that stands for more", JSON.parse('{"__proto__":1}')],
];
for (const [name, args] of same) {
  Deno.test(`once() takes arguments that are ${name} for the same call`, async () => {
    const idempotency = new Idempotency();
    let runs = 0;
    const run = () => Promise.resolve(outcome(String(++runs)));
    await idempotency.once(call("k", { args: nested }), run);
    assert.deepEqual(await idempotency.once(call("k", { args }), run), outcome("1"));
  });
}
for (const [name, args] of other) {
  Deno.test(`once() refuses a key whose call had other arguments: ${name}`, async () => {
    const idempotency = new Idempotency();
    const finish = Promise.withResolvers<Outcome>();
    const first = idempotency.once(call("k", { args: nested }), () => finish.promise);
    const never = () => assert.fail("it ran");
    const refused = {
      code: "bad_input",
      nothingRan: true,
      message: /t was called with this idempotency-key and other arguments/,
    };
    // While the first is under way, and after it.
    await assert.rejects(idempotency.once(call("k", { args }), never), refused);
    finish.resolve(outcome("1"));
    assert.deepEqual(await first, outcome("1"));
    await assert.rejects(idempotency.once(call("k", { args }), never), refused);
    assert.deepEqual(await idempotency.once(call("k", { args: nested }), never), outcome("1"));
  });
}

Deno.test("once() gives nobody the answer of another caller", async () => {
  const idempotency = new Idempotency();
  const callers = [undefined, "Bearer alice", "Bearer bob", ""];
  for (const again of [false, true]) {
    for (const caller of callers) {
      const run = () => again ? assert.fail("it ran") : Promise.resolve(outcome(`"${caller}"`));
      const answer = await idempotency.once(call("k", { caller }), run);
      assert.deepEqual(answer, outcome(`"${caller}"`));
    }
  }
});

Deno.test("once() keeps no more of large outcomes than fits, and the latest in any case", async () => {
  let now = 0;
  const idempotency = new Idempotency(() => now);
  const large = outcome("x".repeat(30 * 1024 * 1024));
  let runs = 0;
  const asked = (key: string, made: Outcome) => {
    now += 1;
    return idempotency.once(call(key), () => {
      runs += 1;
      return Promise.resolve(made);
    });
  };
  for (const key of ["1", "2", "3"]) await asked(key, large);
  assert.equal(runs, 3);
  await asked("3", large);
  await asked("2", large);
  assert.equal(runs, 3, "the latest are kept");
  await asked("1", large);
  assert.equal(runs, 4, "the oldest is not");
  const content = [{ type: "text", text: "x".repeat(100 * 1024 * 1024) }];
  const larger: Outcome = { kind: "result", result: { content } };
  await asked("4", larger);
  await asked("4", larger);
  assert.equal(runs, 5);
});
