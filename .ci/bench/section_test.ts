import assert from "node:assert/strict";
import { compare, type Section, table } from "./section.ts";

const SECTION: Section = {
  title: "Calls",
  rows: [
    { what: "ours", perSecond: 200, p50Ms: 0.5, p99Ms: 2, kibPerConnection: 12.34 },
    { what: "theirs", role: "peer", perSecond: 100, p50Ms: 1, p99Ms: 4 },
    { what: "bare", role: "limit", perSecond: 1000, p50Ms: 0.25, p99Ms: 1 },
  ],
};

Deno.test("compare() puts rows beside the peer and the limit", () => {
  const [ours] = compare(SECTION);
  assert.deepEqual(ours, { ...SECTION.rows[0], timesPeer: 2, timesLimit: 0.2, addedP50Ms: 0.25 });
});

Deno.test("compare() says nothing about what was not measured", () => {
  const rows = SECTION.rows.slice(0, 1);
  assert.deepEqual(compare({ title: "Alone", rows }), rows);
});

Deno.test("compare() goes by processor time where it is known for both", () => {
  const rows = [
    { what: "ours", perSecond: 200, perCoreSecond: 400, p50Ms: 1, p99Ms: 1 },
    {
      what: "theirs",
      role: "peer" as const,
      perSecond: 100,
      perCoreSecond: 100,
      p50Ms: 1,
      p99Ms: 1,
    },
    { what: "bare", role: "limit" as const, perSecond: 1000, p50Ms: 1, p99Ms: 1 },
  ];
  const [ours] = compare({ title: "Calls", rows });
  assert.equal(ours?.timesPeer, 4);
  assert.equal(ours?.timesLimit, 0.2);
});

Deno.test("table() aligns all sections alike", () => {
  assert.equal(
    table([SECTION, { title: "A longer title", rows: SECTION.rows.slice(0, 1) }]),
    `\
Calls                per s per core s     p50 ms     p99 ms     x peer    x limit  p50 added   KiB/conn
  ours                 200                  0.50       2.00       2.00       0.20       0.25       12.3
  theirs (peer)        100                  1.00       4.00       1.00       0.10       0.75
  bare (limit)        1000                  0.25       1.00      10.00       1.00       0.00

A longer title       per s per core s     p50 ms     p99 ms     x peer    x limit  p50 added   KiB/conn
  ours                 200                  0.50       2.00                                        12.3`,
  );
});
