import { deepEqual, equal } from "node:assert/strict";
import { agentCounts, agentLoad, histogramQuantile } from "./agent_load.ts";
import { readExposition } from "./exposition_reader.ts";

const TEXT = `# HELP mcp_server_operation_duration_seconds Time.
# TYPE mcp_server_operation_duration_seconds histogram
mcp_server_operation_duration_seconds_bucket{gen_ai_tool_name="a",error_type="",le="0.01"} 6
mcp_server_operation_duration_seconds_bucket{gen_ai_tool_name="a",error_type="",le="+Inf"} 8
mcp_server_operation_duration_seconds_sum{gen_ai_tool_name="a",error_type=""} 0.5
mcp_server_operation_duration_seconds_count{gen_ai_tool_name="a",error_type=""} 8
mcp_server_operation_duration_seconds_bucket{gen_ai_tool_name="b",error_type="timeout",le="0.01"} 0
mcp_server_operation_duration_seconds_bucket{gen_ai_tool_name="b",error_type="timeout",le="+Inf"} 2
mcp_server_operation_duration_seconds_count{gen_ai_tool_name="b",error_type="timeout"} 2
mesh_server_active_operations{gen_ai_tool_name="a"} 3
not a line
`;

Deno.test("readExposition() reads labels with escapes, and passes over what is no value", () => {
  deepEqual(readExposition('x{a="q\\"\\\\\\n",b="}"} 1e3 1700000000\ny +Inf\n# z 1\nbad\n'), [
    { name: "x", labels: { a: 'q"\\\n', b: "}" }, value: 1000 },
    { name: "y", labels: {}, value: Infinity },
  ]);
});

Deno.test("agentCounts() sums over tools, and tells failures by their error type", () => {
  deepEqual(agentCounts(readExposition(TEXT)), {
    calls: 10,
    errors: 2,
    inFlight: 3,
    buckets: [[0.01, 6], [Infinity, 10]],
  });
});

Deno.test("agentLoad() is what happened in between, or since an agent's new start", () => {
  const before = agentCounts(readExposition(TEXT));
  const after = {
    calls: 20,
    errors: 3,
    inFlight: 0,
    buckets: [[0.01, 16], [Infinity, 20]] as [number, number][],
  };
  const load = agentLoad(before, after, 2);
  deepEqual([load.rate, load.errorRate], [5, 0.5]);
  equal(load.p50, 5);
  equal(agentLoad(after, before, 2).rate, 5);
  deepEqual(agentLoad(before, before, 2), {
    rate: 0,
    errorRate: 0,
    p50: undefined,
    p90: undefined,
    p99: undefined,
  });
});

Deno.test("histogramQuantile() lies within its bucket, and not beyond the last bound", () => {
  const buckets = [[1, 0], [2, 10], [4, 20], [Infinity, 21]] as const;
  const rows: [number, number][] = [[0.25, 1.525], [0.9, 3.78], [1, 4]];
  for (const [part, value] of rows) {
    equal(Math.abs((histogramQuantile(part, buckets) ?? 0) - value) < 1e-9, true, String(part));
  }
  equal(histogramQuantile(0.5, []), undefined);
});
