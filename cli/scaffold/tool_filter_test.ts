import { deepEqual, throws } from "node:assert/strict";
import { parseToolFilter } from "./tool_filter.ts";

Deno.test("parseToolFilter() reads a star, a capability, an object and a list", () => {
  deepEqual(parseToolFilter("*"), ["*"]);
  deepEqual(parseToolFilter("weather"), [{ capability: "weather" }]);
  deepEqual(parseToolFilter('{"tags":["travel"]}'), [{ tags: ["travel"] }]);
  deepEqual(parseToolFilter('["weather",{"capability":"poi","tags":["x"]}]'), [
    { capability: "weather" },
    { capability: "poi", tags: ["x"] },
  ]);
});

Deno.test("parseToolFilter() refuses what selects nothing", () => {
  for (const text of ["", "{}", "{", '{"tag":["x"]}', '{"tags":[]}']) {
    throws(() => parseToolFilter(text), { code: 2 }, text);
  }
});
