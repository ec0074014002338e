import assert from "node:assert/strict";
import { CHUNK_WINDOW, ChunkWindow } from "./chunk_window.ts";

const never = new AbortController().signal;

Deno.test("ChunkWindow lets a sender go on until the window is full, and again when there is room", async () => {
  const window = new ChunkWindow();
  for (let sent = 1; sent < CHUNK_WINDOW; sent++) await window.sent(never);
  let went = false;
  const waiting = window.sent(never).then(() => went = true);
  await Promise.resolve();
  assert.equal(went, false);
  window.taken();
  await waiting;
  window.taken();
  await window.sent(never);
});

Deno.test("ChunkWindow gives a waiting sender the signal's reason", async () => {
  const window = new ChunkWindow();
  const abort = new AbortController();
  for (let sent = 1; sent < CHUNK_WINDOW; sent++) await window.sent(never);
  const waiting = window.sent(abort.signal);
  abort.abort(new Error("left"));
  await assert.rejects(waiting, /left/);
  await assert.rejects(window.sent(abort.signal), /left/);
});
