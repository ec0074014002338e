import { deepEqual, equal, match } from "node:assert/strict";
import { BODY_MAX_BYTES } from "../http/body.ts";
import { provider, row } from "../suites/mesh_fixture.ts";
import { VERSION } from "../base/version.ts";

row("banner", "GET / says what answers", async (mesh) => {
  deepEqual(await (await mesh.send("/")).json(), {
    service: "mcp-mesh-registry",
    version: VERSION,
    status: "running",
    endpoints: ["/health", "/heartbeat", "/agents"],
  });
});

row("health", "GET /health reports version and uptime", async (mesh) => {
  mesh.now += 61_500;
  const response = await mesh.send("/health");
  equal(response.status, 200);
  deepEqual(await response.json(), {
    status: "healthy",
    version: VERSION,
    uptime_seconds: 61,
    timestamp: new Date(mesh.now).toISOString(),
    service: "mcp-mesh-registry",
  });
});

row("health HEAD", "HEAD /health says the same in headers", async (mesh) => {
  const { status, headers } = await mesh.send("/health", { method: "HEAD" });
  equal(status, 200);
  equal(headers.get("x-health-status"), "healthy");
  equal(headers.get("x-service-version"), VERSION);
  equal(headers.get("x-uptime-seconds"), "0");
  equal(headers.get("content-type"), "application/json");
});

row("health 503", "a database that does not answer is reported, and gets better", async (mesh) => {
  mesh.database.fault = new Error("disk gone");
  const response = await mesh.send("/health");
  equal(response.status, 503);
  equal((await response.json()).status, "unhealthy");
  const head = await mesh.send("/health", { method: "HEAD" });
  deepEqual([head.status, head.headers.get("x-health-status")], [503, "unhealthy"]);
  mesh.database.fault = undefined;
  equal((await mesh.send("/health")).status, 200);
});

row("503", "what the database does not take is 503, and nothing changes", async (mesh) => {
  await mesh.register(provider("p", "c"));
  const before = await mesh.agents();
  mesh.database.fault = new Error("disk full");
  const registered = await mesh.post(provider("p", "d"));
  equal(registered.status, 503);
  match((await registered.json()).error, /database does not take writes/);
  equal(await mesh.unregister("p"), 503);
  mesh.database.fault = undefined;
  deepEqual(await mesh.agents(), before);
  match(
    mesh.log.join("\n"),
    /database does not take writes: disk full|registration of p: .*disk full/,
  );
});

row("500", "a failure nobody foresaw is told without its particulars", async (mesh) => {
  const list = mesh.database.sound.list;
  mesh.database.sound.list = () => {
    throw new Error("secret particulars");
  };
  const response = await mesh.send("/events");
  mesh.database.sound.list = list;
  equal(response.status, 500);
  equal((await response.text()).includes("secret"), false);
  match(mesh.log[0] ?? "", /secret particulars/);
});

const wrongMethods: [method: string, path: string, allow: string][] = [
  ["POST", "/", "GET"],
  ["POST", "/health", "GET, HEAD"],
  ["GET", "/heartbeat", "POST"],
  ["HEAD", "/heartbeat", "POST"],
  ["POST", "/heartbeat/x", "HEAD"],
  ["GET", "/heartbeat/x", "HEAD"],
  ["HEAD", "/agents", "GET"],
  ["OPTIONS", "/agents", "GET"],
  ["PUT", "/agents", "GET"],
  ["PUT", "/agents/x", "GET, DELETE"],
  ["DELETE", "/events", "GET"],
  ["DELETE", "/proxy/h:1/mcp", "GET, POST"],
];
for (const [method, path, allow] of wrongMethods) {
  row("405", `${method} ${path} is told ${allow}`, async (mesh) => {
    const response = await mesh.send(path, { method });
    equal(response.status, 405);
    equal(response.headers.get("allow"), allow);
    if (method !== "HEAD") match((await response.json()).error, new RegExp(`use ${allow}$`));
  });
}

for (const path of ["/register", "/agents/x/y", "/jobs/x", "/nothing/"]) {
  row("404", `${path} is not there`, async (mesh) => {
    const response = await mesh.send(path);
    equal(response.status, 404);
    equal(await response.text(), "404 page not found");
    match(response.headers.get("content-type") ?? "", /^text\/plain/);
  });
}

for (const path of ["/health", "/agents", "/events"]) {
  row("redirect", `${path}/ leads to ${path}`, async (mesh) => {
    const response = await mesh.send(`${path}/?limit=1`);
    equal(response.status, 301);
    equal(response.headers.get("location"), `${path}?limit=1`);
  });
}

const ofSize = (bytes: number) => {
  const agent = provider("big", "c", { description: "" });
  const padding = bytes - JSON.stringify(agent).length;
  return JSON.stringify({ ...agent, description: "d".repeat(padding) });
};
const chunked = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytes.subarray(sent, sent += 65_536));
      if (sent >= bytes.length) controller.close();
    },
  });
};
for (const [bytes, status] of [[BODY_MAX_BYTES, 200], [BODY_MAX_BYTES + 1, 413]] as const) {
  row("413", `a body of ${bytes} bytes is ${status}, chunked too`, async (mesh) => {
    const text = ofSize(bytes);
    const whole = await mesh.post(text);
    equal(whole.status, status);
    const response = await mesh.send("/heartbeat", { method: "POST", body: chunked(text) });
    equal(response.status, status);
    if (status === 413) match((await response.json()).error, /larger than 4194304 bytes/);
  });
}

row("413 declared", "a declared length over the limit is refused unread", async (mesh) => {
  const response = await mesh.send("/heartbeat", {
    method: "POST",
    body: "{}",
    headers: { "content-length": String(BODY_MAX_BYTES + 1) },
  });
  equal(response.status, 413);
});

const env = { MCP_MESH_ALLOWED_HOSTS: "registry.test, Other.Test" };
const calls: [name: string, headers: Record<string, string>, status: number][] = [
  ["its own name", {}, 200],
  ["an allowed origin", { origin: "http://other.test:3000" }, 200],
  ["a loopback origin", { origin: "http://localhost:3000" }, 200],
  ["a foreign origin", { origin: "http://evil.test" }, 403],
  ["a null origin", { origin: "null" }, 403],
];
for (const [name, headers, status] of calls) {
  row("guard", `a request with ${name} is ${status}`, async (mesh) => {
    const response = await mesh.send("/agents", { headers });
    equal(response.status, status);
    if (status === 403) match((await response.json()).error, /^Origin ".*MCP_MESH_ALLOWED_HOSTS/);
  }, { env });
}

row("guard Host", "a request by a foreign name is 403", async (mesh) => {
  const response = await mesh.ask(new Request("http://registry.test/agents"));
  equal(response.status, 403);
  match((await response.json()).error, /^Host "registry\.test" is not allowed/);
}, { env: { MCP_MESH_ALLOWED_HOSTS: "other.test" } });
