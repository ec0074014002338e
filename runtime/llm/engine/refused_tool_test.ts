import assert from "node:assert/strict";
import { TOOL_REFUSALS, toolRefusedIn } from "./refused_tool.ts";

for (const { vendor, source, said } of TOOL_REFUSALS) {
  Deno.test(`toolRefusedIn() reads it as ${vendor} says it (${source.slice(0, 40)})`, () => {
    const expected = said.includes("array too long") ? { most: 2 } : { tool: "b" };
    assert.deepEqual(toolRefusedIn(said, ["a", "b", "c"]), expected);
  });
}

for (
  const said of [
    "messages[1].tool_calls[0].id: string too long",
    "Invalid schema for function 'd': odd",
    "tools[7].function.name: odd",
    "Invalid 'stop': array too long. Expected an array with maximum length 4",
    "something else",
  ]
) {
  Deno.test(`toolRefusedIn() finds no tool in "${said}"`, () => {
    assert.equal(toolRefusedIn(said, ["a", "b", "c"]), undefined);
  });
}
