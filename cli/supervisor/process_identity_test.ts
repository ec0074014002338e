import { deepEqual, equal } from "node:assert/strict";
import { isStillRunning, parseStat } from "./process_identity.ts";

Deno.test("isStillRunning() is about this very process, not about its number", () => {
  const now = new Date().toISOString();
  equal(isStillRunning(Deno.pid, now), true);
  equal(isStillRunning(2 ** 22 + 1, now), false);
  equal(isStillRunning(0, now), false);
  equal(isStillRunning(-1, now), false);
});

Deno.test("isStillRunning() takes a process younger than the record for another one", {
  ignore: Deno.build.os !== "linux",
}, () => {
  equal(isStillRunning(Deno.pid, "2001-01-01T00:00:00Z"), false);
});

Deno.test("parseStat() copes with any program name", () => {
  const fields = ["S", ...Array.from({ length: 18 }, () => "0"), "500", "0"];
  const stat = `12 (a) b (c) ${fields.join(" ")}`;
  deepEqual(parseStat(stat, "100.00 5.00", 1_000_000), { state: "S", startedAt: 905_000 });
  equal(parseStat("garbage", "x", 0), undefined);
});
