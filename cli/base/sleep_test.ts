import { equal } from "node:assert/strict";
import { sleep } from "./sleep.ts";

Deno.test("sleep() settles when the time is up, and at once when it is aborted", async () => {
  equal(await sleep(1), undefined);
  equal(await sleep(60_000, AbortSignal.abort()), undefined);
  const stop = new AbortController();
  const sleeping = sleep(60_000, stop.signal);
  stop.abort();
  equal(await sleeping, undefined);
});
