import assert from "node:assert/strict";
import * as z from "zod";
import { agentConfig } from "../node/config.ts";
import { registration } from "../wiring/registration.ts";
import { agent, gateway, route, tool } from "../mod.ts";
import { testMesh } from "../testing/mod.ts";

const offline = { permissions: "none" as const };

const refused: [name: string, declare: () => unknown, message: RegExp][] = [
  ["nothing to answer", () => gateway({ name: "g" }), /gateway "g" answers nothing/],
  ["no route at all", () => gateway({ name: "g", routes: {} }), /answers nothing/],
  ["a bad name", () => gateway({ name: "G", routes: { "GET /": () => 1 } }), /agent name "G"/],
  [
    "a bad route",
    // @ts-expect-error the compiler refuses it as well
    () => gateway({ name: "g", routes: { "/": () => 1 } }),
    /route "\/" is not valid/,
  ],
  [
    "routes that answer the same",
    () => gateway({ name: "g", routes: { "GET /:a": () => 1, "GET /:b": () => 1 } }),
    /"GET \/:a" and "GET \/:b" answer the same/,
  ],
  [
    "a dependency with a reserved name",
    // @ts-expect-error the compiler refuses it as well
    () => route({ dependencies: { signal: { capability: "x" } } }, () => 1),
    /cannot be called "signal"/,
  ],
  [
    "a dependency of its application without a capability",
    () =>
      gateway({
        name: "g",
        dependencies: { x: { capability: "" } },
        fetch: () => new Response(),
      }),
    /dependency "x" names no capability/,
  ],
];
for (const [name, declare, message] of refused) {
  Deno.test(`gateway() refuses ${name}`, () => {
    assert.throws(declare, { code: "bad_definition", message });
  });
}

const planner = {
  planTrip: { capability: "trip_planning", tags: ["+fast"], output: z.string(), required: true },
} as const;

Deno.test(
  "a gateway registers as api, with what its routes depend on and nothing else",
  offline,
  () => {
    const { manifest } = gateway({
      name: "front",
      version: "2.0.0",
      routes: {
        "GET /health": () => ({ status: "healthy" }),
        "POST /plan": route(
          { description: "Plan a trip", body: z.object({ to: z.string() }), dependencies: planner },
          ({ body }, { planTrip }) => planTrip(body),
        ),
      },
      dependencies: { history: { capability: "chat_history" } },
      fetch: () => new Response(),
    });
    const address = {
      agentId: "front-1",
      name: "front",
      namespace: "default",
      host: "127.0.0.1",
      port: 8080,
      runtime: "deno",
    };
    assert.deepEqual(registration(manifest(), address), {
      agent_id: "front-1",
      agent_type: "api",
      name: "front",
      version: "2.0.0",
      description: "",
      http_host: "127.0.0.1",
      http_port: 8080,
      namespace: "default",
      runtime: "deno",
      tools: [
        {
          function_name: "POST /plan",
          capability: "",
          description: "Plan a trip",
          dependencies: [{ capability: "trip_planning", tags: ["+fast"], required: true }],
        },
        {
          function_name: "fetch",
          capability: "",
          description: "",
          dependencies: [{ capability: "chat_history" }],
        },
      ],
    });
  },
);

Deno.test("the id of a gateway says that it is one", () => {
  const idOf = (name: string, env = {}) =>
    agentConfig(env, gateway({ name, routes: { "GET /": () => 1 } }).manifest()).agentId;
  assert.match(idOf("front"), /^front-api-[0-9a-f]{8}$/);
  assert.match(idOf("my-api"), /^my-api-[0-9a-f]{8}$/);
  assert.match(idOf("front", { MCP_MESH_AGENT_NAME: "other" }), /^other-api-[0-9a-f]{8}$/);
  assert.equal(idOf("front", { MCP_MESH_AGENT_ID: "fixed" }), "fixed");
});

Deno.test("a gateway joins a mesh in memory", offline, async () => {
  await using mesh = testMesh();
  const front = await mesh.join(
    gateway({
      name: "front",
      routes: {
        "POST /plan": route(
          { body: z.object({ to: z.string() }), dependencies: planner },
          async ({ body }, { planTrip }) => ({ result: await planTrip(body) }),
        ),
      },
    }),
    { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } },
  );
  const plan = () =>
    front.fetch("/plan", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"to":"Tokyo"}',
    });
  assert.equal((await plan()).status, 503);
  const provider = await mesh.fake(
    "trip_planning",
    ({ to }: Record<string, unknown>) => `To ${to}`,
  );
  assert.deepEqual(await (await plan()).json(), { result: "To Tokyo" });
  await provider.leave();
  assert.equal((await plan()).status, 503);
});

Deno.test("an application gets what no route answers, with its dependencies", offline, async () => {
  await using mesh = testMesh();
  await mesh.fake("greeting", "Hello");
  const front = await mesh.join(gateway({
    name: "front",
    routes: { "GET /own": () => "own" },
    dependencies: { greet: { capability: "greeting", output: z.string(), required: true } },
    fetch: async (request, { greet, signal }) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/nothing" || pathname === "/health") {
        return new Response("none", { status: 404 });
      }
      return new Response(
        `${await greet({}, { signal })} ${request.method} ${await request.text()}`,
      );
    },
  }));
  const text = async (path: string, init?: RequestInit) =>
    await (await front.fetch(path, init)).text();
  assert.equal(await text("/own"), '"own"');
  assert.equal(await text("/other", { method: "PUT", body: "x" }), "Hello PUT x");
  assert.equal(await text("/own", { method: "DELETE" }), "Hello DELETE ");
  assert.equal(await text("/nothing"), "none");
  // It has no health of its own; whether the process lives it is not asked at all.
  assert.match(await text("/health"), /"status":"healthy"/);
  assert.match(await text("/livez"), /"alive":true/);
});

Deno.test("a health of one's own goes before the runtime's", offline, async () => {
  await using mesh = testMesh();
  const mine = () => ({ status: "mine" });
  const routed = await mesh.join(gateway({ name: "routed", routes: { "GET /health": mine } }));
  assert.deepEqual(await (await routed.fetch("/health")).json(), { status: "mine" });
  assert.equal((await routed.fetch("/ready")).status, 200);
  const wrapped = await mesh.join(gateway({ name: "wrapped", fetch: () => Response.json(mine()) }));
  assert.deepEqual(await (await wrapped.fetch("/health")).json(), { status: "mine" });
  assert.match(await (await wrapped.fetch("/ready")).text(), /"ready":true/);
});

Deno.test("a required dependency is waited for right after joining", offline, async () => {
  await using mesh = testMesh();
  const front = await mesh.join(gateway({
    name: "front",
    routes: { "GET /": route({ dependencies: planner }, (_, { planTrip }) => planTrip()) },
  }));
  const waiting = front.fetch("/");
  await mesh.join(agent({
    name: "planner",
    tools: { plan: tool({ capability: "trip_planning" }, () => "planned") },
  }));
  assert.equal(await (await waiting).json(), "planned");
});

const guarded: [env: Record<string, string>, host: string, status: number][] = [
  [{}, "localhost:8080", 200],
  [{}, "evil.example", 403],
  [{ MCP_MESH_ALLOWED_HOSTS: "trips.example" }, "trips.example", 200],
  [{ HOST: "0.0.0.0" }, "trips.example", 200],
  [{ HOST: "0.0.0.0", MCP_MESH_ALLOWED_HOSTS: "trips.example" }, "trips.example", 200],
  [{ HOST: "0.0.0.0", MCP_MESH_ALLOWED_HOSTS: "trips.example" }, "evil.example", 403],
];
for (const [env, host, status] of guarded) {
  Deno.test(`a gateway with ${JSON.stringify(env)} answers ${host} with ${status}`, async () => {
    await using mesh = testMesh();
    const front = await mesh.join(
      gateway({ name: "front", routes: { "GET /": () => 1 } }),
      { env: { MCP_MESH_HTTP_HOST: "127.0.0.1", ...env } },
    );
    const response = await front.fetch("/", { headers: { host } });
    assert.equal(response.status, status);
  });
}
