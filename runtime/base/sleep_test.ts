import { equal } from "node:assert/strict";
import { sleep } from "./sleep.ts";

Deno.test("sleep() settles when the time is up, and at once when it is aborted", async () => {
  equal(await sleep(1), undefined);
  equal(await sleep(-1), undefined);
  equal(await sleep(60_000, AbortSignal.abort()), undefined);
  const stop = new AbortController();
  const sleeping = sleep(60_000, stop.signal);
  stop.abort();
  equal(await sleeping, undefined);
});

Deno.test("sleep() waits where a time is longer than a timer takes", async () => {
  const stop = new AbortController();
  let isOver = false;
  const sleeping = sleep(1e12, stop.signal).then(() => isOver = true);
  await sleep(5);
  equal(isOver, false);
  stop.abort();
  await sleeping;
});
