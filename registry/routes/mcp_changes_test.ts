import { deepEqual, equal, ok } from "node:assert/strict";
import { type GatewayScene, HEADERS, type Json, scene, tool } from "../mcp/gateway_fixture.ts";
import { LISTENERS_MAX } from "../mcp/gateway.ts";
import { StreamReader } from "../suites/sse_fixture.ts";

const nothing = () => ({});
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const LISTEN = {
  jsonrpc: "2.0",
  id: "subscription",
  method: "subscriptions/listen",
  params: { _meta: META, notifications: { toolsListChanged: true } },
};

/** How a client of each era hears of changes. */
const listening: Record<string, (scene: GatewayScene, query: string) => Promise<StreamReader>> = {
  "2025-11-25": async ({ send }, query) => {
    const response = await send(`/mcp${query}`, { headers: { accept: "text/event-stream" } });
    equal(response.headers.get("content-type"), "text/event-stream");
    return new StreamReader(response);
  },
  "2026-07-28": async ({ send }, query) => {
    const response = await send(`/mcp${query}`, {
      method: "POST",
      headers: {
        ...HEADERS,
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": LISTEN.method,
      },
      body: JSON.stringify(LISTEN),
    });
    const reader = new StreamReader(response);
    const acknowledged = await reader.next();
    equal(acknowledged?.data.method, "notifications/subscriptions/acknowledged");
    return reader;
  },
};

const CHANGED = "notifications/tools/list_changed";

for (const [era, listen] of Object.entries(listening)) {
  scene(`an agent that joins or leaves is told of (${era})`, async (scene) => {
    const { join, mesh } = scene;
    await using stream = await listen(scene, "");
    await join("a-1", { a: nothing });
    equal((await stream.next())?.data.method, CHANGED);
    await mesh.unregister("a-1");
    equal((await stream.next())?.data.method, CHANGED);
  });

  scene(`only what a client sees is told to it (${era})`, async (scene) => {
    const { join, mesh } = scene;
    await join("a-1", { a: nothing });
    await using travel = await listen(scene, "?tags=travel");
    await using blue = await listen(scene, "?namespace=blue");
    await using searching = await listen(scene, "?mode=search");
    // Of all these, only the last one concerns one of them.
    await join("a-2", { a: nothing }, { name: "a-1" });
    await join("b-1", { b: nothing });
    await mesh.unregister("a-2");
    await join("t-1", { t: nothing }, { tools: [tool("t", { tags: ["travel"] })] });
    equal((await travel.next())?.data.method, CHANGED);
    await join("blue-1", { x: nothing }, { namespace: "blue" });
    equal((await blue.next())?.data.method, CHANGED);
    mesh.endStreams();
    for (const stream of [travel, blue, searching]) {
      const rest = await all(stream);
      deepEqual(rest.filter(({ method }) => method === CHANGED), []);
    }
  });
}

/** What comes until the end. */
async function all(stream: StreamReader): Promise<Json[]> {
  const messages: Json[] = [];
  for (let next = await stream.next(); next; next = await stream.next()) messages.push(next.data);
  return messages;
}

scene("a subscription ends in an orderly way with the registry", async (scene) => {
  await using stream = await listening["2026-07-28"]!(scene, "");
  scene.mesh.endStreams();
  const [last] = await all(stream);
  deepEqual([last?.["id"], last?.["result"].resultType], ["subscription", "complete"]);
  const response = await scene.send("/mcp", {
    method: "POST",
    headers: HEADERS,
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  equal(response.status, 503);
});

for (const [era, listen] of Object.entries(listening)) {
  scene(`no more than ${LISTENERS_MAX} clients listen (${era})`, async (scene) => {
    await using streams = new AsyncDisposableStack();
    for (let index = 0; index < LISTENERS_MAX; index++) {
      streams.use(await listen(scene, `?tags=t${index % 200}`));
    }
    const [path, init] = era === "2025-11-25"
      ? ["/mcp", { headers: { accept: "text/event-stream" } }]
      : ["/mcp", {
        method: "POST",
        headers: { ...HEADERS, "mcp-protocol-version": "2026-07-28", "mcp-method": LISTEN.method },
        body: JSON.stringify(LISTEN),
      }];
    const refused = await scene.send(String(path), init as RequestInit);
    deepEqual([refused.status, refused.headers.get("retry-after")], [503, "10"]);
    ok((await refused.json()).error.includes(String(LISTENERS_MAX)));
  });
}
