import assert from "node:assert/strict";
import { Idempotency } from "./idempotency.ts";
import type { Outcome } from "./mcp/result.ts";

const outcome = (json: string): Outcome => ({ kind: "value", json });

Deno.test("once() runs calls of one key once, also while the first is under way", async () => {
  const idempotency = new Idempotency();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let runs = 0;
  const run = () => {
    runs += 1;
    return promise;
  };
  const first = idempotency.once("t", "k", run);
  const second = idempotency.once("t", "k", run);
  resolve(outcome("1"));
  assert.deepEqual(await Promise.all([first, second]), [outcome("1"), outcome("1")]);
  assert.deepEqual(await idempotency.once("t", "k", run), outcome("1"));
  assert.equal(runs, 1);
});

Deno.test("once() tells tools and keys apart", async () => {
  const idempotency = new Idempotency();
  let runs = 0;
  const run = () => Promise.resolve(outcome(String(++runs)));
  await idempotency.once("a", "k", run);
  await idempotency.once("b", "k", run);
  await idempotency.once("a", "l", run);
  assert.equal(runs, 3);
});

Deno.test("once() runs again what did not run", async () => {
  const idempotency = new Idempotency();
  await assert.rejects(idempotency.once("t", "k", () => Promise.reject(new Error("busy"))), /busy/);
  const run = () => Promise.resolve(outcome("1"));
  assert.deepEqual(await idempotency.once("t", "k", run), outcome("1"));
});

Deno.test("once() forgets after ten minutes, and the oldest of too many", async () => {
  let now = 0;
  let runs = 0;
  const idempotency = new Idempotency(() => now);
  const call = (key: string) =>
    idempotency.once("t", key, () => Promise.resolve(outcome(String(++runs))));
  await call("k");
  now = 10 * 60_000 - 1;
  assert.deepEqual(await call("k"), outcome("1"));
  now += 1;
  assert.deepEqual(await call("k"), outcome("2"));
  for (let number = 0; number < 1_023; number++) await call(String(number));
  const before = runs;
  await call("1022");
  assert.equal(runs, before, "the newest are kept");
  await call("k");
  assert.equal(runs, before + 1, "the oldest is not");
});

Deno.test("once() refuses what was sent before its memory begins, unless it knows it", async () => {
  let now = 1_000;
  const idempotency = new Idempotency(() => now);
  const run = () => Promise.resolve(outcome("1"));
  now = 3_000;
  // Sent 2.5 s ago, when the process before this one may have run it.
  await assert.rejects(idempotency.once("t", "old", run, 2_500), {
    code: "interrupted",
    nothingRan: false,
    message: /t was called with this idempotency key 2500 ms ago, .* may have run/,
  });
  assert.deepEqual(await idempotency.once("t", "new", run, 1_500), outcome("1"));
  assert.deepEqual(await idempotency.once("t", "new", run, 60_000), outcome("1"));
});

Deno.test("once() refuses what was sent before calls that it has forgotten", async () => {
  let now = 0;
  const idempotency = new Idempotency(() => now);
  const run = () => Promise.resolve(outcome("1"));
  now = 100;
  for (let key = 0; key <= 1_024; key++) await idempotency.once("t", String(key), run);
  now = 200;
  await assert.rejects(idempotency.once("t", "0", run, 100), { code: "interrupted" });
  assert.deepEqual(await idempotency.once("t", "later", run, 50), outcome("1"));
});
