import assert from "node:assert/strict";
import { Outbox } from "./outbox.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("Outbox sends what was posted in one turn together, in order", async () => {
  const sent: (readonly number[])[] = [];
  const outbox = new Outbox<number>((batch) => sent.push(batch));
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
  const outbox = new Outbox<unknown>((batch) => sent.push(structuredClone(batch)));
  outbox.post(1);
  assert.throws(() => outbox.postNow(() => {}), { name: "DataCloneError" });
  outbox.post(2);
  await nextTurn();
  assert.deepEqual(sent, [[1], [2]]);
});

Deno.test("Outbox hands over the memory of a batch with it, once", async () => {
  const sent: [batch: readonly number[], transfer: ArrayBuffer[]][] = [];
  const outbox = new Outbox<number>((batch, transfer) => sent.push([batch, transfer]));
  const [first, second] = [new ArrayBuffer(1), new ArrayBuffer(2)];
  outbox.post(1, [first]);
  outbox.post(2, [second]);
  await nextTurn();
  outbox.post(3);
  await nextTurn();
  assert.deepEqual(sent, [[[1, 2], [first, second]], [[3], []]]);
});
