import assert from "node:assert/strict";
import { once } from "node:events";
import { Deadlines, parseTimeout, timeoutText } from "./deadline.ts";

for (const late of [false, true]) {
  const when = late ? "those that are late too" : "whatever the order they began in";
  Deno.test(`Deadlines fires each after those whose time was up before, ${when}`, async () => {
    using deadlines = new Deadlines();
    const started: number[] = [];
    const fired: number[] = [];
    const ends = [30, 10, 20].map(async (timeoutMs) => {
      using deadline = deadlines.start(timeoutMs);
      started.push(deadline.endsAt);
      await once(deadline.signal, "abort");
      fired.push(deadline.endsAt);
      assert.equal(deadline.signal.reason.code, "timeout");
      assert.equal(deadline.remainingMs, 0);
    });
    const now = performance.now();
    // A process that gets no processor for a while.
    while (late && performance.now() < now + 40);
    await Promise.all(ends);
    assert.deepEqual(fired, started.sort((a, b) => a - b));
  });
}

Deno.test("a deadline that another one's end disposes of does not fire, late or not", async () => {
  using deadlines = new Deadlines();
  const first = deadlines.start(5);
  using second = deadlines.start(5);
  const { signal } = second;
  first.signal.addEventListener("abort", () => second[Symbol.dispose]());
  const now = performance.now();
  while (performance.now() < now + 10);
  await once(first.signal, "abort");
  assert.equal(signal.aborted, false);
});

Deno.test("a deadline that is further away than timers reach rings none before", async () => {
  const { setTimeout } = globalThis;
  const asked: number[] = [];
  const watched = (work: () => void, ms: number) => {
    asked.push(ms);
    return setTimeout(work, ms);
  };
  Object.assign(globalThis, { setTimeout: watched });
  try {
    using deadlines = new Deadlines();
    using far = deadlines.start(1e12);
    using near = deadlines.start(5);
    await once(near.signal, "abort");
    assert.equal(far.signal.aborted, false);
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  assert.ok(asked.length > 0 && asked.every((ms) => ms < 2 ** 31), `${asked}`);
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

Deno.test("a deadline that is lifted ends only when it is told to", async () => {
  using deadlines = new Deadlines();
  using lifted = deadlines.start(10);
  using other = deadlines.start(20);
  lifted.lift();
  await once(other.signal, "abort");
  assert.equal(lifted.signal.aborted, false);
  assert.equal(lifted.remainingMs, Infinity);
  deadlines.abort(() => "shutting down");
  assert.equal(lifted.signal.reason, "shutting down");
});

const timeouts: [header: string | null, ms: number | undefined, atMost600: number | undefined][] = [
  [null, undefined, undefined],
  ["", undefined, undefined],
  ["30", 30_000, 30_000],
  [" 5 ", 5_000, 5_000],
  ["007", 7_000, 7_000],
  ["601", 601_000, 600_000],
  ["999999999", 999_999_999_000, 600_000],
  ["99999999999", undefined, 600_000],
  ["9".repeat(400), undefined, 600_000],
  ["0", undefined, undefined],
  ["-1", undefined, undefined],
  ["+1", undefined, undefined],
  ["1.5", undefined, undefined],
  ["1e3", undefined, undefined],
  ["1, 2", undefined, undefined],
  ["soon", undefined, undefined],
];
for (const [header, ms, atMost600] of timeouts) {
  Deno.test(`parseTimeout(${JSON.stringify(header)}), without a limit and with one`, () => {
    assert.equal(parseTimeout(header), ms);
    assert.equal(parseTimeout(header, 600_000), atMost600);
  });
}

Deno.test("timeoutText() is whole seconds that parseTimeout() reads, one at least", () => {
  const rows: [ms: number, text: string][] = [
    [-5, "1"],
    [0, "1"],
    [999, "1"],
    [1_000, "1"],
    [1_001, "2"],
    [90_500, "91"],
  ];
  for (const [ms, text] of rows) {
    assert.equal(timeoutText(ms), text);
    assert.equal(parseTimeout(text), Number(text) * 1000);
  }
});
