import assert from "node:assert/strict";
import { heartbeatSection } from "./heartbeats.ts";

Deno.test("heartbeatSection() takes the measurements and finds the limit among them", () => {
  const output = `\
                                       per s    p50 ms    p99 ms
bare Deno.serve                        82082      0.17      0.49
POST /heartbeat, nothing new            5548      2.64     11.12
1000 agents joined one after another in 1617 ms
`;
  assert.deepEqual(heartbeatSection(output).rows, [
    { what: "bare Deno.serve", role: "limit", perSecond: 82082, p50Ms: 0.17, p99Ms: 0.49 },
    { what: "POST /heartbeat, nothing new", perSecond: 5548, p50Ms: 2.64, p99Ms: 11.12 },
  ]);
});

Deno.test("heartbeatSection() refuses output without measurements", () => {
  assert.throws(() => heartbeatSection("nothing\n"), /no measurement in "nothing\\n"/);
});
