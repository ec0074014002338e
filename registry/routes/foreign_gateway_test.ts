/**
 * Gateways and A2A consumers of the reference: their routes are tools with dependencies and an empty
 * capability.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { provider, row } from "../suites/mesh_fixture.ts";

const planner = provider("planner-x1", "trip_planning", { name: "planner-agent" });

/** As the reference's Python SDK writes a gateway with one route. */
const gateway = {
  agent_id: "api-eee6a813",
  name: "trip-planner-gateway",
  agent_type: "api",
  version: "1.0.0",
  http_host: "127.0.0.1",
  http_port: 8080,
  namespace: "default",
  status: "healthy",
  runtime: "python",
  tools: [{
    function_name: "POST:/plan",
    capability: "",
    version: "1.0.0",
    dependencies: [{ capability: "trip_planning" }],
  }],
  a2a_producer: false,
  a2a_consumer: false,
} satisfies RegistrationInput & { status: string };

for (const agent_type of ["api", "a2a", "mcp_agent"]) {
  const id = `routes of type ${agent_type}`;
  const registration = { ...gateway, agent_type };

  row(id, "are wired and listed, and offer nothing", async (mesh) => {
    await mesh.register(planner);
    const told = await mesh.register(registration);
    const [entry] = told.dependencies_resolved?.["POST:/plan"] ?? [];
    deepEqual([entry?.agent_id, entry?.status], ["planner-x1", "available"]);
    await mesh.restart();
    const listed = await mesh.agent(gateway.agent_id);
    deepEqual(
      [listed.dependencies_resolved, listed.total_dependencies, listed.capabilities],
      [1, 1, []],
    );
    deepEqual(
      listed.dependency_resolutions?.map(({ function_name, capability, status }) => [
        function_name,
        capability,
        status,
      ]),
      [["POST:/plan", "trip_planning", "available"]],
    );
  });

  row(id, "are woken when their provider comes and goes", async (mesh) => {
    const before = await mesh.register(registration);
    equal(before.dependencies_resolved?.["POST:/plan"]?.[0]?.status, "unresolved");
    equal(await mesh.beat(gateway.agent_id), 200);
    await mesh.register(planner);
    equal(await mesh.beat(gateway.agent_id), 202);
    await mesh.register(registration);
    await mesh.unregister("planner-x1");
    equal(await mesh.beat(gateway.agent_id), 202);
  });

  row(id, "are explained", async (mesh) => {
    await mesh.register(planner);
    await mesh.register(registration);
    const query = "agent=trip-planner&dependency=trip&function=POST:/plan";
    const { resolved, sentences } = await (await mesh.send(`/why?${query}`)).json();
    ok(resolved);
    match(sentences[0], /^POST:\/plan of api-eee6a813 asks for "trip_planning", in/);
  });

  row(id, "are nobody's provider, whatever is asked for", async (mesh) => {
    const inputSchema = { type: "object" };
    await mesh.register({
      ...registration,
      tools: gateway.tools.map((tool) => ({ ...tool, inputSchema })),
    });
    const told = await mesh.register({
      agent_id: "asker",
      tools: [{
        function_name: "use",
        capability: "used",
        dependencies: [{ capability: "" }],
        llm_filter: { filter: ["*", "", { capability: "" }, {}], filter_mode: "all" },
        llm_provider: { capability: "" },
      }],
    });
    equal(told.dependencies_resolved?.["use"]?.[0]?.status, "unresolved");
    deepEqual(told.llm_tools, { use: [] });
    equal(told.llm_providers, undefined);
  });

  row(id, "go silent without a word about a capability", async (mesh) => {
    await mesh.register(registration);
    mesh.now += 60_000;
    equal((await mesh.agent(gateway.agent_id)).status, "unhealthy");
    deepEqual(mesh.log, []);
  });
}

row("routes", "ask for language models like tools do", async (mesh) => {
  await mesh.register({
    ...provider("gpt", "llm"),
    tools: [{ function_name: "ask_gpt", capability: "llm", inputSchema: { type: "object" } }],
  });
  const told = await mesh.register({
    ...gateway,
    tools: [{
      function_name: "POST:/chat",
      capability: "",
      llm_provider: { capability: "llm" },
      llm_filter: { filter: [{ capability: "llm" }], filter_mode: "all" },
    }],
  });
  equal(told.llm_providers?.["POST:/chat"]?.name, "ask_gpt");
  deepEqual(told.llm_tools?.["POST:/chat"]?.map(({ name }) => name), ["ask_gpt"]);
  const { llm_provider_resolutions } = await mesh.agent(gateway.agent_id);
  deepEqual(llm_provider_resolutions?.map(({ status }) => status), ["available"]);
});
