import assert from "node:assert/strict";
import { CHUNK_WINDOW } from "./chunk_window.ts";
import { PacedBody } from "./paced_body.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** Whether a promise has settled by the next turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

Deno.test("PacedBody gives out all that waits together, and then the end", async () => {
  const body = new PacedBody();
  void body.write("a");
  void body.write(new TextEncoder().encode("b"));
  body.push("c");
  body.end();
  const reader = body.stream.getReader();
  assert.equal(text((await reader.read()).value), "abc");
  assert.deepEqual(await reader.read(), { done: true, value: undefined });
});

Deno.test("PacedBody gives a reader that waits what comes, at once", async () => {
  const body = new PacedBody();
  const reader = body.stream.getReader();
  const first = reader.read();
  assert.equal(await isSettled(first), false);
  assert.equal(body.isWanted, true);
  await body.write("a");
  assert.equal(text((await first).value), "a");
  const last = reader.read();
  body.end();
  assert.equal((await last).done, true);
  await assert.rejects(body.write("b"), { code: "cancelled", message: "the answer is over" });
});

Deno.test("PacedBody holds its writer while a window of pieces waits", async () => {
  const body = new PacedBody();
  for (let count = 1; count < CHUNK_WINDOW; count++) await body.write("x");
  const held = body.write("x");
  assert.equal(await isSettled(held), false);
  await body.stream.getReader().read();
  await held;
});

Deno.test("PacedBody lets go of its writer when the reader goes away", async () => {
  const body = new PacedBody();
  for (let count = 1; count < CHUNK_WINDOW; count++) await body.write("x");
  const held = body.write("x");
  await body.stream.cancel();
  await assert.rejects(held, { code: "cancelled" });
  await assert.rejects(body.write("y"), { code: "cancelled", message: "the caller went away" });
  assert.equal(body.gone.aborted, true);
  body.push("z");
  body.end();
  body.fail(new Error("too late"));
});

Deno.test("PacedBody fails its reader, whatever waits", async () => {
  const body = new PacedBody();
  body.push("a");
  body.fail(new Error("torn"));
  await assert.rejects(body.stream.getReader().read(), { message: "torn" });
  assert.equal(body.gone.reason.message, "torn");
});

Deno.test("PacedBody takes back what waits, and nothing else", async () => {
  const body = new PacedBody();
  const taken: string[] = [];
  const takeBack = body.push("a", () => taken.push("a"));
  body.push("b", () => taken.push("b"));
  takeBack();
  const reader = body.stream.getReader();
  assert.equal(text((await reader.read()).value), "b");
  takeBack();
  assert.deepEqual(taken, ["b"]);
});
