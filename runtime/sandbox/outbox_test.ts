import assert from "node:assert/strict";
import { Outbox } from "./outbox.ts";

const unexpected = (message: unknown) => assert.fail(`${message} was not sent`);
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("Outbox sends what was posted in one turn together, in order", async () => {
  const sent: (readonly number[])[] = [];
  const outbox = new Outbox<number>((batch) => sent.push(batch), unexpected);
  outbox.post(1);
  outbox.post(2);
  assert.deepEqual(sent, []);
  await nextTurn();
  assert.deepEqual(sent, [[1, 2]]);
  outbox.post(3);
  outbox.postNow(4);
  assert.deepEqual(sent, [[1, 2], [3], [4]]);
  await nextTurn();
  assert.equal(sent.length, 3);
});

Deno.test("Outbox tells who posts what cannot be sent, and goes on", async () => {
  const sent: unknown[] = [];
  const outbox = new Outbox<unknown>((batch) => sent.push(structuredClone(batch)), unexpected);
  outbox.post(1);
  assert.throws(() => outbox.postNow(() => {}), { name: "DataCloneError" });
  outbox.post(2);
  await nextTurn();
  assert.deepEqual(sent, [[1], [2]]);
});

/** A value that is too deep to be cloned. */
function deep(): unknown {
  let value: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  return value;
}

const unsendable: [name: string, message: () => unknown][] = [
  ["a function", () => () => {}],
  ["a value that is too deep", deep],
];
for (const [name, message] of unsendable) {
  Deno.test(`Outbox sends all of a turn but ${name}, in order, and says so`, async () => {
    const sent: unknown[] = [];
    const unsent: [message: unknown, cause: unknown][] = [];
    const memory = [new ArrayBuffer(1), new ArrayBuffer(2)];
    const outbox = new Outbox<unknown>(
      (batch, transfer) => sent.push(...structuredClone(batch, { transfer })),
      (message, cause) => unsent.push([message, cause]),
    );
    const bad = message();
    for (const good of [1, 2]) outbox.post(good);
    outbox.post(memory[0], memory.slice(0, 1));
    outbox.post(bad);
    outbox.post(memory[1], memory.slice(1));
    for (const good of [3, 4]) outbox.post(good);
    await nextTurn();
    const sizes = sent.map((message) =>
      message instanceof ArrayBuffer ? message.byteLength : message
    );
    assert.deepEqual(sizes, [1, 2, 1, 2, 3, 4]);
    assert.deepEqual(unsent.map(([message]) => message === bad), [true]);
    assert.ok(unsent[0]?.[1] instanceof Error);
  });
}

Deno.test("Outbox hands over memory with its message, once", async () => {
  const sent: [batch: readonly number[], transfer: ArrayBuffer[]][] = [];
  const outbox = new Outbox<number>((batch, transfer) => sent.push([batch, transfer]), unexpected);
  const [first, second] = [new ArrayBuffer(1), new ArrayBuffer(2)];
  outbox.post(1, [first]);
  outbox.post(2, [second]);
  await nextTurn();
  outbox.post(3);
  await nextTurn();
  assert.deepEqual(sent, [[[1], [first]], [[2], [second]], [[3], []]]);
});
