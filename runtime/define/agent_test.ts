import assert from "node:assert/strict";
import * as z from "zod";
import { agent, tool } from "../mod.ts";

const rows: [name: string, declare: () => unknown, message: RegExp][] = [
  ["an upper-case name", () => agent({ name: "Flight", tools: {} }), /agent name "Flight"/],
  ["an empty name", () => agent({ name: "", tools: {} }), /agent name ""/],
  ["a name over 63 letters", () => agent({ name: "a".repeat(64), tools: {} }), /at most 63/],
  ["a port out of range", () => agent({ name: "a", port: 65536, tools: {} }), /port 65536/],
  ["a fractional port", () => agent({ name: "a", port: 1.5, tools: {} }), /port 1.5/],
  [
    "a tool name with a space",
    () => agent({ name: "a", tools: { "a b": tool({}, () => 1) } }),
    /tool name "a b"/,
  ],
  [
    "a dependency without a capability",
    () => tool({ dependencies: { x: { capability: "" } } }, () => 1),
    /dependency "x" names no capability/,
  ],
  [
    "a dependency with a reserved name",
    // @ts-expect-error the compiler refuses it as well
    () => tool({ dependencies: { signal: { capability: "x" } } }, () => 1),
    /cannot be called "signal"/,
  ],
  [
    "a tool added twice",
    () => agent({ name: "a", tools: { t: tool({}, () => 1) } }).tools.add("t", tool({}, () => 2)),
    /already has tool "t"/,
  ],
];
for (const [name, declare, message] of rows) {
  Deno.test(`declaring ${name} is refused`, () => {
    assert.throws(declare, { code: "bad_definition", message });
  });
}

Deno.test(
  "declaring an agent needs no permission and starts nothing",
  { permissions: "none" },
  () => {
    const declared = agent({
      name: "declared",
      tools: { t: tool({ capability: "c", input: z.object({ a: z.number() }) }, () => 1) },
    });
    const [described] = declared.manifest().tools;
    assert.equal(described?.capability, "c");
    assert.deepEqual(described?.inputSchema, {
      type: "object",
      properties: { a: { type: "number" } },
      required: ["a"],
    });
  },
);

Deno.test("listen() tells of tools that come and go, until it is told not to", () => {
  const declared = agent({ name: "changing", tools: {} });
  let changes = 0;
  const stop = declared.listen({ changed: () => changes++ });
  declared.tools.add("t", tool({}, () => 1));
  assert.equal(declared.tools.remove("t"), true);
  assert.equal(declared.tools.remove("t"), false);
  assert.equal(changes, 2);
  stop();
  declared.tools.add("t", tool({}, () => 1));
  assert.equal(changes, 2);
});
