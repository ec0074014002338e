import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { BODY_MAX_BYTES } from "../http/body.ts";
import {
  ERAS,
  type GatewayScene,
  HEADERS,
  type Json,
  scene,
  tool,
} from "../mcp/gateway_fixture.ts";
import { PAGE_MAX } from "../mcp/tool_listing.ts";
import { provider } from "../suites/mesh_fixture.ts";
import type { Peer } from "../http/peer.ts";

const call = (name: string, args: Json = {}, meta?: Json): Json => ({
  method: "tools/call",
  params: { name, arguments: args, ...(meta && { _meta: meta }) },
});
const eras = Object.keys(ERAS) as (keyof typeof ERAS)[];
const nothing = () => ({});

async function names({ post }: GatewayScene, query = ""): Promise<string[]> {
  const { result } = await post(`/mcp${query}`, { method: "tools/list" });
  return result.tools.map(({ name }: Json) => name);
}

for (const era of eras) {
  scene(`the official client lists and calls (${era})`, async ({ join, client }) => {
    await join("adder-1", { add: ({ args }) => ({ sum: args["a"] + args["b"] }) });
    const connected = await client("/mcp", era);
    const { tools } = await connected.listTools();
    deepEqual(tools.map(({ name }) => name), ["add"]);
    equal(tools[0]?.description, "Does add");
    const { content } = await connected.callTool({ name: "add", arguments: { a: 19, b: 23 } });
    deepEqual(content, [{ type: "text", text: '{"sum":42}' }]);
    equal(connected.getServerVersion()?.name, "mesh");
    match(connected.getInstructions() ?? "", /agent__tool/);
    await rejects(connected.callTool({ name: "nothing" }), /Unknown tool: nothing/);
  });
}

scene("offers what can be called now", async (scene) => {
  const { mesh, join } = scene;
  const needs = { dependencies: [{ capability: "oracle", required: true }] };
  await join("a-1", { plain: nothing }, {
    tools: [
      tool("plain"),
      tool("__mesh_job_status"),
      tool("without_schema", { inputSchema: null }),
      tool("of_a_list", { inputSchema: { type: "array" } }),
      tool("waiting", needs),
      tool("GET:/route", { capability: "" }),
    ],
  });
  await join("gate-1", { routes: nothing }, { agent_type: "api" });
  await mesh.register({ agent_id: "no-address", tools: [tool("unreachable")] });
  deepEqual(await names(scene), ["plain"]);
  await join("oracle-1", { oracle: nothing });
  deepEqual(await names(scene), ["oracle", "plain", "waiting"]);
  await mesh.unregister("oracle-1");
  deepEqual(await names(scene), ["plain"]);
  mesh.now += 21_000;
  deepEqual(await names(scene), []);
});

scene("a tool is listed with its schemas and what the mesh knows of it", async ({ join, post }) => {
  const schemas = {
    inputSchema: { properties: { city: { type: "string" } }, required: ["city"] },
    outputSchema: { type: "array", items: { type: "string" } },
  };
  const about = { title: "Search", annotations: { readOnlyHint: true } };
  const facts = {
    ...schemas,
    ...about,
    capability: "search.flights",
    tags: ["travel"],
    version: "2.1.0",
  };
  await join("deno-1", {}, { runtime: "deno", tools: [tool("a", facts)] });
  await join("python-1", {}, { runtime: "python", tools: [tool("b", facts)] });
  const { result: { tools: [a, b] } } = await post("/mcp", { method: "tools/list" });
  deepEqual(a, {
    name: "a",
    ...about,
    description: "Does a",
    inputSchema: { ...schemas.inputSchema, type: "object" },
    outputSchema: {
      type: "object",
      properties: { result: schemas.outputSchema },
      required: ["result"],
      "x-fastmcp-wrap-result": true,
    },
    _meta: {
      "mesh/agent": "deno-1",
      "mesh/capability": "search.flights",
      "mesh/version": "2.1.0",
      "mesh/tags": ["travel"],
    },
  });
  // Clients would hold its results to a promise that it does not make.
  equal("outputSchema" in b, false);
});

scene(
  "clients of 2025 take the list, whatever the schemas of agents are",
  async ({ join, post }) => {
    const Item = { type: "object", properties: { id: { type: "string" } } };
    const tools = [
      tool("list", {
        inputSchema: { $ref: "#/$defs/In", $defs: { In: Item } },
        outputSchema: { type: "array", items: { $ref: "#/$defs/Item" }, $defs: { Item } },
      }),
      tool("union", {
        inputSchema: { anyOf: [{ type: "object", required: ["a"] }, { type: "object" }] },
        outputSchema: { oneOf: [Item, { type: "object" }] },
      }),
      tool("nulls", {
        inputSchema: { type: "object", properties: null, required: null },
        annotations: { readOnlyHint: null, title: null },
      }),
      tool("bare", { inputSchema: { type: ["object", "null"], properties: [] } }),
      tool("booleans", { inputSchema: { properties: { a: true, b: null } }, outputSchema: {} }),
    ];
    await join("deno-1", {}, { runtime: "deno", tools });
    const { result } = await post("/mcp", { method: "tools/list" });
    const parsed = ListToolsResultSchema.parse(result);
    deepEqual(
      parsed.tools.map(({ name, outputSchema }: Json) => [name, outputSchema?.properties]),
      [
        ["bare", undefined],
        ["booleans", undefined],
        ["list", { result: { type: "array", items: { $ref: "#/$defs/Item" } } }],
        ["nulls", undefined],
        ["union", undefined],
      ],
    );
    deepEqual(parsed.tools[2]?.outputSchema?.["$defs"], { Item });
    deepEqual(parsed.tools[2]?.inputSchema.properties, Item.properties);
  },
);

scene("names are qualified where agents share one, whatever is filtered", async (scene) => {
  const { join, mesh, post } = scene;
  const answering = (id: string) => ({ search: () => id });
  const tagged = (tag: string) => ({ tools: [tool("search", { tags: [tag] })] });
  await join("flights", answering("flights"), tagged("air"));
  deepEqual(await names(scene), ["search"]);
  await join("hotels", answering("hotels"), tagged("rooms"));
  const both = ["flights__search", "hotels__search"];
  deepEqual(await names(scene), both);
  deepEqual(await names(scene, "?tags=air"), ["flights__search"]);
  const text = async (name: string, query = "") => {
    const { result } = await post(`/mcp${query}`, call(name));
    return result.content[0].text;
  };
  equal(await text("hotels__search"), '"hotels"');
  match(await text("search"), /Several agents offer "search".*flights__search or hotels__search/);
  await mesh.unregister("hotels");
  deepEqual(await names(scene), ["search"]);
  equal(await text("search"), '"flights"');
  // Who learnt the long name keeps it.
  equal(await text("flights__search"), '"flights"');
  match((await post("/mcp", call("hotels__search"))).error.message, /Unknown tool/);
});

scene("replicas are one tool, called in turn", async (scene) => {
  const { join, post } = scene;
  for (const id of ["r-1", "r-2", "r-3"]) await join(id, { who: () => id }, { name: "replica" });
  deepEqual(await names(scene), ["who"]);
  const answers = new Set<string>();
  for (let i = 0; i < 60; i++) {
    answers.add((await post("/mcp", call("who"))).result.content[0].text);
  }
  equal(answers.size, 3);
});

scene("a replica that cannot be reached, or takes no more, is passed over", async (scene) => {
  const { join, post, network } = scene;
  for (const id of ["r-1", "r-2", "r-3"]) await join(id, { who: () => id }, { name: "replica" });
  network.agents.delete("r-1.test:9000");
  const headers = { "x-mesh-refused": "overloaded" };
  network.agents.set("r-2.test:9000", () => new Response("busy", { status: 503, headers }));
  for (let i = 0; i < 20; i++) {
    equal((await post("/mcp", call("who"))).result.content[0].text, '"r-3"');
  }
  const sent = network.received.filter(({ host }) => host === "r-1.test:9000");
  ok(
    sent.length <= 2,
    `it was set aside after the first time, and still asked ${sent.length} times`,
  );
  network.agents.delete("r-3.test:9000");
  const { result } = await post("/mcp", call("who"));
  equal(result.isError, true);
  const { code, nothingRan } = result._meta["mesh/error"];
  ok(["unreachable", "overloaded"].includes(code));
  equal(nothingRan, true);
});

scene(
  "a replica that refuses a call in its answer is passed over",
  async ({ join, network, post }) => {
    for (const id of ["r-1", "r-2"]) await join(id, { who: () => id }, { name: "replica" });
    const refused = (nothingRan: boolean) => () => {
      const failure = { code: "overloaded", message: "shutting down", nothingRan };
      const result = { content: [], isError: true, _meta: { "mesh/error": failure } };
      return Response.json({ jsonrpc: "2.0", id: 1, result });
    };
    network.agents.set("r-1.test:9000", refused(true));
    for (let i = 0; i < 10; i++) {
      equal((await post("/mcp", call("who"))).result.content[0].text, '"r-2"');
    }
    // The tool itself says so, and may have done anything before.
    for (const host of network.agents.keys()) network.agents.set(host, refused(false));
    const before = network.received.length;
    equal((await post("/mcp", call("who"))).result.isError, true);
    equal(network.received.length, before + 1);
  },
);

scene("a call that may have run is sent again only if its tool is idempotent", async (scene) => {
  const { mesh, join, network, post } = scene;
  await join("r-1", { pay: nothing, look: nothing }, { name: "replica" });
  await mesh.register({
    agent_id: "r-1",
    name: "replica",
    http_host: "r-1.test",
    http_port: 9000,
    tools: [tool("pay"), { ...tool("look"), kwargs: { idempotent: true } }],
  });
  network.agents.set("r-1.test:9000", () => new Response(null, { status: 502 }));
  for (const [name, times] of [["pay", 1], ["look", 3]] as const) {
    const before = network.received.length;
    const { result } = await post("/mcp", call(name));
    equal(result._meta["mesh/error"].code, "interrupted", name);
    equal(network.received.length - before, times, name);
  }
});

scene("namespaces are servers of their own", async (scene) => {
  const { join } = scene;
  await join("one", { search: nothing }, { namespace: "blue", name: "finder" });
  await join("two", { search: nothing }, { namespace: "green", name: "finder" });
  deepEqual(await names(scene, "?namespace=blue"), ["search"]);
  deepEqual(await names(scene, "?namespace=red"), []);
  deepEqual(await names(scene), ["blue__finder__search", "green__finder__search"]);
  const { result } = await scene.post("/mcp", { method: "tools/list" }, {
    "x-mesh-namespace": "green",
  });
  equal(result.tools.length, 1);
});

const STRICT = { MCP_MESH_NAMESPACE_STRICT: "true", MCP_MESH_ADMIN_TOKEN: "operators-only" };
scene("strict namespaces: nothing asked for is default, all is for operators", async (scene) => {
  const { join, send } = scene;
  await join("one", { a: nothing });
  await join("two", { b: nothing }, { namespace: "blue" });
  deepEqual(await names(scene), ["a"]);
  const all = {
    method: "POST",
    headers: HEADERS,
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  };
  equal((await send("/mcp?namespace=*", all)).status, 401);
  const headers = { ...HEADERS, authorization: "Bearer operators-only" };
  equal((await send("/mcp?namespace=*", { ...all, headers })).status, 200);
}, { env: STRICT });

scene("the address filters by tags and capability", async (scene) => {
  await scene.join("a-1", {}, {
    tools: [
      tool("flights", { tags: ["travel", "beta"], capability: "search.flights" }),
      tool("hotels", { tags: ["travel"], capability: "search.hotels" }),
      tool("weather", { tags: ["outdoor"], capability: "forecast" }),
    ],
  });
  const rows: [query: string, expected: string[]][] = [
    ["", ["flights", "hotels", "weather"]],
    ["?tags=travel", ["flights", "hotels"]],
    ["?tags=travel,-beta", ["hotels"]],
    ["?tags=travel&tags=-beta", ["hotels"]],
    ["?tags=beta|outdoor", ["flights", "weather"]],
    ["?tags=%2Bbeta", ["flights", "hotels", "weather"]],
    ["?capability=forecast", ["weather"]],
    ["?capability=search.*", ["flights", "hotels"]],
    ["?capability=forecast,search.hotels", ["hotels", "weather"]],
    ["?capability=search.*&tags=-beta", ["hotels"]],
    ["?tags=&capability=", ["flights", "hotels", "weather"]],
  ];
  for (const [query, expected] of rows) deepEqual(await names(scene, query), expected, query);
  // What is not seen cannot be called either.
  match((await scene.post("/mcp?tags=outdoor", call("hotels"))).error.message, /Unknown tool/);
  equal((await scene.send("/mcp?mode=x", { method: "POST", body: "{}" })).status, 400);
});

scene("arguments and results pass through as they are", async ({ join, network, send }) => {
  await join("a-1", { raw: nothing });
  const result = '{"content":[{"type":"image","data":"AA==","mimeType":"image/png","odd":1},' +
    '{"type":"new_kind","x":[]},{"type":"resource_link","uri":"a:b","name":"n"}],' +
    '"structuredContent":{"id":12345678901234567890,"price":0.30000000000000004441},' +
    '"isError":true,"_meta":{"own/key":{"a":null}},"more":1}';
  for (const type of ["application/json", "text/event-stream"]) {
    const text = `{"jsonrpc":"2.0","id":1,"result":${result}}`;
    const body = type === "application/json" ? text : `data: ${text}\n\n`;
    network.agents.set(
      "a-1.test:9000",
      () => new Response(body, { headers: { "content-type": type } }),
    );
    const args = '{"big":98765432109876543210,"text":"1234567890123456789","none":null}';
    const response = await send("/mcp", {
      method: "POST",
      headers: HEADERS,
      body:
        `{"jsonrpc":"2.0","id":"q","method":"tools/call","params":{"name":"raw","arguments":${args}}}`,
    });
    equal(
      await response.text(),
      `event: message\ndata: {"result":${result},"jsonrpc":"2.0","id":"q"}\n\n`,
    );
    equal(
      network.received.at(-1)?.body,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"raw","arguments":${args}}}`,
    );
  }
});

for (const era of eras) {
  scene(`what an agent says on the way arrives on the way (${era})`, async ({ join, client }) => {
    const heard = Promise.withResolvers<void>();
    await join("a-1", {
      count: async ({ notify }) => {
        await notify({ progress: 1, total: 2, message: "half", _meta: { "mesh/chunk": [1] } });
        // Goes on only when the client has heard of the first half.
        await heard.promise;
        await notify({ progress: 2, total: 2 });
        return "done";
      },
    });
    const progress: Json[] = [];
    const connected = await client("/mcp", era);
    const { content } = await connected.callTool({ name: "count", arguments: {} }, {
      onprogress: (params) => {
        progress.push(params);
        heard.resolve();
      },
    });
    deepEqual(content, [{ type: "text", text: '"done"' }]);
    deepEqual(progress.map(({ progress, total, message }) => [progress, total, message]), [
      [1, 2, "half"],
      [2, 2, undefined],
    ]);
  });

  for (const [how, onprogress] of [["quiet", undefined], ["followed", () => {}]] as const) {
    scene(`a client that gives up ends a ${how} call (${era})`, async ({ join, client }) => {
      const begun = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      await join("a-1", {
        wait: async ({ signal, notify, isFollowed }) => {
          signal.addEventListener("abort", () => ended.resolve());
          if (isFollowed) await notify({ message: "begun" });
          begun.resolve();
          await ended.promise;
        },
      });
      const connected = await client("/mcp", era);
      const giveUp = new AbortController();
      const calling = connected.callTool({ name: "wait" }, {
        signal: giveUp.signal,
        ...(onprogress && { onprogress }),
      });
      await begun.promise;
      giveUp.abort();
      await rejects(calling);
      await ended.promise;
    });
  }
}

scene("only the session that began a call can cancel it", async ({ join, send }) => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await join("a-1", {
    wait: ({ signal }) => {
      signal.addEventListener("abort", () => ended.resolve());
      begun.resolve();
      return ended.promise;
    },
  });
  const ask = (message: Json, session: string) =>
    send("/mcp", {
      method: "POST",
      headers: { ...HEADERS, "mcp-session-id": session },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const cancel = { method: "notifications/cancelled", params: { requestId: 3 } };
  const calling = ask({ id: 3, ...call("wait") }, "mine");
  await begun.promise;
  equal((await ask(cancel, "another's")).status, 202);
  let isOver = false;
  void ended.promise.then(() => isOver = true);
  equal((await ask({ ...cancel, params: { requestId: "3" } }, "mine")).status, 202);
  equal(isOver, false);
  equal((await ask(cancel, "mine")).status, 202);
  await ended.promise;
  equal((await calling).status, 499);
});

scene("the progress of any agent only grows", async ({ join, send }) => {
  await join("a-1", {
    count: async ({ notify }) => {
      const told: Json[] = [
        { progress: 1, total: 3 },
        { progress: 1, total: 3 },
        { progress: 0, message: "chunk" },
        { progress: "2" },
        { progress: 2, total: -1 },
      ];
      for (const each of told) await notify(each);
      return "x";
    },
  });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 7,
    ...call("count", {}, { progressToken: 1 }),
  });
  const response = await send("/mcp", { method: "POST", headers: HEADERS, body });
  const messages = (await response.text()).split("\n\n").flatMap((event) =>
    event === "" ? [] : JSON.parse(event.split("data: ")[1] ?? "")
  );
  deepEqual(messages.flatMap(({ params }) => params ?? []), [
    { progress: 1, total: 3, progressToken: 1 },
    { progress: 1.000001, total: 3, message: "chunk", progressToken: 1 },
    { progress: 2, progressToken: 1 },
  ]);
});

scene("chunks keep their own meta and the caller's token", async ({ join, send }) => {
  const chunk = { progress: 1, message: "[1]", _meta: { "mesh/chunk": [1] }, odd: true };
  await join("a-1", {
    stream: async ({ notify }) => {
      await notify(chunk);
      await notify({ progressToken: "somebody else's" });
      return "x";
    },
  });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 7,
    ...call("stream", {}, { progressToken: "tok" }),
  });
  const response = await send("/mcp", { method: "POST", headers: HEADERS, body });
  const [first, last, ...rest] = (await response.text()).split("\n\n");
  deepEqual(JSON.parse(first?.split("data: ")[1] ?? ""), {
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { ...chunk, progressToken: "tok" },
  });
  equal(JSON.parse(last?.split("data: ")[1] ?? "").id, 7);
  deepEqual(rest, [""]);
});

scene("a reader that does not read holds the agent back", async ({ join, network, send }) => {
  await join("a-1", { flood: nothing });
  let made = 0;
  const event = (message: Json) => new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`);
  const progress = { jsonrpc: "2.0", method: "notifications/progress" };
  network.agents.set("a-1.test:9000", () => {
    const body = new ReadableStream({
      pull: (controller) => {
        made += 1;
        controller.enqueue(event({ ...progress, params: { progressToken: 1, progress: made } }));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    ...call("flood", {}, { progressToken: 1 }),
  });
  const response = await send("/mcp", { method: "POST", headers: HEADERS, body });
  const reader = response.body?.getReader();
  for (let read = 0; read < 100; read++) await reader?.read();
  ok(made < 120, `${made} were made for 100 that were read`);
  await reader?.cancel();
});

scene("deadline and trace travel on, secrets do not", async ({ join, network, send }) => {
  await join("a-1", { a: nothing });
  const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const ask = (headers: Json, meta?: Json) =>
    send("/mcp", {
      method: "POST",
      headers: { ...HEADERS, authorization: "Bearer for-the-registry", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...call("a", {}, meta) }),
    });
  await ask({ "x-mesh-timeout": "9", traceparent: trace, "x-trace-id": "t", "x-parent-span": "s" });
  const { headers } = network.received.at(-1) ?? {};
  equal(headers?.get("x-mesh-timeout"), "9");
  deepEqual(
    ["traceparent", "x-trace-id", "x-parent-span"].map((name) => headers?.get(name)),
    [trace, "t", "s"],
  );
  equal(headers?.has("authorization"), false);
  await ask({ "x-own": "kept", cookie: "c=1" }, { traceparent: trace });
  const { headers: second } = network.received.at(-1) ?? {};
  equal(second?.get("traceparent"), trace);
  equal(second?.get("x-own"), "kept");
  deepEqual(["cookie", "x-mesh-timeout"].filter((name) => second?.has(name)), []);
}, {
  env: { MCP_MESH_MCP_TOKEN: "for-the-registry", MCP_MESH_PROPAGATE_HEADERS: "authorization,x-*" },
});

scene("a call that takes too long is given up on both sides", async ({ join, post }) => {
  const ended = Promise.withResolvers<void>();
  await join("slow-1", {
    wait: ({ signal }) => {
      signal.addEventListener("abort", () => ended.resolve());
      return ended.promise;
    },
  });
  const { result } = await post("/mcp", call("wait"));
  equal(result.isError, true);
  equal(result._meta["mesh/error"].code, "timeout");
  match(result.content[0].text, /slow-1 did not answer wait within 0.05 s; .*X-Mesh-Timeout/);
  await ended.promise;
}, { env: { MCP_MESH_PROXY_TIMEOUT: "0.05" } });

const json = { "content-type": "application/json" };
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

for (const depth of [198, 5_000, 100_000]) {
  scene(`a message of ${depth + 3} levels is refused, wherever they are`, async (scene) => {
    const { join, send, network } = scene;
    await join("a-1", { a: nothing });
    const deep = nested(depth);
    const params = (args: string, meta: string) =>
      `{"name":"a","arguments":${args},"_meta":${meta}}`;
    const message = (id: string, params: string) =>
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
    const bodies: [body: string, id: number | null][] = [
      [message("7", params(`{"z":${deep}}`, "{}")), 7],
      [message("7", params(`{"n":12345678901234567890,"z":${deep}}`, "{}")), 7],
      [message("7", params("{}", `{"z":${deep}}`)), 7],
      [
        `[${message("7", params("{}", "{}"))},${message("8", params(`{"z":${deep}}`, "{}"))}]`,
        null,
      ],
      [message(nested(depth + 2), params("{}", "{}")), null],
      [nested(depth + 3), null],
    ];
    for (const [body, id] of bodies) {
      for (const type of ["application/json", "application/json; charset=utf-8"]) {
        const headers = { ...HEADERS, "content-type": type };
        const response = await send("/mcp", { method: "POST", headers, body });
        equal(response.status, 400);
        const answer = await response.json();
        equal(answer.id, id);
        equal(answer.error.data["mesh/error"].code, "bad_input");
        match(answer.error.message, /nested deeper than 200 levels/);
      }
    }
    equal(network.received.length, 0);
    const fits = message("7", params(`{"z":${nested(197)}}`, "{}"));
    equal((await send("/mcp", { method: "POST", headers: HEADERS, body: fits })).status, 200);
  });
}

const failures: [what: string, answer: () => Response, code: string, text: RegExp][] = [
  [
    "HTTP 500",
    () => new Response("oops", { status: 500 }),
    "interrupted",
    /HTTP 500: oops; it may have run/,
  ],
  ["HTTP 503", () => new Response(null, { status: 503 }), "interrupted", /it may have run/],
  ["no JSON", () => new Response("<p>", { headers: json }), "protocol", /no message: <p>/],
  ["no body", () => new Response(null, { status: 202 }), "protocol", /HTTP 202/],
  [
    "events without a result",
    () => new Response(": bye\n\n", { headers: { "content-type": "text/event-stream" } }),
    "interrupted",
    /ended its answer without a result/,
  ],
  [
    "what is nested too deep",
    () => new Response(`{"jsonrpc":"2.0","id":1,"result":{"x":${nested(200)}}}`, { headers: json }),
    "protocol",
    /a answered more than fits: it is nested deeper than 200 levels/,
  ],
  [
    "large numbers that are nested too deep",
    () => new Response(`{"id":1,"error":[12345678901234567890,${nested(1e5)}]}`, { headers: json }),
    "protocol",
    /a answered more than fits: it is nested deeper than 200 levels/,
  ],
  [
    "an event that is nested too deep",
    () =>
      new Response(`data: {"method":"notifications/progress","params":${nested(1e5)}}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      }),
    "protocol",
    /a answered more than fits: it is nested deeper than 200 levels/,
  ],
  [
    "a question to its caller",
    () => Response.json({ jsonrpc: "2.0", id: 0, method: "sampling/createMessage", params: {} }),
    "protocol",
    /asked its caller for sampling\/createMessage/,
  ],
];
for (const [what, answer, code, text] of failures) {
  scene(`an agent that answers ${what}`, async ({ join, network, post }) => {
    for (const id of ["a-1", "a-2"]) await join(id, { a: nothing }, { name: "a" });
    for (const host of network.agents.keys()) network.agents.set(host, answer);
    const { result } = await post("/mcp", call("a"));
    equal(result.isError, true);
    equal(result._meta["mesh/error"].code, code);
    match(result.content[0].text, text);
    equal(network.received.length, 1, "what may have run is not sent again");
  });
}

scene("an agent's own refusal passes through", async ({ join, network, post }) => {
  await join("a-1", { a: nothing });
  const error = { code: -32602, message: "Unknown tool: a", data: { hint: 1 } };
  network.agents.set(
    "a-1.test:9000",
    () => Response.json({ jsonrpc: "2.0", id: 1, error }, { status: 400 }),
  );
  deepEqual((await post("/mcp", call("a"))).error, error);
});

scene("the newer protocol's questions to the user pass through", async (scene) => {
  const { join, client, network } = scene;
  const question = {
    resultType: "input_required",
    inputRequests: {
      who: {
        method: "elicitation/create",
        params: { message: "Who?", requestedSchema: { type: "object", properties: {} } },
      },
    },
    requestState: "half-way",
  };
  await join("asking-1", { ask: () => question }, { runtime: "deno" });
  const connected = await client("/mcp", "2026-07-28");
  await rejects(connected.callTool({ name: "ask" }), /input|elicitation/i);
  const { headers, body = "" } = network.received.at(-1) ?? {};
  equal(headers?.get("mcp-protocol-version"), "2026-07-28");
  equal(headers?.get("mcp-name"), "ask");
  ok(JSON.parse(body).params._meta["io.modelcontextprotocol/clientInfo"]);
  // An agent of another runtime gets what it knows.
  await join("python-1", { tell: () => "x" }, { runtime: "python" });
  await connected.callTool({ name: "tell" });
  equal(network.received.at(-1)?.headers.has("mcp-protocol-version"), false);
  deepEqual(JSON.parse(network.received.at(-1)?.body ?? "").params, {
    name: "tell",
    arguments: {},
  });
});

scene("a thousand tools come in pages", async (scene) => {
  const all = Array.from({ length: 1_000 }, (_, index) => `tool_${String(index).padStart(4, "0")}`);
  const third = Math.ceil(all.length / 4);
  for (let agent = 0; agent < 4; agent++) {
    const own = all.slice(agent * third, (agent + 1) * third);
    await scene.join(`a-${agent}`, {}, { tools: own.map((name) => tool(name)) });
  }
  const seen: string[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const { result } = await scene.post("/mcp", {
      method: "tools/list",
      params: cursor === undefined ? {} : { cursor },
    });
    ok(result.tools.length <= PAGE_MAX);
    seen.push(...result.tools.map(({ name }: Json) => name));
    cursor = result.nextCursor;
    pages += 1;
    // What goes meanwhile neither hides nor repeats others.
    if (pages === 1) await scene.mesh.unregister("a-0");
  } while (cursor !== undefined);
  equal(pages, 4);
  deepEqual(seen, all);
  const { error } = await scene.post("/mcp", { method: "tools/list", params: { cursor: "?" } });
  equal(error.code, -32602);
  for (const era of eras) {
    const { tools } = await (await scene.client("/mcp", era)).listTools();
    equal(tools.length, 750);
  }
});

scene("at most 256 calls at a time", async ({ join, send, post }) => {
  const go = Promise.withResolvers<string>();
  let running = 0;
  const full = Promise.withResolvers<void>();
  await join("a-1", {
    wait: () => {
      if (++running === 256) full.resolve();
      return go.promise;
    },
  });
  const calls = Array.from({ length: 256 }, () => post("/mcp", call("wait")));
  await full.promise;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...call("wait") });
  const refused = await send("/mcp", { method: "POST", headers: HEADERS, body });
  deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  go.resolve("went");
  for (const { result } of await Promise.all(calls)) equal(result.content[0].text, '"went"');
  equal((await post("/mcp", call("wait"))).result.content[0].text, '"went"');
});

scene(
  "a call whose answer nobody reads keeps its place only until its time is up",
  async (scene) => {
    const { join, send, post } = scene;
    const ended: Promise<void>[] = [];
    await join("a-1", {
      talk: async ({ notify, signal }) => {
        const over = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => over.resolve());
        ended.push(over.promise);
        await notify({ progress: 1 });
        await over.promise;
      },
      quick: () => "went",
    });
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      ...call("talk", {}, { progressToken: 1 }),
    });
    const unread = await Promise.all(
      Array.from({ length: 256 }, () => send("/mcp", { method: "POST", headers: HEADERS, body })),
    );
    equal((await send("/mcp", { method: "POST", headers: HEADERS, body })).status, 503);
    await Promise.all(ended);
    equal((await post("/mcp", call("quick"))).result.content[0].text, '"went"');
    for (const { body } of unread) await body?.cancel();
  },
  { env: { MCP_MESH_PROXY_TIMEOUT: "0.5" } },
);

scene("another instance's tools are found as soon as they are called", async (scene) => {
  const { mesh, post, network } = scene;
  equal((await post("/mcp", call("late"))).error.message, "Unknown tool: late");
  const { createRegistry } = await import("../app/registry.ts");
  const { readConfig } = await import("../config/config.ts");
  await using other = await createRegistry({
    kv: mesh.database.kv,
    config: readConfig({}).registry,
    now: () => mesh.now,
  });
  const late = provider("late-1", [], { http_host: "late.test", tools: [tool("late")] });
  await other.fetch(
    new Request("http://localhost/heartbeat", { method: "POST", body: JSON.stringify(late) }),
  );
  network.agents.set(
    "late.test:9000",
    () => Response.json({ jsonrpc: "2.0", id: 1, result: { content: [] } }),
  );
  deepEqual((await post("/mcp", call("late"))).result, { content: [] });
});

const refusals: [what: string, request: RequestInit, status: number][] = [
  ["DELETE", { method: "DELETE" }, 405],
  ["GET without wanting events", { headers: { accept: "application/json" } }, 406],
  ["no JSON", { method: "POST", headers: HEADERS, body: "{" }, 400],
  ["another media type", { method: "POST", body: "{}" }, 415],
  [
    "4 MiB and more",
    { method: "POST", headers: HEADERS, body: "x".repeat(BODY_MAX_BYTES + 1) },
    413,
  ],
  ["an unknown revision", {
    method: "POST",
    headers: { ...HEADERS, "mcp-protocol-version": "1999-01-01" },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  }, 400],
];
for (const [what, request, status] of refusals) {
  scene(`${what} is answered ${status}`, async ({ send }) => {
    const response = await send("/mcp", request);
    await response.text();
    equal(response.status, status);
  });
}

const TOKEN = "a-token-of-the-mesh";
const guards: [
  env: Record<string, string>,
  peer: Peer,
  url: string,
  headers: Record<string, string>,
  status: number,
][] = [
  [{}, { remote: "127.0.0.1" }, "http://localhost/mcp", {}, 200],
  [{}, { remote: "::1" }, "http://[::1]/mcp", { origin: "http://localhost:3000" }, 200],
  [{}, { remote: "10.0.0.7" }, "http://localhost/mcp", {}, 403],
  [{}, {}, "http://localhost/mcp", {}, 403],
  [{}, { remote: "127.0.0.1" }, "http://rebound.test/mcp", {}, 403],
  [{}, { remote: "127.0.0.1" }, "http://localhost/mcp", { origin: "http://evil.test" }, 403],
  [{}, { remote: "127.0.0.1" }, "http://localhost/mcp", { "x-forwarded-for": "1.2.3.4" }, 403],
  [{ MCP_MESH_MCP: "off" }, { remote: "127.0.0.1" }, "http://localhost/mcp", {}, 404],
  [{ MCP_MESH_MCP: "on" }, { remote: "10.0.0.7" }, "http://mesh.test/mcp", {}, 200],
  [
    { MCP_MESH_MCP: "on" },
    { remote: "10.0.0.7" },
    "http://mesh.test/mcp",
    { origin: "http://mesh.test" },
    403,
  ],
  [
    { MCP_MESH_MCP: "on", MCP_MESH_ALLOWED_HOSTS: "mesh.test" },
    { remote: "10.0.0.7" },
    "http://mesh.test/mcp",
    { origin: "http://mesh.test" },
    200,
  ],
  [
    { MCP_MESH_MCP: "on", MCP_MESH_ALLOWED_HOSTS: "mesh.test" },
    { remote: "10.0.0.7" },
    "http://other.test/mcp",
    {},
    403,
  ],
  [{ MCP_MESH_MCP_TOKEN: TOKEN }, { remote: "127.0.0.1" }, "http://localhost/mcp", {}, 401],
  [
    { MCP_MESH_MCP_TOKEN: TOKEN },
    { remote: "127.0.0.1" },
    "http://localhost/mcp",
    { authorization: `Bearer ${TOKEN}x` },
    401,
  ],
  [
    { MCP_MESH_MCP_TOKEN: TOKEN },
    { remote: "127.0.0.1" },
    "http://localhost/mcp",
    { authorization: `bearer ${TOKEN}` },
    200,
  ],
  [
    { MCP_MESH_MCP_TOKEN: TOKEN },
    { remote: "10.0.0.7" },
    "http://localhost/mcp",
    { authorization: `Bearer ${TOKEN}` },
    403,
  ],
  [
    { MCP_MESH_MCP_TOKEN: TOKEN, MCP_MESH_ADMIN_TOKEN: "operators-only" },
    { remote: "127.0.0.1" },
    "http://localhost/mcp",
    { authorization: "Bearer operators-only" },
    200,
  ],
];
for (const [env, peer, url, headers, status] of guards) {
  const from = `${peer.remote ?? "unknown"} to ${url} with ${Object.keys(headers)}`;
  scene(`${JSON.stringify(env)} answers ${from}: ${status}`, async ({ mesh }) => {
    const response = await mesh.ask(
      new Request(url, {
        method: "POST",
        headers: { ...HEADERS, ...headers },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      }),
      peer,
    );
    const text = await response.text();
    equal(response.status, status, text);
    equal(response.headers.has("www-authenticate"), status === 401);
    for (const secret of [TOKEN, "operators-only"]) {
      equal((text + mesh.log.join()).includes(secret), false);
    }
  }, { env });
}
