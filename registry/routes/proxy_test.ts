import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { BODY_MAX_BYTES } from "../http/body.ts";
import { type MeshOptions, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

/** What reached the agent. */
interface Received {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

/** An agent's side of the network: answers, and remembers what it was asked. */
class Upstream {
  readonly received: Received[] = [];

  constructor(readonly answer: (request: Request) => Response | Promise<Response>) {}

  readonly fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    this.received.push({
      url: request.url,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
    });
    return await this.answer(request);
  };
}

function proxied(
  name: string,
  answer: (request: Request) => Response | Promise<Response>,
  check: (mesh: TestMesh, upstream: Upstream) => Promise<void>,
  env: MeshOptions["env"] = {},
): void {
  const upstream = new Upstream(answer);
  row(name, "proxy", async (mesh) => {
    await mesh.register(provider("agent-1", "c", { name: "agent", http_host: "10.0.0.1" }));
    await check(mesh, upstream);
  }, { env, fetch: upstream.fetch });
}

/** The status of an answer that has been read to its end. */
async function statusOf(mesh: TestMesh, path: string, init?: RequestInit): Promise<number> {
  const response = await mesh.send(path, init);
  await response.text();
  return response.status;
}

const ok = () => Response.json({ jsonrpc: "2.0", id: 1, result: {} });
const TARGET = "/proxy/10.0.0.1:9000/mcp";
const post = (headers: Record<string, string> = {}, body = '{"id":1}') => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body,
});

proxied(
  "X1 relays status, headers and body both ways",
  () => new Response("made", { status: 201, headers: { "mcp-session-id": "s", "x-more": "m" } }),
  async (mesh, upstream) => {
    const response = await mesh.send(`${TARGET}?q=1`, post());
    equal(response.status, 201);
    equal(await response.text(), "made");
    equal(response.headers.get("mcp-session-id"), "s");
    equal(response.headers.get("x-more"), "m");
    const [{ url, method, body } = {}] = upstream.received;
    deepEqual([url, method, body], ["http://10.0.0.1:9000/mcp", "POST", '{"id":1}']);
  },
);

proxied("GET goes without a body and to deeper paths", ok, async (mesh, upstream) => {
  equal(await statusOf(mesh, `${TARGET}/deep/er`), 200);
  const [{ url, method, body } = {}] = upstream.received;
  deepEqual([url, method, body], ["http://10.0.0.1:9000/mcp/deep/er", "GET", ""]);
});

proxied(
  "X5, X6 by name and id, dead or alive, to the stored address",
  ok,
  async (mesh, upstream) => {
    equal(await statusOf(mesh, "/proxy/agent:9000/mcp", post()), 200);
    await mesh.unregister("agent-1");
    equal(await statusOf(mesh, "/proxy/agent-1:9000/mcp", post()), 200);
    deepEqual(upstream.received.map(({ url }) => url), [
      "http://10.0.0.1:9000/mcp",
      "http://10.0.0.1:9000/mcp",
    ]);
  },
);

const refusals: [id: string, path: string, status: number, error: RegExp][] = [
  ["X2", "/proxy/evil:80/mcp", 403, /^Target host 'evil:80' is not a registered agent$/],
  ["X2 port", "/proxy/10.0.0.1:22/mcp", 403, /^Target host '10\.0\.0\.1:22'/],
  ["X3", "/proxy/10.0.0.1:9000/health", 400, /^Only \/mcp\/\* paths/],
  ["X4", "/proxy/10.0.0.1:9000", 400, /^Invalid target format: missing path/],
  ["..", "/proxy/10.0.0.1:9000/mcp/%252e%252e/health", 400, /'\.\.'/],
];
for (const [id, path, status, error] of refusals) {
  proxied(`${id} refuses ${path}`, ok, async (mesh, upstream) => {
    const response = await mesh.send(path, post());
    equal(response.status, status);
    match((await response.json()).error, error);
    deepEqual(upstream.received, []);
  });
}

proxied("413 for a body over the limit", ok, async (mesh, upstream) => {
  const response = await mesh.send(TARGET, post({}, "x".repeat(BODY_MAX_BYTES + 1)));
  equal(response.status, 413);
  deepEqual(upstream.received, []);
});

const lossesBefore: [what: string, cause: string, body: Record<string, unknown>][] = [
  ["nothing answers", "client error (Connect): tcp connect error: refused", {
    error: "Failed to reach target agent: agent cannot be reached, nothing ran: fetch failed: " +
      "client error (Connect): tcp connect error: refused",
    code: "unreachable",
    agent_id: "agent-1",
    nothing_ran: true,
  }],
  ["the agent is lost before it answers", "connection closed before message completed", {
    error: "Failed to reach target agent: agent was lost before it answered, the call may have " +
      "run: fetch failed: connection closed before message completed",
    code: "interrupted",
    agent_id: "agent-1",
    nothing_ran: false,
  }],
];
for (const [what, cause, expected] of lossesBefore) {
  proxied(`X7 is 502 when ${what}`, () => {
    throw new TypeError("fetch failed", { cause: new Error(cause) });
  }, async (mesh) => {
    const response = await mesh.send(TARGET, post());
    equal(response.status, 502);
    const { timestamp: _, ...body } = await response.json();
    deepEqual(body, expected);
  });
}

const progress = 'data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n';
const lossesDuring: [what: string, sent: string, isTold: boolean][] = [
  ["before its first event", "", true],
  ["between two events", progress, true],
  ["in the middle of an event", `${progress}data: {"jso`, false],
];
for (const [what, sent, isTold] of lossesDuring) {
  proxied(
    `X13 a stream whose agent is lost ${what} ${isTold ? "ends in words" : "breaks off"}`,
    () => {
      const broken = ReadableStream.from((async function* () {
        if (sent !== "") yield new TextEncoder().encode(sent);
        throw new TypeError("connection reset");
      })());
      return new Response(broken, { headers: { "content-type": "text/event-stream" } });
    },
    async (mesh) => {
      const response = await mesh.send(TARGET, post({}, '{"id":"seven"}'));
      if (!isTold) return await rejects(response.text());
      const text = await response.text();
      equal(text.startsWith(sent), true);
      const { id, error } = JSON.parse(text.slice(sent.length + "data: ".length));
      equal(id, "seven");
      match(error.message, /^agent was lost in the middle of its answer, the call may have run$/);
      equal(error.data["mesh/error"].code, "interrupted");
    },
  );
}

const JOB = {
  "x-mesh-job-id": "j",
  "x-mesh-calling-job-id": "k",
  "x-mesh-calling-claim-epoch": "3",
};
const SECRET = { authorization: "Bearer x", "mcp-session-id": "s", "x-tenant": "t", cookie: "c=1" };
const travelling: [id: string, allow: string, sent: Record<string, string>, kept: string[]][] = [
  ["X9", "", JOB, Object.keys(JOB)],
  ["X9 absent", "", {}, []],
  ["X10", "", SECRET, []],
  ["X10 listed", "Authorization, x-ten*", SECRET, ["authorization", "x-tenant"]],
  ["X10 star", "*", SECRET, []],
  ["trace", "", { "x-trace-id": "t", "x-parent-span": "p" }, ["x-parent-span", "x-trace-id"]],
];
for (const [id, allow, sent, kept] of travelling) {
  proxied(`${id} headers with '${allow}' listed`, ok, async (mesh, upstream) => {
    await statusOf(mesh, TARGET, post({ accept: "text/event-stream", ...sent }));
    const headers = Object.keys(upstream.received[0]?.headers ?? {});
    deepEqual(headers.sort(), ["accept", "content-type", "via", ...kept].sort());
  }, { MCP_MESH_PROPAGATE_HEADERS: allow });
}

/** A body that sends some text and then only ends when it is cancelled. */
function stalling(first: string, cancelled?: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(first)),
    cancel: () => cancelled?.(),
  });
}

const EVENTS = "data: 1\n\n";
for (const type of ["text/event-stream", "TEXT/EVENT-STREAM; charset=utf-8"]) {
  const gone = Promise.withResolvers<void>();
  proxied(
    `X11, X12, X14 a stalled ${type} ends with a comment`,
    () => new Response(stalling(EVENTS, gone.resolve), { headers: { "content-type": type } }),
    async (mesh) => {
      const response = await mesh.send(TARGET, post());
      equal(response.status, 200);
      equal(await response.text(), `${EVENTS}\n: mesh-proxy-timeout budget=0.05s\n\n`);
      await gone.promise;
    },
    { MCP_MESH_PROXY_TIMEOUT: "0.05" },
  );
}

proxied(
  "X11 X-Mesh-Timeout sets the budget",
  () => new Response(stalling(EVENTS), { headers: { "content-type": "text/event-stream" } }),
  async (mesh) => {
    const response = await mesh.send(TARGET, post({ "x-mesh-timeout": "1" }));
    equal(await response.text(), `${EVENTS}\n: mesh-proxy-timeout budget=1s\n\n`);
  },
);

for (const type of ["application/json", "text/event-stream-json"]) {
  proxied(
    `X13, X14 a stalled ${type} is broken off`,
    () => new Response(stalling("{"), { headers: { "content-type": type } }),
    async (mesh) => {
      const response = await mesh.send(TARGET, post());
      await rejects(response.text());
    },
    { MCP_MESH_PROXY_TIMEOUT: "0.05" },
  );
}

proxied("a late header is 502 and says how long was waited", (request) => {
  const late = Promise.withResolvers<Response>();
  request.signal.addEventListener("abort", () => late.reject(request.signal.reason));
  return late.promise;
}, async (mesh) => {
  const response = await mesh.send(TARGET, post());
  equal(response.status, 502);
  const { error, code, nothing_ran } = await response.json();
  match(
    error,
    /^Failed to reach target agent: agent gave no answer within 0.05s, .* may have run$/,
  );
  deepEqual([code, nothing_ran], ["timeout", false]);
}, { MCP_MESH_PROXY_TIMEOUT: "0.05" });

const cancelled = Promise.withResolvers<void>();
proxied(
  "a caller that leaves ends the upstream",
  () =>
    new Response(stalling(EVENTS, cancelled.resolve), {
      headers: { "content-type": "text/event-stream" },
    }),
  async (mesh) => {
    const response = await mesh.send(TARGET, post());
    const reader = response.body?.getReader();
    equal(new TextDecoder().decode((await reader?.read())?.value), EVENTS);
    await reader?.cancel();
    await cancelled.promise;
  },
);

proxied(
  "chunks are relayed as they come",
  () => {
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) =>
        sent === 3
          ? controller.close()
          : controller.enqueue(new TextEncoder().encode(`data: ${++sent}\n\n`)),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
  async (mesh) => {
    const response = await mesh.send(TARGET, post());
    equal(await response.text(), "data: 1\n\ndata: 2\n\ndata: 3\n\n");
  },
);
