import { deepEqual, equal, match } from "node:assert/strict";
import { Connections } from "../http/connections.ts";
import type { AgentRecord } from "../directory/record.ts";
import { Endpoints } from "../http/endpoints.ts";
import { type HostList, hostList } from "../base/host_list.ts";
import type { Lookup } from "../base/lookups.ts";
import { type MeshOptions, provider, row, TestMesh } from "./mesh_fixture.ts";
import { ownAddresses } from "../http/own_addresses.ts";
import type { Peer } from "../http/peer.ts";
import { spawned, temporaryDatabase } from "./process_fixture.ts";
import { MAY_START_PROCESSES } from "../../.ci/fixtures/process_tests.ts";

const REMOTE: Peer = { remote: "10.0.0.7" };
const UNKNOWN: Peer = {};
/** Names as a network may have them. */
const NAMES: Record<string, string[]> = {
  "agent.svc": ["10.0.0.7"],
  "agent.elsewhere": ["10.9.9.9"],
  "innocent.test": ["10.0.0.7", "127.0.0.1"],
  "clouds.test": ["169.254.169.254"],
  "six.test": ["::1"],
};
const lookup: MeshOptions["lookup"] = (name) => Promise.resolve(NAMES[name] ?? []);

/** What registering an address is answered: `success`, or why not. */
async function registering(mesh: TestMesh, host: string, peer: Peer, port = 9000): Promise<string> {
  const body = JSON.stringify(provider("a", "c", { http_host: host, http_port: port }));
  const headers = { "content-type": "application/json" };
  const response = await mesh.send("/heartbeat", { method: "POST", headers, body }, peer);
  equal(response.status, 200);
  const { status, message } = await response.json();
  return status === "success" ? status : message;
}

const ADVICE = /MCP_MESH_ENDPOINT_HOSTS/;
const NEVER = [
  "localhost",
  "LOCALHOST.",
  "x.localhost",
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "2130706433",
  "0177.0.0.1",
  "１２７.0.0.1",
  "0",
  "0.0.0.0",
  "::1",
  "[::]",
  "::ffff:127.0.0.1",
  "169.254.169.254",
  "2852039166",
  "0xa9.0xfe.0xa9.0xfe",
  "::ffff:169.254.169.254",
  "169.254.0.1",
  "fe80::1",
  "fd00:ec2::254",
  "metadata.google.internal",
  "innocent.test",
  "clouds.test",
  "six.test",
];
for (const host of NEVER) {
  row("endpoint", `${host} is nobody's on another machine`, async (mesh) => {
    for (const peer of [REMOTE, UNKNOWN, { remote: "::ffff:10.0.0.7" }]) {
      const message = await registering(mesh, host, peer);
      match(message, /^validation failed: http_host: ".*": it leads to /);
      match(message, ADVICE);
    }
    deepEqual(await mesh.agents(), []);
    equal(await registering(mesh, host, { remote: "127.0.0.1" }), "success");
  }, { lookup });
}

const asked: [env: string, host: string, peer: Peer, answer: RegExp][] = [
  ["", "10.0.0.7", REMOTE, /^success$/],
  ["", "::ffff:a00:7", REMOTE, /^success$/],
  ["", "10.0.0.7", { remote: "::ffff:10.0.0.7" }, /^success$/],
  ["", "fd00::2", { remote: "fd00::2" }, /^success$/],
  ["", "10.0.0.8", REMOTE, /not the address that this registration comes from/],
  ["", "8.8.8.8", REMOTE, /not the address/],
  ["", "10.0.0.8", UNKNOWN, /^success$/],
  ["", "agent.svc", REMOTE, /^success$/],
  ["", "agent.elsewhere", REMOTE, /^success$/],
  ["", "agent.unknown", REMOTE, /^success$/],
  ["10.0.0.0/24", "10.0.0.8", REMOTE, /^success$/],
  ["10.0.0.0/24", "10.0.0.7", REMOTE, /^success$/],
  ["10.0.0.0/24", "10.0.1.8", REMOTE, /not the address/],
  ["10.0.0.0/24", "10.0.1.8", UNKNOWN, /not listed/],
  ["10.0.0.0/24", "agent.svc", REMOTE, /not listed/],
  ["*.svc", "agent.svc", REMOTE, /^success$/],
  ["*.svc", "agent.elsewhere", REMOTE, /not listed/],
  ["agent.elsewhere", "Agent.Elsewhere", REMOTE, /^success$/],
  ["*", "8.8.8.8", REMOTE, /^success$/],
  ["*", "agent.elsewhere", REMOTE, /^success$/],
  ["*", "127.0.0.1", REMOTE, /leads to this machine/],
  ["*", "innocent.test", REMOTE, /leads to this machine/],
  ["innocent.test", "innocent.test", REMOTE, /^success$/],
  ["127.0.0.1", "127.0.0.1", UNKNOWN, /^success$/],
  ["10.0.0.0/24", "192.168.0.1", { remote: "127.0.0.1" }, /^success$/],
];
for (const [env, host, peer, answer] of asked) {
  const from = peer.remote ?? "nobody knows where";
  row("endpoint", `${host} from ${from} with "${env}" listed`, async (mesh) => {
    match(await registering(mesh, host, peer), answer);
  }, { lookup, env: { MCP_MESH_ENDPOINT_HOSTS: env } });
}

row("endpoint", "one behind a proxy on this machine is unknown", async (mesh) => {
  const send = async (headers: Record<string, string>) => {
    const body = JSON.stringify(provider("a", "c", { http_host: "localhost" }));
    const init = {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    };
    const response = await mesh.send("/heartbeat", init);
    return (await response.json()).status;
  };
  equal(await send({ "x-forwarded-for": "127.0.0.1" }), "error");
  equal(await send({}), "success");
});

const isOwn = ownAddresses({
  ports: [8000, 8001],
  hosts: ["0.0.0.0", "mesh.test"],
  interfaces: () => ["10.0.0.1", "fd00::1"],
});
const own: [host: string, port: number, expected: boolean][] = [
  ["localhost", 8000, true],
  ["localhost", 8001, true],
  ["localhost", 8002, false],
  ["127.1", 8000, true],
  ["0x7f000001", 8000, true],
  ["0", 8000, true],
  ["::ffff:127.0.0.1", 8000, true],
  ["10.0.0.1", 8000, true],
  ["[fd00:0::1]", 8000, true],
  ["10.0.0.2", 8000, false],
  ["Mesh.Test.", 8000, true],
  ["other.test", 8000, false],
];
for (const [host, port, expected] of own) {
  row(
    "own address",
    `${host}:${port} ${expected ? "is the registry's" : "may be an agent's"}`,
    async (mesh) => {
      const message = await registering(mesh, host, { remote: "127.0.0.1" }, port);
      if (expected) match(message, /is this registry itself/);
      else equal(message, "success");
    },
    { isOwn },
  );
}

const asks: string[] = [];
const agents = (input: string | URL | Request, init?: RequestInit) => {
  const request = new Request(input, init);
  asks.push(`${request.url} via ${request.headers.get("via")}`);
  return Promise.resolve(Response.json({ jsonrpc: "2.0", id: 1, result: {} }));
};

row("own address", "is not called, whoever stored it", async (mesh) => {
  asks.length = 0;
  await mesh.register(provider("a", "c", { http_host: "10.0.0.1", http_port: 8000 }));
  // Since then the machine has got that address.
  Object.assign(mesh.options, { isOwn });
  await mesh.restart();
  const response = await mesh.send("/proxy/10.0.0.1:8000/mcp", { method: "POST", body: "{}" });
  equal(response.status, 403);
  match((await response.json()).error, /10\.0\.0\.1:8000 is this registry itself/);
  deepEqual(asks, []);
}, { fetch: agents });

row(
  "own address",
  "is not registered by a name that leads to it, nor called by one",
  async (mesh) => {
    asks.length = 0;
    NAMES["mine.test"] = ["10.0.0.1"];
    const local = { remote: "127.0.0.1" };
    for (const peer of [local, REMOTE, UNKNOWN]) {
      match(await registering(mesh, "mine.test", peer, 8000), /is this registry itself/);
      equal(await registering(mesh, "mine.test", peer, 9000), "success");
    }
    NAMES["mine.test"] = ["10.0.0.7"];
    equal(await registering(mesh, "mine.test", local, 8000), "success");
    NAMES["mine.test"] = ["10.0.0.7", "fd00::1"];
    const response = await mesh.send("/proxy/a:8000/mcp", { method: "POST", body: "{}" });
    match((await response.json()).error, /mine\.test:8000 is this registry itself/);
    deepEqual(asks, []);
  },
  { isOwn, lookup, fetch: agents, env: { MCP_MESH_ENDPOINT_HOSTS: "mine.test" } },
);

row("endpoint", "another port alone is another address", async (mesh) => {
  const moving = async (port: number, peer: Peer) => {
    const body = JSON.stringify({ agent_id: "a", http_port: port });
    const headers = { "content-type": "application/json" };
    const response = await mesh.send("/heartbeat", { method: "POST", headers, body }, peer);
    const { status, message } = await response.json();
    return status === "success" ? status : message;
  };
  // An agent of this machine that shows no token, as those of the reference.
  equal(await registering(mesh, "127.0.0.1", { remote: "127.0.0.1" }), "success");
  for (const peer of [REMOTE, UNKNOWN]) {
    match(await moving(22, peer), /"127\.0\.0\.1": it leads to this machine/);
    equal(await moving(9000, peer), "success", "it says nothing new");
  }
  match(await moving(8000, { remote: "127.0.0.1" }), /is this registry itself/);
  equal((await mesh.agent("a")).endpoint, "http://127.0.0.1:9000");
  equal(await moving(9001, { remote: "127.0.0.1" }), "success");

  equal(await registering(mesh, "10.0.0.7", { remote: "127.0.0.1" }), "success");
  match(await moving(22, { remote: "10.0.0.8" }), /not the address/);
  equal(await moving(9001, REMOTE), "success");
}, { isOwn });

row("names", "that lead elsewhere by now are not called", async (mesh) => {
  asks.length = 0;
  NAMES["moving.test"] = ["10.0.0.7"];
  const tool = { function_name: "f", capability: "c", inputSchema: { type: "object" } };
  const agent = { agent_id: "a", http_host: "moving.test", http_port: 9000, tools: [tool] };
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const body = JSON.stringify(agent);
  await (await mesh.send("/heartbeat", { method: "POST", headers, body }, REMOTE)).body?.cancel();
  const proxied = async () => {
    const response = await mesh.send("/proxy/a:9000/mcp", { method: "POST", headers, body: "{}" });
    return [response.status, (await response.json()).error];
  };
  const called = async () => {
    const call = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "f", arguments: {} },
    };
    const init = { method: "POST", headers, body: JSON.stringify(call) };
    return await (await mesh.send("/mcp", init)).text();
  };
  equal((await proxied())[0], 200);
  equal((await called()).includes('"result":{}'), true);
  NAMES["moving.test"] = ["127.0.0.1"];
  deepEqual(await proxied(), [403, "a is not called: moving.test:9000 leads to this machine now"]);
  match(await called(), /moving\.test:9000 leads to this machine now; nothing ran/);
  NAMES["moving.test"] = [];
  deepEqual(await proxied(), [403, "a is not called: no address of moving.test was found"]);
  deepEqual(asks, Array(2).fill("http://moving.test:9000/mcp via 1.1 mesh-registry"));
}, { lookup, fetch: agents });

Deno.test("a name is called at the address that was looked at, whatever it leads to a moment later", async () => {
  const hosts: (string | null)[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    hosts.push(request.headers.get("host"));
    return Response.json({ jsonrpc: "2.0", id: 1, result: {} });
  });
  using connections = new Connections(fetch);
  const { port } = server.addr;
  for (let time = 0; time < 2; time++) {
    // The resolver that connections use does not know this name.
    const response = await connections.to("127.0.0.1", port)(`http://agent.svc:${port}/mcp`);
    equal(response.status, 200);
    await response.body?.cancel();
  }
  deepEqual(hosts, Array(2).fill(`agent.svc:${port}`));

  const asked: unknown[] = [];
  const fetched = (_: unknown, init: RequestInit & { client?: Deno.HttpClient } = {}) => {
    asked.push(init.client instanceof Deno.HttpClient);
    return Promise.resolve(new Response());
  };
  using others = new Connections(fetched as typeof fetch);
  const listed = hostList(["listed.svc"]) as HostList;
  const found: Lookup = (name) =>
    Promise.resolve(name === "cannot.tell" ? undefined : ["10.0.0.7"]);
  const endpoints = new Endpoints({
    listed,
    isOwn: () => false,
    lookup: found,
    connections: others,
  });
  const called = async (host: string, isRemote: boolean) => {
    const record = { host, port: 9000, ...(isRemote && { isRemote }) } as AgentRecord;
    const calling = await endpoints.calling(record);
    if (calling.refused === undefined) await calling.fetch("http://a.test/mcp");
    return asked.pop();
  };
  equal(await called("agent.svc", true), true);
  equal(await called("listed.svc", true), false, "its operator has listed it");
  equal(await called("agent.svc", false), false, "this machine has registered it");
  equal(await called("10.0.0.7", true), false, "an address leads nowhere else");
  equal(await called("cannot.tell", true), false, "nothing here looks names up");
});

/** What a call from somewhere is answered. */
async function calling(mesh: TestMesh, path: string, peer: Peer, headers: Record<string, string>) {
  const all = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const init = { method: "POST", headers: { ...all, ...headers }, body };
  const response = await mesh.send(path, init, peer);
  return [response.status, await response.text()] as const;
}

const TOKEN = "correct-horse";
const bearer = { authorization: `Bearer ${TOKEN}` };
const doors: [
  env: Record<string, string>,
  peer: Peer,
  headers: Record<string, string>,
  status: number,
][] = [
  [{}, { remote: "127.0.0.1" }, {}, 200],
  [{}, REMOTE, {}, 403],
  [{}, UNKNOWN, {}, 403],
  [{}, { remote: "127.0.0.1" }, { "x-forwarded-for": "10.0.0.7" }, 403],
  [{}, { remote: "127.0.0.1" }, { host: "evil.test" }, 403],
  [{ MCP_MESH_MCP: "on" }, REMOTE, {}, 200],
  [{ MCP_MESH_MCP: "on" }, REMOTE, { origin: "http://evil.test" }, 403],
  [{ MCP_MESH_MCP: "off" }, { remote: "127.0.0.1" }, {}, 404],
  [{ MCP_MESH_MCP_TOKEN: TOKEN }, { remote: "127.0.0.1" }, {}, 401],
  [{ MCP_MESH_MCP_TOKEN: TOKEN }, { remote: "127.0.0.1" }, bearer, 200],
  [{ MCP_MESH_MCP_TOKEN: TOKEN }, REMOTE, bearer, 403],
  [{ MCP_MESH_MCP_TOKEN: TOKEN, MCP_MESH_MCP: "on" }, REMOTE, bearer, 200],
  [{ MCP_MESH_MCP_TOKEN: "another-one", MCP_MESH_MCP: "on" }, REMOTE, bearer, 401],
  [{ MCP_MESH_MCP: "on" }, REMOTE, { via: "1.1 mesh-registry" }, 508],
  [{ MCP_MESH_MCP: "on" }, REMOTE, { via: "1.1 nginx, 1.1 mesh-registry" }, 508],
  [{ MCP_MESH_MCP: "on" }, REMOTE, { via: "1.1 nginx" }, 200],
];
for (const [env, peer, headers, status] of doors) {
  const said = `${JSON.stringify(env)} from ${peer.remote} with ${JSON.stringify(headers)}`;
  row("one door", `/proxy and /mcp answer ${status}: ${said}`, async (mesh) => {
    await mesh.register(provider("a", "c", { http_host: "10.0.0.7" }));
    for (const path of ["/mcp", "/proxy/a:9000/mcp"]) {
      const [answered, text] = await calling(mesh, path, peer, headers);
      deepEqual([path, answered], [path, status]);
      // The name of the door is in the refusal, so that what is switched off is clear.
      if (status !== 200 && !text.includes("not allowed")) {
        match(text, new RegExp(path.slice(0, 4)));
      }
    }
  }, { env, fetch: agents });
}

row("one door", "its token goes no further", async (mesh) => {
  const seen: (string | null)[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    seen.push(new Request(input, init).headers.get("authorization"));
    return agents(input, init);
  };
  Object.assign(mesh.options, { fetch });
  await mesh.restart();
  await mesh.register(provider("a", "c", { http_host: "10.0.0.7" }));
  equal((await calling(mesh, "/proxy/a:9000/mcp", { remote: "127.0.0.1" }, bearer))[0], 200);
  deepEqual(seen, [null]);
}, { env: { MCP_MESH_MCP_TOKEN: TOKEN, MCP_MESH_PROPAGATE_HEADERS: "authorization" } });

row("one door", "the operators' token goes no further, and an agent's own does", async (mesh) => {
  const seen: (string | null)[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    seen.push(new Request(input, init).headers.get("authorization"));
    return agents(input, init);
  };
  Object.assign(mesh.options, { fetch });
  await mesh.restart();
  const tool = { function_name: "f", capability: "c", inputSchema: { type: "object" } };
  const agent = { agent_id: "a", http_host: "10.0.0.7", http_port: 9000, tools: [tool] };
  await mesh.register(agent);
  const local = { remote: "127.0.0.1" };
  const others = { authorization: "Bearer for-the-agent" };
  for (const headers of [bearer, others]) {
    equal((await calling(mesh, "/proxy/a:9000/mcp", local, headers))[0], 200);
    const params = { name: "f", arguments: {} };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    const accept = "application/json, text/event-stream";
    const all = { "content-type": "application/json", accept, ...headers };
    await (await mesh.send("/mcp", { method: "POST", headers: all, body }, local)).text();
  }
  deepEqual(seen, [null, null, others.authorization, others.authorization]);
}, { env: { MCP_MESH_ADMIN_TOKEN: TOKEN, MCP_MESH_PROPAGATE_HEADERS: "authorization" } });

Deno.test("one door: nobody is led on by an agent that redirects", async () => {
  const reached: string[] = [];
  const quiet = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using inner = Deno.serve(quiet, ({ url }) => {
    reached.push(url);
    return Response.json({ jsonrpc: "2.0", id: 1, result: {} });
  });
  let status = 307;
  const elsewhere = `http://127.0.0.1:${inner.addr.port}/mcp`;
  await using leading = Deno.serve(quiet, () => {
    return new Response(null, { status, headers: { location: elsewhere } });
  });
  await using mesh = await TestMesh.open();
  const tool = { function_name: "f", capability: "c", inputSchema: { type: "object" } };
  const { port } = leading.addr;
  await mesh.register({ agent_id: "a", http_host: "127.0.0.1", http_port: port, tools: [tool] });
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const params = { name: "f", arguments: {} };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  for (status of [301, 302, 303, 307, 308]) {
    for (const method of ["GET", "POST"]) {
      const init = { method, headers, ...(method === "POST" && { body }) };
      const proxied = await mesh.send(`/proxy/a:${port}/mcp`, init);
      equal(proxied.status, status, "it is the caller's to decide");
      await proxied.body?.cancel();
    }
    const called = await mesh.send("/mcp", { method: "POST", headers, body });
    match(await called.text(), /"isError":true/);
  }
  deepEqual(reached, []);
});

const body = JSON.stringify(provider("a", "c", { http_host: "10.0.0.7" }));
const length = { "content-length": String(body.length) };
const json = { "content-type": "application/json" };
const pages: [headers: Record<string, string>, peer: Peer, status: number][] = [
  [{ ...length, ...json }, REMOTE, 200],
  [{ ...length, "content-type": "Application/JSON; charset=utf-8" }, REMOTE, 200],
  [{ ...length, "content-type": "text/plain" }, REMOTE, 415],
  [{ ...length, "content-type": "application/x-www-form-urlencoded" }, REMOTE, 415],
  [{ ...length, "content-type": "text/plain; application/json" }, UNKNOWN, 415],
  [{ "transfer-encoding": "chunked", "content-type": "text/plain" }, REMOTE, 415],
  [{ ...length, "content-type": "text/plain" }, { remote: "127.0.0.1" }, 200],
  [{ ...length, ...json, origin: "http://evil.test" }, REMOTE, 403],
  [{ ...length, ...json, origin: "null" }, REMOTE, 403],
  [{ ...length, ...json, origin: "http://localhost.evil.test" }, REMOTE, 403],
  [{ ...length, ...json, origin: "http://10.0.0.7" }, REMOTE, 403],
  [{ ...length, ...json, origin: "http://evil.test", host: "evil.test" }, REMOTE, 403],
  [{ ...length, ...json, origin: "http://localhost:3000" }, REMOTE, 200],
  [{ ...length, ...json, host: "registry.mesh.svc" }, REMOTE, 200],
];
for (const [headers, peer, status] of pages) {
  const { "content-length": _, ...shown } = headers;
  row("pages", `${status} for ${JSON.stringify(shown)} from ${peer.remote}`, async (mesh) => {
    const response = await mesh.send("/heartbeat", { method: "POST", headers, body }, peer);
    equal(response.status, status, await response.text());
    equal((await mesh.agents()).length, status === 200 ? 1 : 0);
  });
}

const routes: [method: string, path: string][] = [
  ["GET", "/"],
  ["GET", "/health"],
  ["HEAD", "/heartbeat/a"],
  ["GET", "/agents"],
  ["DELETE", "/agents/a"],
  ["GET", "/events/stream"],
  ["GET", "/metrics"],
  ["GET", "/why?agent=a"],
  ["POST", "/trace/spans"],
  ["GET", "/nothing"],
];
for (const [method, path] of routes) {
  row("pages", `of others get nothing from ${method} ${path}`, async (mesh) => {
    const headers = { origin: "https://evil.test" };
    const response = await mesh.send(path, { method, headers }, REMOTE);
    equal(response.status, 403);
    if (method !== "HEAD") match((await response.json()).error, /Origin "https:\/\/evil\.test"/);
  });
}

/** An address of this machine by which others reach it, if it has one. */
const address =
  Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  )?.address ?? "";

Deno.test({
  name: "over the network the registry is no way to this machine's own addresses",
  ignore: !MAY_START_PROCESSES || address === "",
  async fn() {
    await using database = await temporaryDatabase();
    const registry = await spawned(database.path, ["--host", "0.0.0.0"]);
    const { port } = new URL(registry.url);
    const url = `http://${address}:${port}`;
    try {
      const post = async (path: string, body: unknown, headers: Record<string, string> = json) => {
        const init = { method: "POST", headers, body: JSON.stringify(body) };
        const response = await fetch(`${url}${path}`, init);
        return { status: response.status, ...await response.json() };
      };
      const hosts = [
        "localhost",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "::1",
        "169.254.169.254",
        address,
      ];
      for (const http_host of hosts) {
        const refused = await post("/heartbeat", {
          agent_id: "me",
          http_host,
          http_port: Number(port),
        });
        deepEqual([refused.status, http_host], ["error", http_host]);
      }
      const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
      for (const path of ["/mcp", `/proxy/localhost:${port}/mcp`, `/proxy/me:${port}/mcp`]) {
        equal((await post(path, list)).status, 403, path);
      }
      const agent = { agent_id: "me", http_host: address, http_port: 9 };
      equal((await post("/heartbeat", agent)).status, "success");
      equal((await post("/heartbeat", agent, { "content-type": "text/plain" })).status, 415);
      equal((await post("/heartbeat", agent, { ...json, origin: "http://evil.test" })).status, 403);
      const here = await fetch(`http://localhost:${port}/proxy/me:9/mcp`, {
        method: "POST",
        body: "{}",
      });
      equal(here.status, 502, "a program of this machine is let in, and nothing listens there");
      await here.body?.cancel();
    } finally {
      registry.kill("SIGTERM");
      await registry.ended();
    }
  },
});
