import { deepEqual, equal, match } from "node:assert/strict";
import * as agentMetrics from "../node/agent_metrics.ts";
import { exposition } from "./exposition.ts";
import { SERIES_MAX } from "./instruments.ts";
import { Metrics } from "./metrics.ts";
import { eventLoopDelay, processMetrics } from "./process_metrics.ts";

Deno.test("a counter says what was added, by label", () => {
  const metrics = new Metrics();
  const calls = metrics.counter({ name: "calls_total", help: "Calls.", labels: ["tool", "error"] });
  calls.with({ tool: "a", error: "" }).add();
  calls.with({ tool: "a", error: "" }).add(2);
  calls.with({ tool: "b", error: "timeout" }).add();
  metrics.counter({ name: "starts_total", help: "Starts." });
  metrics.counter({ name: "never_total", help: "Nothing of it is known.", labels: ["x"] });
  equal(
    metrics.text(),
    `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{tool="a",error=""} 3
calls_total{tool="b",error="timeout"} 1
# HELP starts_total Starts.
# TYPE starts_total counter
starts_total 0
`,
  );
});

Deno.test("a gauge that is observed has what it is set to, and nothing from before", () => {
  const metrics = new Metrics();
  let agents = new Map([["healthy", 2], ["unhealthy", 1]]);
  metrics.gauge({ name: "agents", help: "Agents.", labels: ["status"] }, (gauge) => {
    for (const [status, count] of agents) gauge.set({ status }, count);
  });
  match(metrics.text(), /agents\{status="healthy"\} 2\nagents\{status="unhealthy"\} 1\n$/);
  agents = new Map([["healthy", 3]]);
  match(metrics.text(), /gauge\nagents\{status="healthy"\} 3\n$/);
});

Deno.test("a gauge grows and shrinks", () => {
  const metrics = new Metrics();
  const active = metrics.gauge({ name: "active", help: "Active." }).with({});
  active.add(2);
  active.add(-1);
  match(metrics.text(), /\nactive 1\n$/);
});

Deno.test("a histogram counts what is at most each bound", () => {
  const metrics = new Metrics();
  const took = metrics.histogram({
    name: "took_seconds",
    help: "Took.",
    labels: ["tool"],
    bounds: [0.1, 1],
  });
  for (const value of [0.05, 0.1, 0.5, 7]) took.with({ tool: "a" }).observe(value);
  equal(
    metrics.text(),
    `# HELP took_seconds Took.
# TYPE took_seconds histogram
took_seconds_bucket{tool="a",le="0.1"} 2
took_seconds_bucket{tool="a",le="1"} 3
took_seconds_bucket{tool="a",le="+Inf"} 4
took_seconds_sum{tool="a"} 7.65
took_seconds_count{tool="a"} 4
`,
  );
});

Deno.test("texts are escaped as the format wants it", () => {
  const labels = [["path", 'a\\b"c\nd']] as const;
  equal(
    exposition([{
      name: "x",
      help: "a\\b\nc",
      type: "gauge",
      samples: [{ labels, value: -Infinity }],
    }]),
    '# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{path="a\\\\b\\"c\\nd"} -Inf\n',
  );
});

Deno.test("more series than there may be are counted together", () => {
  const metrics = new Metrics();
  const calls = metrics.counter({ name: "calls_total", help: "Calls.", labels: ["id"] });
  for (let id = 0; id < SERIES_MAX + 3; id++) calls.with({ id: String(id) }).add();
  calls.with({ id: "0" }).add();
  const lines = metrics.text().trimEnd().split("\n");
  equal(lines.length, SERIES_MAX + 3);
  equal(lines.at(-1), 'calls_total{otel_metric_overflow="true"} 3');
  equal(lines[2], 'calls_total{id="0"} 2');
});

Deno.test("processMetrics() says what the process uses", () => {
  const metrics = new Metrics();
  processMetrics(metrics, {
    memory: () => 1_000,
    cpu: () => ({ user: 2_500_000, system: 500_000 }),
    uptime: () => 60,
  });
  const numbers = metrics.text().split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  deepEqual(numbers, [
    "process_memory_usage_bytes 1000",
    'process_cpu_time_seconds_total{cpu_mode="user"} 2.5',
    'process_cpu_time_seconds_total{cpu_mode="system"} 0.5',
    "process_uptime_seconds 60",
  ]);
});

Deno.test("eventLoopDelay() measures how late timers are", async () => {
  const metrics = new Metrics();
  // A clock in which every look comes half a second late.
  let now = 0;
  using _delay = eventLoopDelay(metrics, () => now += 600);
  const count = (bound: string) =>
    Number(metrics.text().split(`le="${bound}"} `)[1]?.split("\n")[0] ?? 0);
  while (count("+Inf") < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  deepEqual([count("0.1"), count("0.5")], [0, count("+Inf")]);
});

Deno.test("agents' metrics have names of their own and say what they are", () => {
  const definitions = Object.values(agentMetrics);
  equal(new Set(definitions.map(({ name }) => name)).size, definitions.length);
  for (const { name, help } of definitions) {
    match(name, /^(mcp|gen_ai|mesh)_[a-z_]+$/);
    match(help, /\.$/);
  }
});
