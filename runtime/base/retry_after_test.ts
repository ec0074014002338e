import assert from "node:assert/strict";
import { retryAfterMs } from "./retry_after.ts";

const waits: [headers: Record<string, string>, ms: number | undefined][] = [
  [{}, undefined],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": " 2 " }, 2000],
  [{ "retry-after-ms": "soon", "retry-after": "3" }, 3000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "1.5" }, 1500],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:09 GMT" }, 8000],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
  [{ "retry-after": "99999999" }, 86_400_000],
  [{ "retry-after-ms": "Infinity" }, 86_400_000],
  [{ "retry-after": "9", "retry-after-ms": "20" }, 20],
];

for (const [headers, ms] of waits) {
  Deno.test(`retryAfterMs() of ${JSON.stringify(headers)} is ${ms}`, () => {
    assert.equal(retryAfterMs(new Headers(headers), 1000), ms);
  });
}
