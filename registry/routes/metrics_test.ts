import { deepEqual, equal, match, ok } from "node:assert/strict";
import { provider, row, TestMesh } from "../suites/mesh_fixture.ts";
import { batch } from "../trace/span_fixture.ts";
import { isInstalled } from "../../.ci/fixtures/process_tests.ts";

async function scrape(mesh: TestMesh): Promise<string> {
  const response = await mesh.send("/metrics");
  equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return await response.text();
}

/** A registry that has had some of everything. */
async function busy(mesh: TestMesh): Promise<void> {
  await mesh.register(provider("flight-agent-1", "flight_search"));
  await mesh.register(provider("flight-agent-1", "flight_search"));
  equal(await mesh.beat("flight-agent-1"), 200);
  equal(await mesh.beat("nobody"), 410);
  await (await mesh.post("{")).body?.cancel();
  const spans = JSON.stringify(batch("flight-agent", [{ id: 1 }, { id: 2 }]));
  await (await mesh.send("/trace/spans", { method: "POST", body: spans })).body?.cancel();
  await (await mesh.send("/agents/no%20body%22")).body?.cancel();
}

row("GET /metrics", "counts heartbeats, requests, spans, and says who is there", async (mesh) => {
  await busy(mesh);
  const text = await scrape(mesh);
  const lines = [
    'mesh_registry_heartbeats_total{kind="full",outcome="created"} 1',
    'mesh_registry_heartbeats_total{kind="full",outcome="updated"} 1',
    'mesh_registry_heartbeats_total{kind="full",outcome="malformed"} 1',
    'mesh_registry_heartbeats_total{kind="short",outcome="current"} 1',
    'mesh_registry_heartbeats_total{kind="short",outcome="gone"} 1',
    'mesh_registry_trace_spans_total{source="http",outcome="stored"} 2',
    'mesh_registry_agents{status="healthy"} 1',
    'mesh_registry_trace_waiting_spans{queue="store"} 0',
    "http_server_active_requests 1",
  ];
  for (const line of lines) ok(text.split("\n").includes(line), `${line} is not in\n${text}`);
  match(
    text,
    /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/agents\/\{id\}",http_response_status_code="404"\} 1/,
  );
  match(text, /mesh_registry_resolution_duration_seconds_count [1-9]/);
  match(text, /db_client_operation_duration_seconds_count\{.*"commit",error_type=""\} [1-9]/);
  match(text, /process_memory_usage_bytes [1-9]/);
  match(text, /mesh_event_loop_delay_seconds_count \d/);
  match(text, /target_info\{service_name="mesh-registry"/);
});

row("GET /metrics", "names what the database refused", async (mesh) => {
  mesh.database.fault = new TypeError("disk full");
  await (await mesh.post(provider("flight-agent-1", "flight_search"))).body?.cancel();
  mesh.database.fault = undefined;
  const text = await scrape(mesh);
  match(text, /mesh_registry_heartbeats_total\{kind="full",outcome="unkept"\} 1/);
  match(text, /db_client_operation_duration_seconds_count\{.*error_type="TypeError"\} [1-9]/);
});

row("GET /metrics/targets", "tells Prometheus where agents measure", async (mesh) => {
  const facts = { name: "flight-agent", namespace: "travel" };
  await mesh.register(provider("flight-agent-1", "flight_search", { ...facts, runtime: "deno" }));
  for (const [index, runtime] of ["java", "python", "typescript", "deno"].entries()) {
    const http_port = 9001 + index;
    await mesh.register(provider(`${runtime}-1`, "search", { runtime, http_port }));
  }
  await mesh.unregister("deno-1");
  const target = {
    targets: ["provider.test:9000"],
    labels: {
      __scheme__: "http",
      mesh_agent: "flight-agent",
      mesh_agent_id: "flight-agent-1",
      mesh_namespace: "travel",
    },
  };
  deepEqual(await (await mesh.send("/metrics/targets")).json(), [target]);
  deepEqual(await (await mesh.send("/metrics/targets?namespace=default")).json(), []);
});

async function promtool(text: string): Promise<string> {
  const child = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  name: "GET /metrics: promtool finds nothing to complain about (needs Debian's prometheus)",
  ignore: !isInstalled("promtool", "--version"),
  fn: async () => {
    await using mesh = await TestMesh.open();
    await busy(mesh);
    equal(await promtool(await scrape(mesh)), "");
  },
});
