import { deepEqual, equal, match } from "node:assert/strict";
import { type GatewayScene, gatewayScene, type Json } from "../../registry/mcp/gateway_fixture.ts";
import { endless } from "../../runtime/base/endless_fixture.ts";
import { McpBridge } from "./bridge.ts";

const CHANGED = "notifications/tools/list_changed";
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const INITIALIZE = {
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1.0.0" },
  },
};

/** A client on the other side of the lines. */
class LineClient implements AsyncDisposable {
  readonly #lines = new TransformStream<string, string>();
  readonly #writer = this.#lines.writable.getWriter();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly said: Json[] = [];
  readonly notices: string[] = [];
  #heard = Promise.withResolvers<void>();
  /** Until when a wait is over: tests end it. */
  readonly grace = Promise.withResolvers<void>();

  constructor({ fetch }: Pick<GatewayScene, "fetch">, query = "") {
    const bridge = new McpBridge({
      url: `http://localhost:8000/mcp${query}`,
      headers: {},
      fetch,
      write: (line) => {
        equal(line.includes("\n"), false);
        this.said.push(JSON.parse(line));
        this.#heard.resolve();
        this.#heard = Promise.withResolvers();
      },
      notice: (line) => this.notices.push(line),
      sleep: async (ms, signal) => {
        const over = Promise.withResolvers<void>();
        signal?.addEventListener("abort", () => over.resolve());
        if (signal?.aborted) over.resolve();
        // Waits for a registry are short, the grace at the end lasts until it is ended.
        await Promise.race([over.promise, ms === GRACE_MS ? this.grace.promise : nextTurn()]);
      },
      graceMs: GRACE_MS,
      signal: this.#stop.signal,
    });
    this.#running = bridge.run(this.#lines.readable);
  }

  async send(message: Json | string): Promise<void> {
    const text = typeof message === "string"
      ? message
      : JSON.stringify({ jsonrpc: "2.0", ...message });
    await this.#writer.write(text);
  }

  /** The first message that fits, said already or later. */
  async hears(fits: (message: Json) => boolean, after = 0): Promise<Json> {
    for (;;) {
      const found = this.said.slice(after).find(fits);
      if (found !== undefined) return found;
      await this.#heard.promise;
    }
  }

  async ask(id: number, message: Json): Promise<Json> {
    await this.send({ id, ...message });
    return await this.hears((said) => said["id"] === id && ("result" in said || "error" in said));
  }

  async initialize(): Promise<void> {
    await this.ask(0, INITIALIZE);
    await this.send({ method: "notifications/initialized" });
  }

  /** Says no more. */
  async close(): Promise<void> {
    await this.#writer.close();
    await this.#running;
  }

  /** Ctrl+C. */
  async interrupt(): Promise<void> {
    this.#stop.abort();
    await this.#writer.close();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.grace.resolve();
    await this.#writer.close().catch(() => {});
    await this.#running;
  }
}

const GRACE_MS = 1_234;

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

function bridged(
  what: string,
  check: (scene: GatewayScene, client: LineClient) => Promise<void>,
  query = "",
): void {
  Deno.test(`meshctl mcp: ${what}`, async () => {
    await using scene = await gatewayScene();
    await using client = new LineClient(scene, query);
    await check(scene, client);
  });
}

const add = { add: ({ args }: { args: Json }) => args["a"] + args["b"] };
const callAdd = { name: "add", arguments: { a: 1, b: 2 } };

bridged("a client of the older era", async ({ join, network }, client) => {
  await join("adder", add);
  const { result } = await client.ask(1, INITIALIZE);
  equal(result.protocolVersion, "2025-06-18");
  equal(result.serverInfo.name, "mesh");
  await client.send({ method: "notifications/initialized" });
  const list = await client.ask(2, { method: "tools/list" });
  deepEqual(list["result"].tools.map(({ name }: Json) => name), ["add"]);
  const call = await client.ask(3, { method: "tools/call", params: callAdd });
  equal(call["result"].content[0].text, "3");
  equal(network.received.length, 1);
});

bridged("a client of the newer era", async ({ join }, client) => {
  await join("adder", add);
  const discovered = await client.ask(1, { method: "server/discover", params: { _meta: META } });
  deepEqual(discovered["result"].supportedVersions, ["2026-07-28"]);
  const call = await client.ask(2, { method: "tools/call", params: { ...callAdd, _meta: META } });
  equal(call["result"].content[0].text, "3");
  equal(call["result"].resultType, "complete");
});

const unending: [name: string, status: number, type: string, text: string][] = [
  ["an answer", 200, "application/json", "x"],
  ["an event", 200, "text/event-stream", "data: "],
  ["a refusal", 500, "text/plain", "x"],
];
for (const [name, status, type, text] of unending) {
  Deno.test(`meshctl mcp: ${name} without end is given up`, async () => {
    const { body } = endless(text.repeat(2 ** 20));
    const response = new Response(body, { status, headers: { "content-type": type } });
    await using client = new LineClient({ fetch: () => Promise.resolve(response) });
    const { error } = await client.ask(1, { method: "tools/list" });
    match(error.message, /answered more than fits: .* the request may have run/);
    equal(error.data["mesh/error"].code, "protocol");
  });
}

bridged("the query chooses what is offered", async ({ join }, client) => {
  await join("adder", add);
  const list = await client.ask(1, { method: "tools/list" });
  equal(list["result"].tools.length, 3);
}, "?mode=search");

bridged("progress is told before the result", async ({ join }, client) => {
  const heard = Promise.withResolvers<void>();
  await join("slow", {
    slow: async ({ notify }) => {
      await notify({ progress: 1 });
      await heard.promise;
      return "done";
    },
  });
  await client.send({
    id: 1,
    method: "tools/call",
    params: { name: "slow", arguments: {}, _meta: { progressToken: "t" } },
  });
  const progress = await client.hears(({ method }) => method === "notifications/progress");
  equal(progress["params"].progressToken, "t");
  heard.resolve();
  await client.hears(({ id }) => id === 1);
});

bridged("giving up ends the call at the agent, and it is not answered", async (scene, client) => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await scene.join("slow", {
    wait: ({ signal }) => {
      signal.addEventListener("abort", () => ended.resolve());
      begun.resolve();
      return ended.promise;
    },
  });
  await client.send({ id: 1, method: "tools/call", params: { name: "wait" } });
  await begun.promise;
  await client.send({ method: "notifications/cancelled", params: { requestId: 1 } });
  await ended.promise;
  await client.ask(2, { method: "ping" });
  deepEqual(client.said.map(({ id }) => id), [2]);
});

bridged("changes are told unasked in the older era, over a restart too", async (scene, client) => {
  const { join, mesh } = scene;
  await client.initialize();
  await join("a-1", add);
  await client.hears(({ method }) => method === CHANGED);
  let told = client.said.length;
  await mesh.restart();
  // What happened meanwhile is not known: it is told to be looked at.
  deepEqual(await client.hears(({ method }) => method === CHANGED, told), {
    jsonrpc: "2.0",
    method: CHANGED,
  });
  told = client.said.length;
  await mesh.unregister("a-1");
  await client.hears(({ method }) => method === CHANGED, told);
  deepEqual(client.notices, [
    "The registry went away; waiting for it.",
    "The registry is back.",
  ]);
});

bridged("a subscription of the newer era lasts over a restart", async (scene, client) => {
  const { join, mesh } = scene;
  const params = { _meta: META, notifications: { toolsListChanged: true } };
  await client.send({ id: "s", method: "subscriptions/listen", params });
  const ack = "notifications/subscriptions/acknowledged";
  await client.hears(({ method }) => method === ack);
  await join("a-1", add);
  const changed = await client.hears(({ method }) => method === CHANGED);
  const told = client.said.length;
  mesh.endStreams();
  await mesh.restart();
  deepEqual(
    (await client.hears(({ method }) => method === CHANGED, told))["params"],
    changed["params"],
  );
  await mesh.unregister("a-1");
  await client.hears(({ method }) => method === CHANGED, told + 1);
  equal(client.said.filter(({ method }) => method === ack).length, 1);
  equal(client.said.filter(({ id }) => id === "s").length, 0, "it has not ended");
  await client.send({ method: "notifications/cancelled", params: { requestId: "s" } });
});

bridged("a subscription that is refused is answered", async (_scene, client) => {
  const { error } = await client.ask(1, {
    method: "subscriptions/listen",
    params: { _meta: META },
  });
  equal(error.code, -32602);
});

Deno.test("meshctl mcp: calls while the registry is away fail clearly, and then work", async () => {
  await using scene = await gatewayScene();
  await scene.join("adder", add);
  let isAway = false;
  let cause = "client error (Connect): tcp connect error: connection refused";
  let tries = 0;
  await using client = new LineClient({
    fetch: (input, init) => {
      tries += 1;
      return isAway
        ? Promise.reject(new TypeError("fetch failed", { cause: new Error(cause) }))
        : scene.fetch(input, init);
    },
  });
  const call = { method: "tools/call", params: callAdd };
  equal((await client.ask(1, call))["result"].content[0].text, "3");
  isAway = true;
  tries = 0;
  const refused = (await client.ask(2, call))["error"];
  match(refused.message, /registry at http:\/\/localhost:8000 does not answer, nothing ran; .*try/);
  equal(refused.data["mesh/error"].nothingRan, true);
  equal(tries, 3);
  cause = "connection closed before message completed";
  tries = 0;
  const lost = (await client.ask(4, call))["error"];
  match(lost.message, /was lost before it had answered; the request may have run$/);
  equal(lost.data["mesh/error"].code, "interrupted");
  equal(tries, 1, "what may have run is not sent again");
  isAway = false;
  equal((await client.ask(3, call))["result"].content[0].text, "3");
});

bridged("lines that are no messages are answered so", async (_scene, client) => {
  await client.send("{");
  await client.send("");
  await client.send('{"jsonrpc":"2.0","id":1,"result":{}}');
  deepEqual(await client.hears(() => true), {
    jsonrpc: "2.0",
    id: null,
    error: { code: -32700, message: "the line is no JSON-RPC message" },
  });
  await client.send(
    '[{"jsonrpc":"2.0","id":5,"method":"ping"},{"jsonrpc":"2.0","id":6,"method":"x"}]',
  );
  deepEqual((await client.hears(({ id }) => id === 5))["result"], {});
  equal((await client.hears(({ id }) => id === 6))["error"].code, -32601);
});

bridged("what was asked before the end is answered", async ({ join }, client) => {
  await join("adder", add);
  await client.send({ id: 1, method: "tools/call", params: callAdd });
  await client.close();
  equal(client.said.length, 1);
});

for (const end of ["close", "interrupt"] as const) {
  bridged(`nothing is waited for for long after ${end}`, async ({ join }, client) => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await join("slow", {
      wait: ({ signal }) => {
        signal.addEventListener("abort", () => ended.resolve());
        begun.resolve();
        return ended.promise;
      },
    });
    await client.initialize();
    await client.send({ id: 1, method: "tools/call", params: { name: "wait" } });
    await begun.promise;
    if (end === "close") client.grace.resolve();
    await client[end]();
    await ended.promise;
  });
}
