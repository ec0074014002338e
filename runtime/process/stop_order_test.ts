import assert from "node:assert/strict";
import { stopOrder } from "./stop_order.ts";

const rows: [name: string, wirings: Record<string, string[]>, groups: string[][]][] = [
  ["nothing", {}, []],
  ["agents that know nobody, together", { a: [], b: [] }, [["a", "b"]]],
  [
    "a chain from its consumer down",
    { provider: [], tool: ["provider"], front: ["tool"] },
    [["front"], ["tool"], ["provider"]],
  ],
  [
    "a provider after the last of its consumers",
    { prefs: [], planner: ["prefs", "poi"], poi: ["prefs"] },
    [["planner"], ["poi"], ["prefs"]],
  ],
  ["a circle together, after what depends on it", { a: ["b"], b: ["a"], front: ["a"] }, [
    ["front"],
    ["a", "b"],
  ]],
  ["an agent that depends on itself or on strangers like any other", { a: ["a", "z"] }, [["a"]]],
];

for (const [name, wirings, groups] of rows) {
  Deno.test(`stopOrder() stops ${name}`, () => {
    const members = Object.entries(wirings).map(([id, to]) => ({
      ids: [id],
      wiredTo: new Set(to),
    }));
    assert.deepEqual(stopOrder(members).map((group) => group.map(({ ids: [id] }) => id)), groups);
  });
}

Deno.test("stopOrder() stops members that have no id yet first", () => {
  const nameless = { ids: [], wiredTo: new Set(["a"]) };
  const known = { ids: ["a"], wiredTo: new Set<string>() };
  assert.deepEqual(stopOrder([known, nameless]), [[nameless], [known]]);
});

Deno.test("stopOrder() stops a process after the consumers of any of its agents", () => {
  const pack = { ids: ["tool", "front"], wiredTo: new Set(["tool", "provider"]) };
  const other = { ids: ["other"], wiredTo: new Set(["tool"]) };
  const provider = { ids: ["provider"], wiredTo: new Set<string>() };
  assert.deepEqual(stopOrder([provider, pack, other]), [[other], [pack], [provider]]);
});
