import assert from "node:assert/strict";
import { CHUNK_WINDOW, ChunkWindow } from "./chunk_window.ts";

const never = new AbortController().signal;

Deno.test("ChunkWindow lets a sender go on until the window is full, and again when there is room", async () => {
  const window = new ChunkWindow();
  for (let sent = 1; sent < CHUNK_WINDOW; sent++) await window.sent(1, never);
  let went = false;
  const waiting = window.sent(1, never).then(() => went = true);
  await Promise.resolve();
  assert.equal(went, false);
  window.taken();
  await waiting;
  window.taken();
  await window.sent(1, never);
});

Deno.test("ChunkWindow gives a waiting sender the signal's reason", async () => {
  const window = new ChunkWindow();
  const abort = new AbortController();
  for (let sent = 1; sent < CHUNK_WINDOW; sent++) await window.sent(1, never);
  const waiting = window.sent(1, abort.signal);
  abort.abort(new Error("left"));
  await assert.rejects(waiting, /left/);
  await assert.rejects(window.sent(1, abort.signal), /left/);
});

const MIB = 1024 * 1024;
const heavy: [name: string, chunk: () => unknown][] = [
  ["a long text", () => "x".repeat(MIB)],
  ["many bytes", () => new Uint8Array(MIB)],
  ["a value with much in it", () => ({ a: ["x".repeat(MIB)] })],
];
for (const [name, chunk] of heavy) {
  Deno.test(`ChunkWindow lets a sender be ahead by less when a chunk is ${name}`, async () => {
    const window = new ChunkWindow();
    for (let sent = 1; sent < 4; sent++) await window.sent(chunk(), never);
    let went = false;
    const waiting = window.sent(chunk(), never).then(() => went = true);
    await Promise.resolve();
    assert.equal(went, false);
    window.taken();
    await waiting;
  });
}

Deno.test("ChunkWindow has room again after a chunk that fills it alone, and one without weight", async () => {
  const window = new ChunkWindow();
  for (const chunk of ["x".repeat(40 * MIB), new Map()]) {
    const waiting = window.sent(chunk, never);
    window.taken();
    await waiting;
  }
  await window.sent("x", never);
});
