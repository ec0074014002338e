import assert from "node:assert/strict";
import { once } from "node:events";
import * as z from "zod";
import { agent, joinMesh, MeshError, tool } from "../mod.ts";
import type { HeartbeatResponse } from "../protocol/registration.ts";
import { served } from "../suites/served_fixture.ts";

const Names = { names: { capability: "names", output: z.string(), required: true } } as const;

/** A registry that wires everything to one provider, if there is one. */
function registry(provider?: { readonly endpoint: string }) {
  const registered: Record<string, unknown>[] = [];
  const left = Promise.withResolvers<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "DELETE") {
      left.resolve(pathname);
      return new Response(null, { status: 204 });
    }
    if (request.method !== "POST") return new Response(null, { status: 404 });
    const body = await request.json();
    registered.push(body);
    const answer: HeartbeatResponse = {
      status: "success",
      timestamp: new Date().toISOString(),
      message: "ok",
      agent_id: body.agent_id,
      dependencies_resolved: provider === undefined ? {} : {
        app: [{
          agent_id: "names-1",
          function_name: "names",
          endpoint: provider.endpoint,
          capability: "names",
          status: "available",
        }],
      },
    };
    return Response.json(answer);
  });
  return {
    registered,
    left: left.promise,
    env: {
      MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${server.addr.port}`,
      MCP_MESH_SETTLE_TIMEOUT: "2",
      MCP_MESH_WIRING_STREAM: "false",
      MCP_MESH_LOG_LEVEL: "error",
      MCP_MESH_PROPAGATE_HEADERS: "x-tenant",
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("joinMesh() joins as api, lends what it declares, and leaves", async () => {
  const seen: unknown[] = [];
  await using provider = await served(
    agent({
      name: "names",
      tools: {
        names: tool({}, (_, { headers, trace }) => {
          seen.push([headers, trace?.traceId]);
          return "Ada";
        }),
      },
    }),
    { MCP_MESH_PROPAGATE_HEADERS: "x-tenant" },
  );
  await using mesh = registry(provider);
  {
    await using joined = await joinMesh({
      name: "node-gateway",
      port: 8123,
      dependencies: Names,
      env: mesh.env,
    });
    assert.match(joined.agentId, /^node-gateway-api-[0-9a-f]{8}$/);
    assert.equal(joined.healthPort, undefined);
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const headers = {
      "x-tenant": ["acme"],
      "x-other": "no",
      "x-none": undefined,
      "x-trace-id": trace,
    };
    // It waits for its wiring, which it does not have yet.
    const name = await joined.run(async ({ names, headers }) => {
      return `${await names()} of ${headers["x-tenant"]}`;
    }, { headers });
    assert.equal(name, "Ada of acme");
    assert.deepEqual(seen, [[{ "x-tenant": "acme" }, trace]]);
    const [registered] = mesh.registered;
    assert.partialDeepStrictEqual(registered, {
      agent_type: "api",
      name: "node-gateway",
      http_port: 8123,
      tools: [{ function_name: "app", capability: "" }],
    });
  }
  assert.match(await mesh.left, /^\/agents\/node-gateway-api-/);
});

Deno.test("joinMesh().run() throws what its work throws, and what keeps it from running", async () => {
  await using mesh = registry();
  await using joined = await joinMesh({
    name: "worker",
    dependencies: {},
    env: { ...mesh.env, MCP_MESH_CALL_TIMEOUT: "0.1" },
  });
  const mine = new RangeError("mine");
  await assert.rejects(joined.run(() => Promise.reject(mine)), (error) => error === mine);
  const coded = new MeshError("not_found", "gone");
  await assert.rejects(joined.run(() => Promise.reject(coded)), (error) => error === coded);
  await assert.rejects(joined.run(({ signal }) => once(signal, "abort")), { code: "timeout" });
  const abort = new AbortController();
  const waiting = joined.run(({ signal }) => once(signal, "abort"), { signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { code: "cancelled" });
  assert.equal(await joined.run(() => undefined), undefined);

  await using lacking = await joinMesh({
    name: "lacking",
    dependencies: Names,
    env: { ...mesh.env, MCP_MESH_SETTLE_TIMEOUT: "0" },
  });
  await assert.rejects(lacking.run(({ names }) => names()), {
    code: "dependency_unavailable",
    details: { capability: "names", dependency: "names" },
  });
});

Deno.test("joinMesh() serves the probes when it is asked to", async () => {
  await using mesh = registry();
  await using joined = await joinMesh({
    name: "worker",
    dependencies: {},
    healthPort: 0,
    healthCheck: () => ({ status: "unhealthy", errors: ["out of paper"] }),
    env: mesh.env,
  });
  const probe = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${joined.healthPort}${path}`, init);
    return [response.status, await response.json()];
  };
  assert.equal((await probe("/livez"))[0], 200);
  const [status, body] = await probe("/health");
  assert.deepEqual([status, body.errors], [503, ["out of paper"]]);
  assert.equal((await probe("/app"))[0], 404);
  assert.equal((await probe("/ready", { method: "POST" }))[0], 405);
});

Deno.test("joinMesh() refuses what is not valid", async () => {
  const bad = { code: "bad_definition" };
  await assert.rejects(joinMesh({ name: "No", dependencies: {} }), bad);
  await assert.rejects(joinMesh({ name: "a", dependencies: { x: { capability: "" } } }), bad);
});
