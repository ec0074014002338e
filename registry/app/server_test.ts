import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { isMeshError } from "../../runtime/base/errors.ts";
import { AgentListSchema } from "../../runtime/protocol/listing.ts";
import { consumer, provider } from "../suites/mesh_fixture.ts";
import { spawned, temporaryDatabase } from "../suites/process_fixture.ts";
import { type RunningRegistry, type ServeOptions, serveRegistry } from "./server.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

function serve(options: Partial<ServeOptions> = {}): Promise<RunningRegistry> {
  return serveRegistry({ host: "127.0.0.1", port: 0, kv: ":memory:", env: {}, ...options });
}

async function register(url: string, agent: unknown): Promise<string> {
  const response = await fetch(`${url}/heartbeat`, { method: "POST", body: JSON.stringify(agent) });
  return (await response.json()).status;
}

async function listed(url: string) {
  const response = await fetch(`${url}/agents`);
  return AgentListSchema.parse(await response.json()).agents;
}

Deno.test("serveRegistry() answers on a port the system chose, until it is shut down", async () => {
  const registry = await serve();
  match(registry.url, new RegExp(`^http://127\\.0\\.0\\.1:${registry.port}$`));
  equal(await register(registry.url, provider("p", "c")), "success");
  equal((await listed(registry.url)).length, 1);
  await registry.shutdown();
  await registry.finished;
  await rejects(fetch(registry.url));
});

const hasIpv6 = Deno.networkInterfaces().some(({ address }) => address === "::1");

Deno.test({
  name:
    "serveRegistry() on :: is there for both families, and knows programs of this machine in both",
  ignore: !hasIpv6,
  fn: async () => {
    await using registry = await serve({ host: "::" });
    equal(registry.url, `http://[::]:${registry.port}`);
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const response = await fetch(`http://${host}:${registry.port}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
      equal(`${host} ${response.status}`, `${host} 200`);
      await response.body?.cancel();
    }
  },
});

Deno.test("serveRegistry() refuses a taken port, naming it", async () => {
  await using first = await serve();
  await using database = await temporaryDatabase();
  const second = serveRegistry({
    host: "127.0.0.1",
    port: first.port,
    kv: database.path,
    env: {},
  });
  await rejects(second, (error) => {
    equal(isMeshError(error, "port_taken"), true);
    match(String(error), new RegExp(`port ${first.port} of 127\\.0\\.0\\.1 is taken`));
    return true;
  });
  await rejects(Deno.stat(database.path), Deno.errors.NotFound, "no database was touched");
});

Deno.test("serveRegistry() refuses a database that is none, naming it", async () => {
  await using database = await temporaryDatabase();
  const path = database.path.replace(/\/not.*/, "/registry.kv");
  await Deno.writeTextFile(path, "this is not a database, though it is long enough".repeat(100));
  const start = serveRegistry({ host: "127.0.0.1", port: 0, kv: path, env: {} });
  await rejects(start, (error) => {
    equal(isMeshError(error, "kv_unavailable"), true);
    equal(String(error).includes(path), true);
    return true;
  });
});

/** The status of a path of a registry that is called by a name. */
async function statusBy(name: string, path: string, port: number): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  return Number(answer.match(/^HTTP\/1\.1 (\d+) /)?.[1]);
}

Deno.test("serveRegistry() on loopback answers to no foreign name", async () => {
  await using registry = await serve();
  equal(await statusBy("evil.test", "/agents", registry.port), 403);
});

Deno.test("serveRegistry() on a network answers to the names it has there, /mcp to this machine's", async () => {
  await using registry = await serve({ host: "0.0.0.0" });
  for (const name of ["registry", "registry.mesh.svc.cluster.local:8000", "10.1.2.3"]) {
    equal(await statusBy(name, "/agents", registry.port), 200);
  }
  equal(await statusBy("registry.mesh.svc", "/mcp", registry.port), 403);
});

Deno.test("a proxied stream reaches the caller as it comes, and ends when the caller leaves", async () => {
  const ended = Promise.withResolvers<void>();
  await using agent = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: () => ended.resolve(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using registry = await serve();
  const { port } = agent.addr;
  await register(registry.url, provider("p", "c", { http_host: "127.0.0.1", http_port: port }));
  const response = await fetch(`${registry.url}/proxy/p:${port}/mcp`, {
    method: "POST",
    body: "{}",
  });
  const reader = response.body?.getReader();
  equal(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
  await reader?.cancel();
  await ended.promise;
});

Deno.test("shutdown() ends streams under way and says so", async () => {
  const headers = { "content-type": "text/event-stream" };
  await using agent = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      });
      return new Response(body, { headers });
    },
  );
  const registry = await serve({ env: { MCP_MESH_SHUTDOWN_TIMEOUT: "0.1" } });
  const { port } = agent.addr;
  await register(registry.url, provider("p", "c", { http_host: "127.0.0.1", http_port: port }));
  const response = await fetch(`${registry.url}/proxy/p:${port}/mcp`, { method: "POST" });
  const text = response.text();
  await registry.shutdown();
  match(await text, /^data: 1\n\ndata: .*the call may have run: the registry stopped.*\n\n$/);
});

Deno.test("shutdown() lets calls through the registry finish", async () => {
  const [begun, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using agent = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async () => {
      begun.resolve();
      await finish.promise;
      return Response.json({ jsonrpc: "2.0", id: 1, result: {} });
    },
  );
  const registry = await serve();
  const { port } = agent.addr;
  await register(registry.url, provider("p", "c", { http_host: "127.0.0.1", http_port: port }));
  const answer = fetch(`${registry.url}/proxy/p:${port}/mcp`, { method: "POST" });
  await begun.promise;
  const stopped = registry.shutdown();
  finish.resolve();
  equal((await answer).status, 200);
  await (await answer).body?.cancel();
  await stopped;
});

processTest("the process stops on SIGTERM with status 0 and keeps the last beat", async () => {
  await using database = await temporaryDatabase();
  const first = await spawned(database.path);
  await register(first.url, provider("p", "c"));
  await (await fetch(`${first.url}/heartbeat/p`, { method: "HEAD" })).body?.cancel();
  const seen = (await listed(first.url))[0]?.last_seen;
  first.kill("SIGTERM");
  const { code, errors } = await first.ended();
  deepEqual([code, errors], [0, ""]);

  await using second = await serveRegistry({
    host: "127.0.0.1",
    port: 0,
    kv: database.path,
    env: {},
  });
  equal((await listed(second.url))[0]?.last_seen, seen);
});

processTest("the process killed under load loses no agent it has answered", async () => {
  await using database = await temporaryDatabase();
  const first = await spawned(database.path);
  const answered: string[] = [];
  const agents = Array.from({ length: 50 }, (_, index) => index);
  const load = agents.map(async (index) => {
    const offers = provider(`p-${index}`, `c-${index}`, { http_port: 1 + index });
    if (await register(first.url, offers) === "success") answered.push(`p-${index}`);
    // Then change and beat until the registry is gone.
    for (let port = 100;; port++) {
      await register(first.url, { ...offers, http_port: port });
      if (port > 105 && answered.length === agents.length) first.kill("SIGKILL");
    }
  });
  const outcomes = await Promise.allSettled(load);
  equal(outcomes.every(({ status }) => status === "rejected"), true, "the registry was killed");
  equal((await first.ended()).signal, "SIGKILL");
  equal(answered.length, agents.length);

  await using second = await serveRegistry({
    host: "127.0.0.1",
    port: 0,
    kv: database.path,
    env: {},
  });
  const found = await listed(second.url);
  deepEqual(found.map(({ id }) => id).sort(), answered.sort());
  equal(found.every(({ status, capabilities }) => status === "healthy" && capabilities), true);
  const wants = consumer("a", ...agents.map((index) => `c-${index}`));
  const response = await fetch(`${second.url}/heartbeat`, {
    method: "POST",
    body: JSON.stringify(wants),
  });
  const told = (await response.json()).dependencies_resolved.use;
  deepEqual(
    told.map(({ agent_id }: { agent_id: string }) => agent_id),
    agents.map((index) => `p-${index}`),
  );
});

const usageErrors: [args: string[], said: RegExp][] = [
  [["--port", "99999"], /^PORT="99999" cannot be used/],
  [["--colour"], /--colour[\s\S]*Usage: deno task registry/],
  [["--host", "192.0.2.1"], /^cannot listen on 192\.0\.2\.1:0/],
];
for (const [args, said] of usageErrors) {
  processTest(`the process refuses ${args.join(" ")} with status 2`, async () => {
    await using database = await temporaryDatabase();
    const process = await spawned(database.path, args);
    const { code, errors } = await process.ended();
    equal(code, 2);
    match(errors, said);
    equal(/ at .*\.ts/.test(errors), false, "no stack trace");
  });
}

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("MCP_MESH_ADMIN_PORT keeps /admin on a port of its own", async () => {
  const adminPort = freePort();
  const env = { MCP_MESH_ADMIN_PORT: String(adminPort) };
  await using registry = await serveRegistry({ host: "127.0.0.1", port: 0, kv: ":memory:", env });
  const admin = `http://127.0.0.1:${adminPort}`;
  const asked = async (url: string) => {
    const response = await fetch(url);
    return { status: response.status, body: await response.json() };
  };
  deepEqual(await asked(`${admin}/admin/drain`), {
    status: 200,
    body: { draining: false, live_claims: 0 },
  });
  const main = await asked(`${registry.url}/admin/drain`);
  equal(main.status, 404);
  match(main.body.error, /MCP_MESH_ADMIN_PORT; ask there/);
  const agents = await asked(`${admin}/agents`);
  equal(agents.status, 404);
  match(agents.body.error, /main port/);
  equal((await asked(`${registry.url}/agents`)).status, 200);
  await registry.shutdown();
  await rejects(fetch(admin));
});

Deno.test("a taken admin port is found before the database is touched, and frees the other", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using database = await temporaryDatabase();
  const port = freePort();
  const env = { MCP_MESH_ADMIN_PORT: String(taken.addr.port) };
  const start = serveRegistry({ host: "127.0.0.1", port, kv: database.path, env });
  await rejects(start, (error) => {
    equal(isMeshError(error, "port_taken"), true);
    match(String(error), new RegExp(`port ${taken.addr.port} of 127`));
    return true;
  });
  await rejects(Deno.stat(database.path), Deno.errors.NotFound);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("/admin over a port knows who asks", async () => {
  await using registry = await serve();
  const local = await fetch(`${registry.url}/admin/drain`);
  deepEqual([local.status, (await local.json()).draining], [200, false]);
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const passedOn = await fetch(`${registry.url}/admin/drain`, { method: "POST", headers });
  equal(passedOn.status, 403);
  await passedOn.body?.cancel();
});
