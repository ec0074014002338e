import assert from "node:assert/strict";
import { handover } from "./handover.ts";

const MANY = 64 * 1024;

Deno.test("handover() clones few bytes, and takes many with their memory", () => {
  const few = new Uint8Array(10);
  assert.deepEqual(handover(few, false), { bytes: few, transfer: [] });
  const many = new Uint8Array(MANY);
  assert.deepEqual(handover(many, true), { bytes: many, transfer: [many.buffer] });
});

Deno.test("handover() copies many bytes that somebody may still hold on to", () => {
  const many = new Uint8Array(MANY).fill(7);
  const { bytes, transfer } = handover(many, false);
  structuredClone(bytes, { transfer: [...transfer] });
  assert.equal(many[MANY - 1], 7);
  assert.deepEqual([bytes.length, transfer.length], [0, 1]);
});

Deno.test("handover() leaves out the memory around a part, and what is shared", () => {
  const part = new Uint8Array(MANY).subarray(1, 5);
  assert.equal(handover(part, true).bytes.buffer.byteLength, 4);
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(1);
  const { bytes } = handover(shared, true);
  assert.ok(bytes.buffer instanceof ArrayBuffer);
  assert.deepEqual([...bytes], [1, 1, 1, 1]);
});
