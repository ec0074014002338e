import { deepEqual } from "node:assert/strict";
import { toldEvictions } from "./why_told.ts";

const known = new Map([
  ["poi-1", { name: "poi", status: "unhealthy", seen: 10 }],
  ["poi-2", { name: "poi", status: "unhealthy", seen: 30 }],
  ["poi-3", { name: "poi", status: "unhealthy", seen: 20 }],
  ["geo-1", { name: "geo", status: "unhealthy", seen: 5 }],
]);
const down = (id: string) => ({ id, reason: "Unhealthy", details: { status: "unhealthy" } });
const untagged = (id: string) => ({ id, reason: "MissingTag", details: { missing: ["x"] } });
const told = (...evictions: ReturnType<typeof down | typeof untagged>[]) =>
  toldEvictions(evictions, (id) => known.get(id));

Deno.test("toldEvictions() tells of all instances of an agent that are down at once", () => {
  deepEqual(told(down("poi-1:find"), down("geo-1:find"), down("poi-2:find"), down("poi-3:find")), [
    {
      sentence: "3 instances of poi would do, but are down; the newest, poi-2:find, is unhealthy.",
      count: 3,
    },
    { sentence: "geo-1:find would do, but its agent is unhealthy.", count: 1 },
  ]);
});

Deno.test("toldEvictions() keeps functions apart, and whatever else was wrong", () => {
  deepEqual(
    told(down("poi-1:find"), down("poi-2:rank"), untagged("poi-3:find"), down("gone-1:find"))
      .map(({ sentence }) => sentence),
    [
      "poi-1:find would do, but its agent is unhealthy.",
      "poi-2:rank would do, but its agent is unhealthy.",
      'poi-3:find does not have the tag "x".',
      "gone-1:find would do, but its agent is unhealthy.",
    ],
  );
});
