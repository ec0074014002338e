import { deepEqual, equal } from "node:assert/strict";
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { contextFixture } from "../app/context_fixture.ts";
import { agentInfo, fakeRegistry, mcpResult, toolInfo } from "../mesh/mesh_fixture.ts";
import { createPalette } from "../output/colour.ts";
import type { StartedMesh } from "./start_mesh.ts";
import { startReport } from "./start_report.ts";

const agents = [
  agentInfo({ name: "clock", capabilities: [toolInfo({ name: "day_time" })] }),
  agentInfo({
    name: "greeter",
    capabilities: [toolInfo({ name: "idle" }), toolInfo({ name: "greet" })],
    dependency_resolutions: [
      { function_name: "greet", capability: "day_time", status: "available" },
    ],
  }),
];

function started(infos: AgentInfo[], registry: StartedMesh["registry"]): StartedMesh {
  return {
    registry,
    unresolved: [],
    failed: [],
    agents: infos.map(({ name, id, endpoint }) => ({
      name,
      exit: undefined,
      registeredAt: 1,
      record: {
        name,
        file: `/${name}.ts`,
        pid: 1,
        phase: "registered",
        registry: registry.url,
        started_at: "",
        agent_id: id,
        endpoint,
        unresolved: [],
      },
    })),
  };
}

/** A terminal of no width and no colours. */
const PLAIN = { palette: createPalette(false) };

const inputSchema = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
};

const registry = fakeRegistry(agents, () =>
  mcpResult({
    tools: ["day_time", "idle", "greet"].map((name) => ({ name, inputSchema })),
  }));

Deno.test("startReport() shows where everything is, and a call that crosses agents", async () => {
  const { context } = contextFixture(registry);
  const mesh = started(agents, { url: "http://localhost:8000", started: true, kv: "/x.kv" });
  const { document: _, ...told } = await startReport(mesh, context, PLAIN);
  deepEqual(told, {
    summary: [
      "Registry: http://localhost:8000 (started, state in /x.kv)",
      "",
      "AGENT    ADDRESS                OFFERS",
      "clock    http://127.0.0.1:9101  day_time",
      "greeter  http://127.0.0.1:9101  idle, greet",
    ],
    warnings: [],
    calls: [`meshctl call greet '{"name":"Ada"}'`],
    pages: [],
  });
});

Deno.test("startReport() names the registry in the call when it is not the default one", async () => {
  const url = "http://localhost:9000";
  const mesh = started(agents, { url, started: false });
  const elsewhere = await startReport(mesh, contextFixture(registry).context, PLAIN);
  deepEqual(elsewhere.calls, [`meshctl call greet '{"name":"Ada"}' --registry-url ${url}`]);
  const env = { MCP_MESH_REGISTRY_URL: url };
  const known = await startReport(mesh, contextFixture({ ...registry, env }).context, PLAIN);
  deepEqual(known.calls, [`meshctl call greet '{"name":"Ada"}'`]);
});

Deno.test("startReport() shows the page of a gateway and a request to it", async () => {
  const gateway = { ...agents[0]!, name: "front", id: "front-1", capabilities: [] };
  const mesh = started([gateway], { url: "http://localhost:8000", started: false });
  const [front] = mesh.agents;
  const body = {
    type: "object",
    properties: { city: { type: "string" }, note: { type: "string" } },
    required: ["city", "note"],
    examples: [{ city: "Xi'an" }],
  };
  const routes = [{ route: "GET /" }, { route: "POST /cities/:id", body }, {
    route: "POST /plan",
    body,
  }];
  const record = { ...front!.record!, routes };
  const { summary, calls, pages } = await startReport(
    { ...mesh, agents: [{ ...front!, record }] },
    contextFixture(registry).context,
    PLAIN,
  );
  equal(summary.at(-1), "front  http://127.0.0.1:9101  GET /, POST /cities/:id, POST /plan");
  deepEqual(pages, ["http://127.0.0.1:9101/"]);
  deepEqual(
    calls.at(-1),
    "curl -X POST http://127.0.0.1:9101/plan " +
      `-H 'content-type: application/json' -d '{"city":"Xi'\\''an"}'`,
  );
});

Deno.test("startReport() makes do without an answer from the registry", async () => {
  const mesh = started(agents.slice(0, 1), { url: "http://localhost:8000", started: false });
  const { document: _, ...told } = await startReport(mesh, contextFixture().context, PLAIN);
  deepEqual(told, {
    summary: [
      "Registry: http://localhost:8000 (already running)",
      "",
      "AGENT  ADDRESS                OFFERS",
      "clock  http://127.0.0.1:9101  -",
    ],
    warnings: [],
    calls: [],
    pages: [],
  });
});

Deno.test("startReport() warns of agents that say what ails them", async () => {
  const ailing = agentInfo({
    name: "openai-provider",
    status: "unhealthy",
    health: { status: "unhealthy", errors: ["OPENAI_API_KEY is not set"] },
  });
  const { context } = contextFixture(fakeRegistry([ailing], () => mcpResult({ tools: [] })));
  const mesh = started([ailing], { url: "http://localhost:8000", started: true, kv: "/x.kv" });
  const { warnings } = await startReport(mesh, context, PLAIN);
  deepEqual(warnings, ["openai-provider is unhealthy: OPENAI_API_KEY is not set"]);
});

Deno.test("startReport() is a document too, with why an agent did not start", async () => {
  const [clock, greeter] = agents;
  const mesh = started([clock!, greeter!], { url: "http://localhost:8000", started: false });
  const [first, second] = mesh.agents;
  const gone = { ...second!, record: undefined };
  const { document } = await startReport(
    { ...mesh, agents: [first!, gone], failed: [{ name: "greeter", reason: "no such file" }] },
    contextFixture(registry).context,
    PLAIN,
  );
  deepEqual(document, {
    registry: { url: "http://localhost:8000", started: false, kv: null },
    agents: [
      {
        name: "clock",
        agent_id: clock!.id,
        endpoint: clock!.endpoint,
        pid: 1,
        tools: ["day_time"],
        routes: [],
        error: null,
      },
      {
        name: "greeter",
        agent_id: null,
        endpoint: null,
        pid: null,
        tools: [],
        routes: [],
        error: "no such file",
      },
    ],
    unresolved: [],
    warnings: ["greeter did not start: no such file"],
    calls: [`meshctl call day_time '{"name":"Ada"}'`],
    pages: [],
  });
});

Deno.test("startReport() keeps to the width of the terminal", async () => {
  const mesh = started(agents, { url: "http://localhost:8000", started: false });
  const { context } = contextFixture(registry);
  const { summary } = await startReport(mesh, context, { ...PLAIN, columns: 40 });
  deepEqual(summary.slice(2), [
    "AGENT    ADDRESS             OFFERS",
    "clock    http://127.0.0.1:…  day_time",
    "greeter  http://127.0.0.1:…  idle, greet",
  ]);
});
