import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { BODY_MAX_BYTES } from "../http/body.ts";
import { DEPTH_MAX } from "../../runtime/base/bounded_json.ts";
import { provider, row, type TestMesh } from "./mesh_fixture.ts";
import { hasControls } from "../base/plain_text.ts";

/** Whatever came before, the registry still answers and has only what it had. */
async function unharmed(mesh: TestMesh, ...ids: string[]): Promise<void> {
  deepEqual((await mesh.agents()).map(({ id }) => id), ids);
  equal((await mesh.send("/health")).status, 200);
  deepEqual(mesh.log, []);
}

const text = new TextEncoder();
const nested = (open: string, close: string, levels: number) =>
  open.repeat(levels) + close.repeat(levels);
const registration = (kwargs: string) =>
  `{"agent_id":"a","tools":[{"function_name":"f","capability":"c","kwargs":{"x":${kwargs}}}]}`;

const refusedBodies: [name: string, body: string | Uint8Array<ArrayBuffer>, error: RegExp][] = [
  ["nothing", "", /^Invalid JSON payload: /],
  ["half an object", '{"agent_id":"a"', /^Invalid JSON payload: /],
  ["a list", "[]", /^Invalid JSON payload: expected object/],
  ["null", "null", /^Invalid JSON payload: expected object/],
  ["a NUL", '{"agent_id":"a\0"}', /^Invalid JSON payload: /],
  ["bad UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), /^Invalid JSON payload: /],
  ["a depth bomb of lists", nested("[", "]", 1_000_000), /nested deeper than 200 levels/],
  ["a depth bomb of objects", '{"a":'.repeat(500_000), /nested deeper than 200 levels/],
  ["a depth bomb within", registration(nested("[", "]", 100_000)), /nested deeper than 200/],
  ["a huge port", '{"agent_id":"a","http_port":1e999}', /http_port/],
  ["a fraction of a port", '{"agent_id":"a","http_port":80.5}', /http_port/],
  ["a port of another world", '{"agent_id":"a","http_port":65536}', /http_port.*65536/],
  ["a host with a path", '{"agent_id":"a","http_host":"h/../admin"}', /http_host/],
  ["a host with a user", '{"agent_id":"a","http_host":"u:p@h"}', /http_host/],
  ["a host with a line break", '{"agent_id":"a","http_host":"h\\r\\nx"}', /http_host/],
  ["tools that are none", '{"agent_id":"a","tools":{"length":1}}', /tools/],
];
for (const [name, body, error] of refusedBodies) {
  row("hostile body", `${name} is refused, naming what is wrong`, async (mesh) => {
    const response = await mesh.send("/heartbeat", { method: "POST", body });
    equal(response.status, 400);
    match((await response.json()).error, error);
    await unharmed(mesh);
  });
}

row("hostile body", "one that does not say its length is cut at the limit", async (mesh) => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(text.encode(" ".repeat(65_536)));
    },
  });
  const response = await mesh.send("/heartbeat", { method: "POST", body });
  equal(response.status, 413);
  match((await response.json()).error, new RegExp(`larger than ${BODY_MAX_BYTES} bytes`));
  equal(sent <= BODY_MAX_BYTES + 4 * 65_536, true, `${sent} bytes were asked for`);
  await unharmed(mesh);
});

const ids = ["../../etc", "a b", "A", "a\nb", "é", "-a", "__proto__", "a".repeat(254), "a/b"];
for (const agent_id of ids) {
  row("hostile id", `${JSON.stringify(agent_id).slice(0, 30)} is refused by name`, async (mesh) => {
    const { status, message } = await mesh.register({ agent_id });
    equal(status, "error");
    match(message, /^validation failed: agent_id: /);
    const path = encodeURIComponent(agent_id);
    equal(await mesh.beat(path), 410);
    equal(await mesh.unregister(path), 204);
    equal((await mesh.send(`/agents/${path}`)).status, 404);
    await unharmed(mesh);
  });
}

row("hostile names", "of Object's own members are names like any other", async (mesh) => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  await mesh.register({
    agent_id: "p",
    http_host: "h",
    http_port: 1,
    tools: names.map((name) => ({
      function_name: name,
      capability: name,
      dependencies: names.map((capability) => ({ capability })),
    })),
  });
  const { dependencies_resolved = {} } = await mesh.register({
    agent_id: "me",
    tools: names.map((name) => ({
      function_name: name,
      capability: `my ${name}`,
      dependencies: [{ capability: name }],
    })),
  });
  // Parsing with zod leaves out `__proto__`; the listing below counts it.
  for (const name of names.slice(1)) {
    equal(Object.getOwnPropertyDescriptor(dependencies_resolved, name)?.value[0].agent_id, "p");
  }
  equal(({} as Record<string, unknown>)["agent_id"], undefined);
  equal((await mesh.agent("me")).dependencies_resolved, names.length);
  await unharmed(mesh, "p", "me");
});

row("hostile names", "with halves of characters are kept as they are", async (mesh) => {
  const name = 'a c"\\\ud800';
  await mesh.register(provider("p", name));
  const used = await mesh.register({
    agent_id: "me",
    tools: [{ function_name: name, capability: "u", dependencies: [{ capability: name }] }],
  });
  equal(Object.values(used.dependencies_resolved ?? {})[0]?.[0]?.status, "available");
  deepEqual((await mesh.agents(`?capabilities=${encodeURIComponent("a c")}&fuzzy=1`)).length, 1);
  await unharmed(mesh, "p", "me");
});

const CONTROLS = [
  "\0",
  "\x1b]0;x\x07",
  "a\r\nb",
  "\x7f",
  "\x9b2J",
  "\u202etxt",
  "\u2066",
  "\u2028",
];
const named: [field: string, registration: (name: string) => RegistrationInput][] = [
  ["agent_id", (agent_id) => ({ agent_id })],
  ["name", (name) => ({ agent_id: "a", name })],
  ["namespace", (namespace) => ({ agent_id: "a", namespace })],
  ...([
    ["function_name", (name) => ({ function_name: name })],
    ["capability", (name) => ({ capability: name })],
    ["tags", (name) => ({ tags: ["x", name] })],
    ["dependencies.capability", (name) => ({ dependencies: [{ capability: name }] })],
    ["dependencies.tags", (name) => ({ dependencies: [{ tags: ["x", ["y", name]] }] })],
    ["llm_provider", (name) => ({ llm_provider: { capability: name } })],
    ["llm_provider", (name) => ({ llm_provider: { capability: "c", tags: [name] } })],
    ["llm_provider", (name) => ({
      llm_provider: { capability: "c", fallback: [{ capability: "c", tags: [name] }] },
    })],
    ["llm_filter", (name) => ({ llm_filter: { filter: [name] } })],
    ["llm_filter", (name) => ({ llm_filter: { filter: [{ tags: [name] }] } })],
  ] as [string, (name: string) => object][]).map(
    ([field, tool]): [string, (name: string) => RegistrationInput] => [
      `tools[1].${field}`,
      (name) => ({
        agent_id: "a",
        tools: [
          { function_name: "f", capability: "c" },
          { function_name: "g", capability: "c", ...tool(name) },
        ],
      }),
    ],
  ),
  ["surfaces[0].path", (path) => ({ agent_id: "a", surfaces: [{ path, skill_id: "s" }] })],
  ["surfaces[0].skill_id", (skill_id) => ({ agent_id: "a", surfaces: [{ path: "/", skill_id }] })],
  [
    "surfaces[0].tags",
    (tag) => ({ agent_id: "a", surfaces: [{ path: "/", skill_id: "s", tags: [tag] }] }),
  ],
];
for (const [field, registration] of named) {
  row("hostile names", `control characters in ${field} are refused`, async (mesh) => {
    for (const name of CONTROLS) {
      const { status, message } = await mesh.register(registration(name));
      equal(status, "error");
      ok(message.startsWith(`validation failed: ${field}: `), message);
      // What is said of them has none itself.
      equal(hasControls(message), false);
    }
    await unharmed(mesh);
  });
}

row("hostile names", "an agent that is known takes none either", async (mesh) => {
  await mesh.register(provider("p", "c"));
  match(
    (await mesh.register(provider("p", "c", { name: "\x1b[2J" }))).message,
    /^validation failed: name/,
  );
  equal((await mesh.agent("p")).name, "p");
});

row("hostile texts", "are cleaned where they are kept", async (mesh) => {
  const text = "one\x1b[2J\r\ntwo\u202e\ttabs";
  await mesh.register({
    ...provider("p", []),
    version: text,
    description: text,
    tools: [{
      function_name: "f",
      capability: "c",
      version: text,
      description: text,
      title: text,
      inputSchema: { type: "object" },
    }],
    health: { status: "degraded", errors: [text] },
  });
  const line = "one [2J two tabs";
  const whole = "one\ufffd[2J\ntwo\ufffd\ttabs";
  const { version, description, health, capabilities } = await mesh.agent("p");
  deepEqual([version, description, health?.errors], [line, whole, [line]]);
  const [tool] = capabilities ?? [];
  deepEqual([tool?.version, tool?.description], [line, whole]);
  await unharmed(mesh, "p");
});

row(
  "hostile values",
  "the last of two equal keys counts; huge numbers stay numbers",
  async (mesh) => {
    await mesh.post('{"agent_id":"x","agent_id":"a","tools":[],"tools":null}');
    await mesh.post(registration("[1e308,-0,123456789012345678901234567890]"));
    await unharmed(mesh, "a");
  },
);

row(
  "limits",
  "300 tools with 2,048 characters to their names work, over a restart",
  async (mesh) => {
    const long = (index: number) => `${index}`.padEnd(2_048, "x");
    const tools = Array.from({ length: 300 }, (_, index) => ({
      function_name: index < 50 ? long(index) : `f${index}`,
      capability: index < 50 ? long(index) : `c${index}`,
    }));
    equal((await mesh.register({ agent_id: "p", tools })).status, "success");
    const me = {
      agent_id: "me",
      tools: [{
        function_name: long(1),
        capability: "u",
        dependencies: [{ capability: long(1) }, { capability: long(1), tags: [long(2)] }],
      }],
    };
    const { dependencies_resolved = {} } = await mesh.register(me);
    deepEqual(dependencies_resolved[long(1)]?.map(({ status }) => status), [
      "available",
      "unresolved",
    ]);
    await mesh.restart();
    equal((await mesh.agent("p")).capabilities?.length, 300);
    await unharmed(mesh, "p", "me");
  },
);

const TOO_LONG = "x".repeat(2_049);
const tool = { function_name: "f", capability: "c" };
const overLimits: [name: string, tool: object, message: RegExp][] = [
  ["function", { ...tool, function_name: TOO_LONG }, /tools\[0\]\.function_name .* 2048 .* 2049/],
  ["capability", { ...tool, capability: TOO_LONG }, /tools\[0\]\.capability .* 2048 .* 2049/],
  ["version", { ...tool, version: TOO_LONG }, /tools\[0\]\.version .* 2048 .* 2049/],
  ["tag", { ...tool, tags: ["x", TOO_LONG] }, /tools\[0\]\.tags .* 2048 .* 2049/],
  [
    "dependency",
    { ...tool, dependencies: [{ capability: TOO_LONG }] },
    /tools\[0\]\.dependencies\.capability .* 2048 .* 2049/,
  ],
  [
    "dependency's tag",
    { ...tool, dependencies: [{ capability: "d", tags: [["x", TOO_LONG]] }] },
    /tools\[0\]\.dependencies\.tags .* 2048 .* 2049/,
  ],
  [
    "dependency's version",
    { ...tool, dependencies: [{ capability: "d", version: TOO_LONG }] },
    /tools\[0\]\.dependencies\.version .* 2048 .* 2049/,
  ],
  ["whole registration", { ...tool, description: "x".repeat(800_000) }, /over the limit of 700000/],
];
for (const [name, hostile, message] of overLimits) {
  row(
    "limits",
    `a ${name} over its limit is refused with the limit, nothing stored`,
    async (mesh) => {
      await mesh.register(provider("p", "c"));
      const response = await mesh.post({ agent_id: "p", tools: [hostile] });
      const body = await response.json();
      deepEqual([response.status, body.status], [200, "error"]);
      match(body.message, message);
      equal((await mesh.agent("p")).capabilities?.[0]?.function_name, "c");
      await unharmed(mesh, "p");
    },
  );
}

row("limits", `${DEPTH_MAX} levels work, brackets in texts are none`, async (mesh) => {
  // Four levels stand around kwargs.x.
  await mesh.post(registration(nested("[", "]", DEPTH_MAX - 4)));
  await mesh.post(registration(JSON.stringify(`"${"[{\\".repeat(1_000)}`)));
  await unharmed(mesh, "a");
});

const escapes = [
  "mcp/../jobs",
  "mcp/..",
  "mcp/%2e%2e/jobs",
  "mcp/.%2e/jobs",
  "mcp/%2E%2E%2Fjobs",
  "mcp/%252e%252e/jobs",
  "mcp/%25252e%25252e/jobs",
  "mcp/..%5cjobs",
  "mcp%2f..%2fjobs",
  "mcp/x/..%2f..%2fjobs",
  "mcp\\..\\jobs",
  "MCP",
  "mcp;/jobs",
  "%6dcp",
  "/mcp",
  "jobs#/mcp",
];
for (const escape of escapes) {
  const asked: string[] = [];
  const fetch = (input: string | URL | Request) => {
    asked.push(new Request(input).url);
    return Promise.resolve(new Response("reached"));
  };
  row("proxy escape", `${escape} reaches nothing but /mcp`, async (mesh) => {
    await mesh.register(provider("p", "c", { http_host: "10.0.0.1" }));
    const response = await mesh.send(`/proxy/10.0.0.1:9000/${escape}`);
    equal(response.status >= 400, true, `${response.status}`);
    await response.body?.cancel();
    deepEqual(asked, []);
    await unharmed(mesh, "p");
  }, { fetch });
}

const spans = ["", "0", "abc", "f".repeat(15), "f".repeat(100_000), "\u00ff", "x y"];
for (const span of spans) {
  const passedOn: (string | null)[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    passedOn.push(new Request(input, init).headers.get("x-parent-span"));
    return Promise.resolve(Response.json({ jsonrpc: "2.0", id: 1, result: {} }));
  };
  row("short span", `${JSON.stringify(span).slice(0, 20)} harms nobody`, async (mesh) => {
    await mesh.register(provider("p", "c", { http_host: "10.0.0.1" }));
    const headers = { "x-parent-span": span, "x-trace-id": span };
    const response = await mesh.send("/proxy/10.0.0.1:9000/mcp", {
      method: "POST",
      headers,
      body: "{}",
    });
    deepEqual([response.status, (await response.json()).id], [200, 1]);
    equal(passedOn.length, 1);
    await unharmed(mesh, "p");
  }, { fetch });
}
