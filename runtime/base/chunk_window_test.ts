import assert from "node:assert/strict";
import { CHUNK_WINDOW, ChunkWindow, ReceivedChunks } from "./chunk_window.ts";

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

Deno.test("ReceivedChunks lets a sender that keeps to its window through, however slow the reader is", async () => {
  const window = new ChunkWindow();
  const received = new ReceivedChunks();
  const { signal } = new AbortController();
  for (const chunk of ["", "a", "x".repeat(8 * 1024 * 1024), { a: 1 }, new Uint8Array(5_000_000)]) {
    const weights: number[] = [];
    for (let sent = 0; sent < 100; sent++) {
      let mayGoOn = false;
      void window.sent(chunk, signal).then(() => mayGoOn = true);
      const weight = received.came(chunk);
      assert.ok(weight !== undefined, `chunk ${sent} of ${typeof chunk}`);
      weights.push(weight);
      await Promise.resolve();
      if (mayGoOn) continue;
      // The reader takes one.
      received.passed(weights.shift() ?? 0);
      window.taken();
      await Promise.resolve();
    }
    for (const weight of weights) {
      received.passed(weight);
      window.taken();
    }
  }
});

for (
  const [what, chunk, most] of [["small", "a", 100], ["large", "x".repeat(3_000_000), 10]] as const
) {
  Deno.test(`ReceivedChunks refuses ${what} chunks of a sender that does not wait`, () => {
    const received = new ReceivedChunks();
    let sent = 0;
    while (received.came(chunk) !== undefined) sent += 1;
    assert.ok(sent > 0 && sent < most, `${sent} chunks`);
    received.passed(0);
  });
}
