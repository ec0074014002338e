import { doesNotThrow, throws } from "node:assert/strict";
import { PortLoad, PORTS_MAX } from "./sandboxed_call.ts";

Deno.test("PortLoad has room for so many calls of others, and again when one is over", () => {
  const load = new PortLoad();
  for (let begun = 0; begun < PORTS_MAX; begun++) load.begin(10);
  throws(() => load.begin(0), { code: "overloaded", nothingRan: true });
  load.end(10);
  doesNotThrow(() => load.begin(10));
  throws(() => load.begin(10), { code: "overloaded" });
});

Deno.test("PortLoad bounds what is asked for together; one call may ask for more, alone", () => {
  const load = new PortLoad();
  const much = 40 * 1024 * 1024;
  load.begin(much);
  throws(() => load.begin(much), { code: "overloaded" });
  doesNotThrow(() => load.begin(10));
  load.end(10);
  load.end(much);
  doesNotThrow(() => load.begin(10 * much));
  throws(() => load.begin(0), { code: "overloaded" });
});
