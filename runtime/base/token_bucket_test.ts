import { equal } from "node:assert/strict";
import { TokenBucket } from "./token_bucket.ts";

Deno.test("TokenBucket gives two seconds' worth at once, then as time passes", () => {
  let now = 0;
  const bucket = new TokenBucket(100, () => now);
  equal(bucket.take(150), 0);
  equal(bucket.take(60), 100);
  now = 100;
  equal(bucket.take(60), 0);
  equal(bucket.take(1), 10);
  now = 60_000;
  equal(bucket.take(200), 0);
  equal(bucket.take(1), 10);
});

Deno.test("TokenBucket gives any number when full, and then waits for it to fill again", () => {
  let now = 0;
  const bucket = new TokenBucket(10, () => now);
  equal(bucket.take(1_000), 0);
  now = 1_000;
  equal(bucket.take(1) > 90_000, true);
});

Deno.test("TokenBucket without a rate has no limit, and a clock set back does it no harm", () => {
  equal(new TokenBucket(0, () => 0).take(1e9), 0);
  let now = 10_000;
  const bucket = new TokenBucket(10, () => now);
  now = 0;
  equal(bucket.take(20), 0);
  equal(bucket.take(10), 1_000);
});
