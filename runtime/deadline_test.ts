import assert from "node:assert/strict";
import { once } from "node:events";
import { abortable, Deadlines } from "./deadline.ts";

Deno.test("Deadlines fires each when its own time is up, whatever the order they began in", async () => {
  using deadlines = new Deadlines();
  const fired: string[] = [];
  const started = [["long", 60], ["short", 20], ["middle", 40]] as const;
  await Promise.all(started.map(async ([name, timeoutMs]) => {
    using deadline = deadlines.start(timeoutMs);
    await once(deadline.signal, "abort");
    fired.push(name);
    assert.equal(deadline.signal.reason.code, "timeout");
    assert.equal(deadline.remainingMs, 0);
  }));
  assert.deepEqual(fired, ["short", "middle", "long"]);
});

Deno.test("a deadline that was disposed of does not fire", async () => {
  using deadlines = new Deadlines();
  const done = deadlines.start(10);
  done[Symbol.dispose]();
  using later = deadlines.start(20);
  await once(later.signal, "abort");
  assert.equal(done.signal.aborted, false);
});

Deno.test("a deadline fires with its parent's reason, also one that fired before", () => {
  using deadlines = new Deadlines();
  const parent = new AbortController();
  using before = deadlines.start(60_000, parent);
  const { signal } = before;
  parent.abort("gave up");
  assert.equal(signal.aborted, true);
  using after = deadlines.start(60_000, parent);
  assert.equal(before.signal.reason, "gave up");
  assert.equal(after.signal.reason, "gave up");
});

Deno.test("a deadline asks for its parent's signal only when it is asked for its own", () => {
  using deadlines = new Deadlines();
  let asked = 0;
  const parent = {
    get signal() {
      asked += 1;
      return new AbortController().signal;
    },
  };
  using deadline = deadlines.start(60_000, parent);
  assert.equal(asked, 0);
  assert.equal(deadline.signal, deadline.signal);
  assert.equal(asked, 1);
});

Deno.test("until() settles with whichever comes first, without a signal", async () => {
  using deadlines = new Deadlines();
  using early = deadlines.start(60_000);
  assert.equal(await early.until(Promise.resolve(1)), 1);
  await assert.rejects(early.until(Promise.reject(new Error("own"))), /own/);
  const waiting = early.until(new Promise(() => {}));
  early.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(early.until(new Promise(() => {})), /enough/);
  assert.equal(early.signal.aborted, true);
  using late = deadlines.start(10);
  await assert.rejects(late.until(new Promise(() => {})), { code: "timeout" });
});

Deno.test("a deadline tells the time that is left", () => {
  using deadlines = new Deadlines();
  using deadline = deadlines.start(60_000);
  assert.ok(deadline.remainingMs > 59_000 && deadline.remainingMs <= 60_000);
});

Deno.test("abortable() settles with whichever comes first", async () => {
  const controller = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), controller.signal), 1);
  await assert.rejects(abortable(Promise.reject(new Error("own")), controller.signal), /own/);
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(abortable(new Promise(() => {}), controller.signal), /enough/);
});

Deno.test("a deadline that is lifted ends only when it is told to", async () => {
  using deadlines = new Deadlines();
  using lifted = deadlines.start(10);
  using other = deadlines.start(20);
  lifted.lift();
  await once(other.signal, "abort");
  assert.equal(lifted.signal.aborted, false);
  assert.equal(lifted.remainingMs, Infinity);
  deadlines.abort("shutting down");
  assert.equal(lifted.signal.reason, "shutting down");
});
