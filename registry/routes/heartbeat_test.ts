import { deepEqual, equal, match } from "node:assert/strict";
import { consumer, provider, row, START } from "../suites/mesh_fixture.ts";

row("H1", "a beat of an id never seen is 410 with an empty body", async (mesh) => {
  const response = await mesh.send("/heartbeat/ghost", { method: "HEAD" });
  equal(response.status, 410);
  equal(await response.text(), "");
});

row("H2", "an agent's own registration does not wake it", async (mesh) => {
  equal((await mesh.register(consumer("a", "c"))).message, "Agent registered via heartbeat");
  equal(await mesh.beat("a"), 200);
});

row("H3, H4", "202 holds until the agent registers again", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await mesh.register(provider("b", "c"));
  equal(await mesh.beat("a"), 202);
  equal(await mesh.beat("a"), 202);
  await mesh.unregister("b");
  equal(await mesh.beat("a"), 202, "even when the reason has gone");
  equal((await mesh.register(consumer("a", "c"))).message, "Agent updated via heartbeat");
  equal(await mesh.beat("a"), 200);
});

row("H3 targeted", "a change wakes nobody it does not concern", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await mesh.register(provider("b", "other"));
  equal(await mesh.beat("a"), 200);
  await mesh.register(provider("p", "c"));
  await mesh.register(consumer("a", "c"));
  await mesh.register(provider("q", "c"));
  equal(await mesh.beat("a"), 200, "q ties with p, and p stays the choice");
});

row("H5", "a further tool of a living provider wakes its consumers only", async (mesh) => {
  await mesh.register(provider("b", "x"));
  await mesh.register(consumer("a", "c"));
  await mesh.register(consumer("z", "x"));
  await mesh.register(provider("b", ["x", "c"]));
  equal(await mesh.beat("a"), 202);
  equal(await mesh.beat("z"), 200);
});

row("H6", "a new address of a living provider wakes its consumers", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.register(consumer("a", "c"));
  await mesh.register(provider("b", "c", { http_port: 9001 }));
  equal(await mesh.beat("a"), 202);
  const told = await mesh.register(consumer("a", "c"));
  equal(told.dependencies_resolved?.["use"]?.[0]?.endpoint, "http://provider.test:9001");
});

row("H7", "an api agent that provides nothing wakes nobody", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await mesh.register({ ...consumer("g", "c"), agent_type: "api" });
  equal(await mesh.beat("a"), 200);
});

row("H8, H9", "goodbye wakes the consumers and makes the agent gone", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.register(consumer("a", "c"));
  equal(await mesh.unregister("b"), 204);
  equal(await mesh.beat("a"), 202);
  equal(await mesh.beat("b"), 410);
});

row("H10", "goodbye of an unknown id, and twice", async (mesh) => {
  await mesh.register(provider("b", "c"));
  equal(await mesh.unregister("ghost"), 204);
  equal(await mesh.unregister("b"), 204);
  equal(await mesh.unregister("b"), 204);
});

row("H11", "goodbye of a dead agent is recorded and wakes nobody", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.unregister("b");
  await mesh.register(consumer("a", "c"));
  await mesh.unregister("b");
  equal((await mesh.events("?type=unregister")).length, 2);
  equal(await mesh.beat("a"), 200);
});

row("H12", "a dead agent recovers by registering", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.unregister("b");
  await mesh.register(consumer("a", "c"));
  const told = await mesh.register(provider("b", "c"));
  equal(told.status, "success");
  equal(told.message, "Agent updated via heartbeat");
  const [event] = await mesh.events("?agent_id=b&limit=1");
  equal(event?.event_type, "register");
  equal(event?.data?.["reason"], "recovery");
  equal(event?.data?.["transition_type"], "unhealthy_to_healthy");
  equal(await mesh.beat("b"), 200);
  equal(await mesh.beat("a"), 202);
});

row("H13", "a beat of a dead agent changes nothing", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.unregister("b");
  const before = await mesh.agent("b");
  mesh.now += 1000;
  equal(await mesh.beat("b"), 410);
  deepEqual(await mesh.agent("b"), before);
});

row("H14", "a beat moves last_seen", async (mesh) => {
  await mesh.register(provider("b", "c"));
  mesh.now = START + 5000;
  equal(await mesh.beat("b"), 200);
  equal((await mesh.agent("b")).last_seen, new Date(START + 5000).toISOString());
});

const refusedBodies: [id: string, body: string, error: RegExp][] = [
  ["H16", "{bad", /^Invalid JSON payload: /],
  ["H16 empty", "", /^Invalid JSON payload: /],
  ["H16 array", "[]", /^Invalid JSON payload: expected object/],
  ["H17", "{}", /^agent_id is required$/],
  ["H17 empty", '{"agent_id":""}', /^agent_id is required$/],
  ["H27", '{"agent_id":"x","http_port":"99"}', /^Invalid JSON payload: http_port: /],
  ["H27 range", '{"agent_id":"x","http_port":70000}', /^Invalid JSON payload: http_port: .*70000/],
  ["H27 fraction", '{"agent_id":"x","http_port":1.5}', /^Invalid JSON payload: http_port: /],
  ["host", '{"agent_id":"x","http_host":"a b"}', /^Invalid JSON payload: http_host: .*"a b"/],
  ["host path", '{"agent_id":"x","http_host":"a/b"}', /^Invalid JSON payload: http_host: /],
  [
    "H46",
    '{"agent_id":"x","tools":[{"function_name":"f","capability":"c","dependencies":["a"]}]}',
    /^Invalid JSON payload: tools\[0\]\.dependencies\[0\]: /,
  ],
  [
    "H46 list",
    '{"agent_id":"x","tools":[{"function_name":"f","capability":"c","dependencies":[[{}]]}]}',
    /^Invalid JSON payload: tools\[0\]\.dependencies\[0\]: /,
  ],
  [
    "H47",
    '{"agent_id":"x","tools":[{"llm_provider":{"capability":"llm","tags":[["a"]]}}]}',
    /^Invalid JSON payload: tools\[0\]\.llm_provider\.tags\[0\]: /,
  ],
];
for (const [id, body, error] of refusedBodies) {
  row(id, `${body || "nothing"} is 400 and names what is wrong`, async (mesh) => {
    const response = await mesh.post(body);
    equal(response.status, 400);
    match((await response.json()).error, error);
    deepEqual(await mesh.agents(), []);
  });
}

row("H18, H19", "an id is enough, and tools may be null", async (mesh) => {
  equal((await mesh.register({ agent_id: "x" })).status, "success");
  equal((await mesh.register({ agent_id: "y", tools: null })).status, "success");
  deepEqual((await mesh.agents()).map(({ capabilities }) => capabilities), [[], []]);
});

const refusedAgents: [id: string, agent: Record<string, unknown>, message: RegExp][] = [
  ["H20", { agent_id: "Bad_ID" }, /^validation failed: agent_id: agent_id must contain only /],
  ["H20 long", { agent_id: "x".repeat(254) }, /^validation failed: agent_id: .*253/],
  ["H21", { agent_id: "x", name: "Bad Name" }, /^validation failed: name: /],
  ["H21 long", { agent_id: "x", name: "n".repeat(64) }, /^validation failed: name: .*63/],
  ["H21 hyphen", { agent_id: "x", name: "-n" }, /^validation failed: name: /],
  ["H23", { agent_id: "x", namespace: "Bad NS" }, /^validation failed: namespace: /],
  ["H24", { agent_id: "x", runtime: "cobol" }, /invalid enum value for runtime field: "cobol"/],
  ["H25", { agent_id: "x", agent_type: "weird" }, /invalid enum value for agent_type field/],
];
for (const [id, agent, message] of refusedAgents) {
  row(id, `a refused registration is 200 with status error and stores nothing`, async (mesh) => {
    const response = await mesh.post(agent);
    equal(response.status, 200);
    const body = await response.json();
    equal(body.status, "error");
    equal(body.agent_id, agent["agent_id"]);
    match(body.message, message);
    equal("dependencies_resolved" in body, false);
    deepEqual(await mesh.agents(), []);
  });
}

row("long version", "texts that events carry are bounded", async (mesh) => {
  const told = await mesh.register({ agent_id: "x", version: "9".repeat(256) });
  equal(
    told.message,
    "validation failed: version: version must be at most 255 characters, got 256",
  );
  await mesh.register({ agent_id: "x" });
  match((await mesh.register({ agent_id: "x", name: "n".repeat(256) })).message, /^validation/);
});

row("H22", "an existing agent's name is not checked again", async (mesh) => {
  await mesh.register({ agent_id: "x" });
  equal((await mesh.register({ agent_id: "x", name: "BAD NAME" })).status, "success");
});

row("H24 existing", "a refused refresh changes nothing", async (mesh) => {
  await mesh.register(provider("x", "c"));
  const before = await mesh.agent("x");
  equal((await mesh.register({ agent_id: "x", runtime: "cobol" })).status, "error");
  deepEqual(await mesh.agent("x"), before);
});

for (const runtime of ["python", "typescript", "java", "deno"]) {
  row("H24 known", `${runtime} is a runtime`, async (mesh) => {
    equal((await mesh.register({ agent_id: "x", runtime })).status, "success");
    equal((await mesh.agent("x")).runtime, runtime);
  });
}

row("H26", "legacy agent types are stored", async (mesh) => {
  equal((await mesh.register({ agent_id: "x", agent_type: "mesh_tool" })).status, "success");
});

row("H28", "unknown fields are ignored", async (mesh) => {
  await mesh.post({ agent_id: "x", status: "degraded", llm_agents: [1] });
  equal((await mesh.agent("x")).status, "healthy");
});

const descriptions: [id: string, given: string | undefined, kept: string, warning?: string][] = [
  ["H29", "d".repeat(300), "d".repeat(256), "description truncated from 300 to 256 chars"],
  ["H30", "d".repeat(256), "d".repeat(256)],
  ["H31", `  ${"d".repeat(260)} `, "d".repeat(256), "description truncated from 260 to 256 chars"],
  ["H32", "é".repeat(300), "é".repeat(256), "description truncated from 300 to 256 chars"],
  ["H32 astral", "🛫".repeat(300), "🛫".repeat(256), "description truncated from 300 to 256 chars"],
  ["H32 fits", "🛫".repeat(200), "🛫".repeat(200)],
  ["H33", undefined, ""],
];
for (const [id, given, kept, warning] of descriptions) {
  row(id, `description of ${given?.length ?? 0} units`, async (mesh) => {
    const told = await mesh.register({ agent_id: "x", description: given });
    deepEqual(told.warnings, warning && [warning]);
    equal((await mesh.agent("x")).description, kept);
  });
}

row("H34, H35", "nameless tools are skipped, versions default", async (mesh) => {
  await mesh.register({
    agent_id: "x",
    tools: [{ function_name: "f" }, { capability: "c" }, { function_name: "g", capability: "d" }],
  });
  deepEqual(
    (await mesh.agent("x")).capabilities?.map(({ name, version }) => [name, version]),
    [["d", "1.0.0"]],
  );
});

row("H36", "a2a flags and description are kept when absent", async (mesh) => {
  await mesh.register({ agent_id: "x", a2a_producer: true, description: "said" });
  await mesh.register({ agent_id: "x" });
  const kept = await mesh.agent("x");
  deepEqual([kept.a2a_producer, kept.description], [true, "said"]);
  await mesh.register({ agent_id: "x", a2a_producer: false, description: "" });
  const cleared = await mesh.agent("x");
  deepEqual([cleared.a2a_producer, cleared.description], [false, ""]);
});

row("H37", "a refresh without tools removes them and wakes their consumers", async (mesh) => {
  await mesh.register(provider("b", "c"));
  await mesh.register(consumer("a", "c"));
  await mesh.register({ agent_id: "b" });
  deepEqual((await mesh.agent("b")).capabilities, []);
  equal(await mesh.beat("a"), 202);
});

row("H38, H39", "fields that are sent are taken, back to a default too", async (mesh) => {
  await mesh.register({ agent_id: "x", runtime: "typescript", name: "n1", agent_type: "api" });
  await mesh.register({ agent_id: "x", runtime: "python", name: "x", agent_type: "mcp_agent" });
  const { runtime, name, agent_type } = await mesh.agent("x");
  deepEqual([runtime, name, agent_type], ["python", "x", "mcp_agent"]);
});

row("H40", "an empty host, port 0 and an empty version keep what is known", async (mesh) => {
  await mesh.register(provider("b", "c", { version: "2" }));
  await mesh.register(provider("b", "c", { http_host: "", http_port: 0, version: "" }));
  const { endpoint, version } = await mesh.agent("b");
  deepEqual([endpoint, version], ["http://provider.test:9000", "2"]);
});

row("H41", "a namespace can change, and isolates", async (mesh) => {
  await mesh.register(provider("b", "c", { namespace: "prod" }));
  const told = await mesh.register({ ...consumer("a", "c"), namespace: "prod" });
  equal(told.dependencies_resolved?.["use"]?.[0]?.agent_id, "b");
  await mesh.register(provider("b", "c", { namespace: "stage" }));
  equal(await mesh.beat("a"), 202);
  deepEqual((await mesh.agents("?namespace=stage")).map(({ id }) => id), ["b"]);
});

row("H42, R11, R13", "a required cycle is refused and changes nothing", async (mesh) => {
  const requiring = (id: string, capability: string, required: string) => ({
    agent_id: id,
    tools: [{
      function_name: "f",
      capability,
      dependencies: [{ capability: required, required: true }],
    }],
  });
  await mesh.register(requiring("a", "A", "B"));
  const told = await mesh.register(requiring("b", "B", "A"));
  equal(told.message, "required dependency cycle: A → B → A");
  equal(told.status, "error");
  deepEqual((await mesh.agents()).map(({ id }) => id), ["a"]);
  await mesh.register(provider("b", "B"));
  const before = await mesh.agent("b");
  equal((await mesh.register(requiring("b", "B", "A"))).status, "error");
  deepEqual(await mesh.agent("b"), before);
});

row("H43", "kwargs reach the consumer as they are", async (mesh) => {
  const kwargs = { timeout: 30, deep: { list: [1, null, true] }, text: "é" };
  await mesh.register({
    agent_id: "b",
    tools: [{ function_name: "f", capability: "c", kwargs }],
  });
  const told = await mesh.register(consumer("a", "c"));
  deepEqual(told.dependencies_resolved?.["use"]?.[0]?.kwargs, kwargs);
});

row("H44", "two tools of one name are both listed", async (mesh) => {
  const tool = { function_name: "f", capability: "c" };
  await mesh.register({ agent_id: "b", tools: [tool, tool] });
  equal((await mesh.agent("b")).capabilities?.length, 2);
});

row("H45, D1", "two tools of one name share a key, placeholders keep positions", async (mesh) => {
  await mesh.register(provider("b", ["c", "d"]));
  const tool = (capability: string, wanted: string[]) => ({
    function_name: "f",
    capability,
    dependencies: wanted.map((capability) => ({ capability })),
  });
  const told = await mesh.register({
    agent_id: "a",
    tools: [tool("x", ["c", "missing"]), tool("y", ["d"])],
  });
  deepEqual(
    told.dependencies_resolved?.["f"]?.map(({ agent_id, capability, status }) => [
      agent_id,
      capability,
      status,
    ]),
    [["b", "c", "available"], ["", "missing", "unresolved"], ["b", "d", "available"]],
  );
});

row("D2", "an agent without dependencies is told none", async (mesh) => {
  const told = await mesh.register(provider("b", "c"));
  deepEqual([told.dependencies_resolved, told.llm_tools], [{}, {}]);
  equal("llm_providers" in told, false);
});

row("D4", "an agent may depend on itself", async (mesh) => {
  const told = await mesh.register({
    agent_id: "a",
    tools: [
      { function_name: "f", capability: "c" },
      { function_name: "g", capability: "d", dependencies: [{ capability: "c" }] },
    ],
  });
  equal(told.dependencies_resolved?.["g"]?.[0]?.agent_id, "a");
  equal(await mesh.beat("a"), 200);
});

row("D6, D7", "addresses are passed on as registered", async (mesh) => {
  await mesh.register(provider("b", "c", { http_host: "0.0.0.0" }));
  await mesh.register({ ...provider("s", "d"), http_host: "", http_port: 0 });
  await mesh.register(provider("v", "e", { http_host: "::1" }));
  const told = await mesh.register(consumer("a", "c", "d", "e"));
  deepEqual(
    told.dependencies_resolved?.["use"]?.map(({ endpoint }) => endpoint),
    ["http://0.0.0.0:9000", "stdio://s", "http://[::1]:9000"],
  );
});

row("R3, R9", "a far provider's coming wakes the consumer of what requires it", async (mesh) => {
  const link = (id: string, capability: string, required: string) => ({
    agent_id: id,
    tools: [{
      function_name: capability,
      capability,
      dependencies: [{ capability: required, required: true }],
    }],
  });
  await mesh.register(link("x", "X", "Y"));
  await mesh.register(link("y", "Y", "Z"));
  await mesh.register(consumer("a", "X"));
  await mesh.register(consumer("other", "Q"));
  await mesh.register(provider("z", "Z"));
  equal(await mesh.beat("a"), 202);
  equal(await mesh.beat("other"), 200);
  await mesh.register(consumer("a", "X"));
  await mesh.unregister("z");
  equal(await mesh.beat("a"), 202);
});

row("A29", "surfaces are answered when sent, half ones dropped", async (mesh) => {
  const told = await mesh.register({
    agent_id: "s",
    agent_type: "a2a",
    surfaces: [{ path: "/p", skill_id: "k" }, { path: "/q" }],
  });
  deepEqual(told.surfaces, [{ path: "/p", skill_id: "k" }]);
  const without = await mesh.register({ agent_id: "s", surfaces: [{ path: "/q" }] });
  equal("surfaces" in without, false);
});

row("L15", "an LLM's tool list that changes wakes its agent", async (mesh) => {
  const agent = (filter: unknown[], filter_mode: string) => ({
    agent_id: "a",
    tools: [{ function_name: "chat", capability: "chat", llm_filter: { filter, filter_mode } }],
  });
  const offering = (id: string, description: string) => ({
    agent_id: id,
    tools: [{ function_name: id, capability: "c", description, inputSchema: {} }],
  });
  for (const filter of [["c"], ["*"], [{ tags: [] }]]) {
    await mesh.register(agent(filter, "all"));
    equal(await mesh.beat("a"), 200);
    await mesh.register(offering("p", "one"));
    equal(await mesh.beat("a"), 202, `${JSON.stringify(filter)}: a tool came`);
    const told = await mesh.register(agent(filter, "all"));
    deepEqual(told.llm_tools?.["chat"]?.map(({ name }) => name), ["p"]);
    await mesh.register(offering("p", "two"));
    equal(await mesh.beat("a"), 202, `${JSON.stringify(filter)}: its description changed`);
    await mesh.register(agent(filter, "all"));
    await mesh.unregister("p");
    equal(await mesh.beat("a"), 202, `${JSON.stringify(filter)}: it went`);
    await mesh.register(agent(filter, "all"));
  }
});

row("L17", "an LLM provider that comes wakes its consumer", async (mesh) => {
  const agent = {
    agent_id: "a",
    tools: [{ function_name: "f", capability: "x", llm_provider: { capability: "llm" } }],
  };
  await mesh.register(agent);
  await mesh.register({
    agent_id: "p",
    tools: [{ function_name: "process_chat", capability: "llm", inputSchema: {} }],
  });
  equal(await mesh.beat("a"), 202);
  equal((await mesh.register(agent)).llm_providers?.["f"]?.agent_id, "p");
});
