import { deepEqual, equal, match } from "node:assert/strict";
import { Reaper } from "../../runtime/sandbox/reaper.ts";
import {
  allProcessStats,
  birthOf,
  parseListing,
  parseStats,
  processStats,
} from "./process_stat.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const GONE = 2 ** 22 + 1;

Deno.test("parseStats() copes with any program name", () => {
  const fields = ["S", "1", "12", ...Array.from({ length: 16 }, () => "0"), "500", "0"].join(" ");
  const text = `some-boot\n100.00 5.00\n12 (a) b (c) ${fields}\n13 (x) ${fields}\n`;
  const stat = { state: "S", group: 12, birth: "some-boot/500", startedAt: 905_000 };
  deepEqual([...parseStats(text, 1_000_000)], [[12, stat], [13, stat]]);
  deepEqual([...parseStats("", 0)], []);
});

Deno.test("parseListing() reads what ps prints", () => {
  const text =
    "    1     1 Ss   Mon Jun  1 12:00:00 2026\n  123   120 Z+   Mon Jun  1 12:00:01 2026\n";
  deepEqual(
    [...parseListing(text)].map(([pid, { state, group, birth }]) => [pid, group, state, birth]),
    [[1, 1, "S", "Mon Jun  1 12:00:00 2026"], [123, 120, "Z", "Mon Jun  1 12:00:01 2026"]],
  );
});

processTest(
  "processStats() tells of those that are there",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const stats = await processStats([GONE, Deno.pid]);
    deepEqual([...stats?.keys() ?? []], [Deno.pid]);
    match(stats?.get(Deno.pid)?.birth ?? "", /^[0-9a-f-]{36}\/\d+$/);
    const all = await allProcessStats();
    equal(all.get(Deno.pid)?.birth, stats?.get(Deno.pid)?.birth);
  },
);

processTest("birthOf() says of a process what the runtime writes down of its own", async () => {
  await using reaper = new Reaper({ log: () => {} });
  equal(await birthOf(Deno.pid), await reaper.birthOf(Deno.pid));
  await using withoutProc = new Reaper({ log: () => {}, proc: "/not/there" });
  const listed = parseListing(`1 1 S ${await withoutProc.birthOf(Deno.pid)}\n`);
  equal(listed.get(1)?.birth, await withoutProc.birthOf(Deno.pid));
});
