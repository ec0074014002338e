import { deepEqual, equal } from "node:assert/strict";
import { RegistrationSchema, type ToolSchema } from "../../runtime/protocol/registration.ts";
import type * as z from "zod";
import { changedCapabilities } from "./change.ts";
import { Entry } from "./entry.ts";
import { acceptRegistration } from "./record.ts";
import { Snapshot } from "./snapshot.ts";

type ToolInput = z.input<typeof ToolSchema>;

/** A healthy agent that first registered at `createdAt`. */
function entry(id: string, createdAt: number, tools: ToolInput[], facts = {}): Entry {
  const message = RegistrationSchema.parse({ agent_id: id, tools, ...facts });
  const accepted = acceptRegistration(undefined, message, createdAt);
  if ("refused" in accepted) throw new Error(accepted.refused);
  return new Entry(accepted.record, { status: "healthy", seen: createdAt });
}

const offers = (...capabilities: string[]): ToolInput[] =>
  capabilities.map((capability) => ({ function_name: `f_${capability}`, capability }));
const wants = (capability: string, ...wanted: (string | [string])[]): ToolInput => ({
  function_name: "f",
  capability,
  dependencies: wanted.map((one) =>
    typeof one === "string" ? { capability: one } : { capability: one[0], required: true }
  ),
});
const ids = (entries: Iterable<{ id: string }>) => [...entries].map(({ id }) => id);

Deno.test("entries(), providers() and tools() follow the order of first registration", () => {
  const snapshot = new Snapshot();
  snapshot.put(entry("late", 3, offers("c", "d")));
  snapshot.put(entry("b", 2, offers("c")));
  snapshot.put(entry("a", 2, offers("d", "c", "c")));
  snapshot.put(entry("first", 1, []));
  deepEqual(ids(snapshot.entries()), ["first", "a", "b", "late"]);
  deepEqual(snapshot.providers("c").map(({ agent }) => agent.id), ["a", "a", "b", "late"]);
  deepEqual(
    Array.from(snapshot.tools(), ({ agent, tool }) => `${agent.id} ${tool.capability}`),
    ["a d", "a c", "a c", "b c", "late c", "late d"],
  );
});

Deno.test("put() replaces an agent where it stands, and delete() leaves nothing of it", () => {
  const snapshot = new Snapshot();
  for (const id of ["a", "b", "c"]) snapshot.put(entry(id, 1, offers("x")));
  snapshot.put(entry("b", 1, offers("y", "x")));
  deepEqual(snapshot.providers("x").map(({ agent }) => agent.id), ["a", "b", "c"]);
  for (const known of [...snapshot.entries()]) snapshot.delete(known);
  deepEqual([snapshot.entries(), snapshot.providers("x"), snapshot.get("b")], [[], [], undefined]);
});

/** Which of these agents a change of `x` marks. */
const concerned: [name: string, tools: ToolInput[], marked: boolean][] = [
  ["nothing", offers("z"), false],
  ["x", [wants("own", "x")], true],
  ["another", [wants("own", "y")], false],
  ["what requires x", [wants("own", "needs_x")], true],
  ["what requires what requires x", [wants("own", "needs_needs_x")], true],
  ["what likes x", [wants("own", "likes_x")], false],
  ["x's name for a model", [{ ...wants("own"), llm_filter: { filter: ["x"] } }], true],
  ["x for a model", [{ ...wants("own"), llm_filter: { filter: [{ capability: "x" }] } }], true],
  ["y for a model", [{ ...wants("own"), llm_filter: { filter: [{ capability: "y" }] } }], false],
  ["tags for a model", [{ ...wants("own"), llm_filter: { filter: [{ tags: ["t"] }] } }], true],
  ["all for a model", [{ ...wants("own"), llm_filter: { filter: ["*"] } }], true],
  ["mode all for a model", [{
    ...wants("own"),
    llm_filter: { filter: ["y"], filter_mode: "*" },
  }], true],
  ["x as its model", [{ ...wants("own"), llm_provider: { capability: "x" } }], true],
  ["y as its model", [{ ...wants("own"), llm_provider: { capability: "y" } }], false],
];
for (const [name, tools, marked] of concerned) {
  Deno.test(`a change of x ${marked ? "marks" : "leaves"} who wants ${name}`, () => {
    const snapshot = new Snapshot();
    snapshot.put(entry("needs", 1, [wants("needs_x", ["x"]), wants("likes_x", "x")]));
    snapshot.put(entry("needs-needs", 1, [wants("needs_needs_x", ["needs_x"])]));
    const watcher = entry("watcher", 1, tools);
    snapshot.put(watcher);
    const provider = entry("p", 2, offers("x"));
    for (
      const change of [
        () => snapshot.put(provider),
        () => snapshot.setStatus(provider, "unhealthy"),
        () => snapshot.delete(provider),
      ]
    ) {
      watcher.stale = false;
      change();
      equal(watcher.stale, marked);
    }
  });
}

Deno.test("requirements in a circle end", () => {
  const snapshot = new Snapshot();
  const one = entry("one", 1, [wants("a", ["b"])]);
  const two = entry("two", 1, [wants("b", ["a"])]);
  for (const each of [one, two]) snapshot.put(each);
  for (const each of [one, two]) each.stale = false;
  snapshot.put(entry("p", 2, offers("a")));
  deepEqual([one.stale, two.stale], [true, true]);
});

Deno.test("pass() is shared until something changes", () => {
  const snapshot = new Snapshot();
  const provider = entry("p", 1, offers("x"));
  snapshot.put(provider);
  const pass = snapshot.pass();
  equal(snapshot.pass(), pass);
  snapshot.setStatus(provider, "healthy");
  equal(snapshot.pass(), pass);
  snapshot.setStatus(provider, "unhealthy");
  equal(snapshot.pass() === pass, false);
});

const before = entry("p", 1, [...offers("a", "b"), ...offers("b")], {
  http_host: "h",
  http_port: 1,
});
const changes: [name: string, after: Entry | undefined, changed: string[]][] = [
  ["nothing", entry("p", 1, offers("a", "b", "b"), { http_host: "h", http_port: 1 }), []],
  ["a further tool", entry("p", 1, offers("a", "b", "b", "c"), { http_host: "h", http_port: 1 }), [
    "c",
  ]],
  ["one tool fewer", entry("p", 1, offers("a", "b"), { http_host: "h", http_port: 1 }), ["b"]],
  ["another port", entry("p", 1, offers("a", "b", "b"), { http_host: "h", http_port: 2 }), [
    "a",
    "b",
  ]],
  [
    "another namespace",
    entry("p", 1, offers("a", "b", "b"), { http_host: "h", http_port: 1, namespace: "n" }),
    ["a", "b"],
  ],
  ["its end", undefined, ["a", "b"]],
];
for (const [name, after, changed] of changes) {
  Deno.test(`changedCapabilities() of ${name}`, () => {
    deepEqual([...changedCapabilities(before, after)].sort(), changed);
  });
}
