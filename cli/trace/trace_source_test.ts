import { deepEqual, equal } from "node:assert/strict";
import type { CompletedTrace } from "../../runtime/protocol/trace_view.ts";
import { settledTrace } from "./trace_source.ts";

const END = Date.parse("2026-06-01T12:00:00Z");

/** Reads of a trace that gets its missing part at the third look; the clock goes with the sleeps. */
async function looks(facts: Partial<CompletedTrace>, startedAt: number) {
  let now = startedAt;
  let looked = 0;
  const trace = await settledTrace(() => {
    looked += 1;
    const Complete = facts.Complete ?? looked > 2;
    return Promise.resolve<CompletedTrace>({
      ...{ TraceID: "a", Spans: [], StartTime: "", EndTime: new Date(END).toISOString() },
      ...{ Duration: 1, Success: true, SpanCount: looked, AgentCount: 1, Agents: [] },
      ...facts,
      Complete,
    });
  }, { now: () => now, sleep: (ms) => Promise.resolve(void (now += ms)) });
  return [trace.SpanCount, now - startedAt];
}

Deno.test("settledTrace() looks again while a trace is fresh and something is missing", async () => {
  deepEqual(await looks({}, END + 100), [3, 500]);
  deepEqual(await looks({}, END + 60_000), [1, 0]);
  const [count = 0, waited = 0] = await looks({ Complete: false }, END + 100);
  equal(count > 3 && waited <= 3_250, true, `${count} looks, ${waited} ms`);
});
