/**
 * The gateway under test: agents in this process behind a `fetch` that stands in for the network, and
 * clients of this machine that ask the registry.
 *
 * @module
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler, type McpServerFactory, Server } from "@modelcontextprotocol/server";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { type MeshOptions, TestMesh } from "../suites/mesh_fixture.ts";

/** A JSON object of a test. */
// deno-lint-ignore no-explicit-any -- tests look into messages of every kind
export type Json = Record<string, any>;

/** An agent's side of a call. */
export interface Call {
  readonly args: Json;
  readonly signal: AbortSignal;
  /** Whether the caller wants to hear of progress. */
  readonly isFollowed: boolean;
  /** Says something before the result. */
  notify(params: Json): Promise<void>;
}

/** What the tools of an agent do: an MCP result, or anything else as JSON text. */
export type Tools = Record<string, (call: Call) => unknown>;

/** The handler of an agent made with the SDK: stateless, both eras. */
export function sdkAgent(tools: Tools): (request: Request) => Promise<Response> {
  const factory: McpServerFactory = ({ requestInfo }) => {
    const server = new Server({ name: "agent", version: "1.0.0" }, { capabilities: { tools: {} } });
    server.fallbackRequestHandler = async ({ method, params = {} }, { mcpReq }) => {
      const tool = tools[String(params["name"])];
      if (method !== "tools/call" || tool === undefined) throw new Error(`no ${params["name"]}`);
      const token = mcpReq._meta?.progressToken;
      const signals = [mcpReq.signal, ...(requestInfo ? [requestInfo.signal] : [])];
      const result = await tool({
        args: params["arguments"] as Json,
        signal: AbortSignal.any(signals),
        isFollowed: token !== undefined,
        notify: (params) =>
          mcpReq.notify({
            method: "notifications/progress",
            params: {
              ...(token !== undefined && { progressToken: token }),
              progress: 0,
              ...params,
            },
          }),
      });
      return isResult(result)
        ? result
        : { content: [{ type: "text", text: JSON.stringify(result) }] };
    };
    return server;
  };
  return createMcpHandler(factory).fetch;
}

function isResult(value: unknown): value is Json {
  return typeof value === "object" && value !== null &&
    ("content" in value || "resultType" in value);
}

/** A request as an agent got it. */
export interface Received {
  readonly host: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Agents by `host:port`, in place of a network. */
export class FakeNetwork {
  readonly agents = new Map<string, (request: Request) => Response | Promise<Response>>();
  readonly received: Received[] = [];

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { host } = new URL(request.url);
    this.received.push({ host, headers: request.headers, body: await request.clone().text() });
    const agent = this.agents.get(host);
    if (agent === undefined) {
      throw new TypeError("error sending request", {
        cause: new Error("client error (Connect): connection refused"),
      });
    }
    return await agent(request);
  };
}

/** A registry with agents behind it. */
export interface GatewayScene extends AsyncDisposable {
  readonly mesh: TestMesh;
  readonly network: FakeNetwork;
  /** Registers an agent that offers its tools at an address of its own. */
  join(id: string, tools: Tools, facts?: Partial<RegistrationInput>): Promise<void>;
  /** How a program of this machine reaches the registry, at `http://localhost:8000`. */
  readonly fetch: typeof fetch;
  /** Sends a request from this machine; `path` begins with `/mcp`. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Posts a message and reads the answer's last one. */
  post(path: string, message: Json, headers?: HeadersInit): Promise<Json>;
  /** An official client, connected. */
  client(path: string, era: keyof typeof ERAS): Promise<Client>;
}

/** How the official client is told which protocol to speak. */
export const ERAS = {
  "2025-11-25": {},
  "2026-07-28": { versionNegotiation: { mode: { pin: "2026-07-28" } } },
} as const;

const REGISTRY = "http://localhost:8000";
const LOCAL = { remote: "127.0.0.1" };
/** Headers of a request of the older era. */
export const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** Opens a scene. */
export async function gatewayScene(
  options: Omit<MeshOptions, "fetch"> = {},
): Promise<GatewayScene> {
  const network = new FakeNetwork();
  await using stack = new AsyncDisposableStack();
  const mesh = stack.use(await TestMesh.open({ ...options, fetch: network.fetch }));
  const clients = new AsyncDisposableStack();
  stack.use(clients);
  const fetch: GatewayScene["fetch"] = async (input, init) => {
    const request = new Request(input, init);
    const response = await mesh.ask(request, LOCAL);
    request.signal.throwIfAborted();
    const { status, headers, body } = response;
    // As over a network: who gives up a request gives up its answer too.
    const abortable = body?.pipeThrough(new TransformStream(), { signal: request.signal });
    return new Response(abortable ?? null, { status, headers });
  };
  const send = (path: string, init?: RequestInit) => fetch(`${REGISTRY}${path}`, init);
  const owned = stack.move();
  return {
    mesh,
    network,
    fetch,
    send,
    async join(id, tools, facts = {}) {
      const host = `${id}.test:9000`;
      network.agents.set(host, sdkAgent(tools));
      await mesh.register({
        agent_id: id,
        name: id,
        http_host: `${id}.test`,
        http_port: 9000,
        tools: Object.keys(tools).map((name) => tool(name)),
        ...facts,
      });
    },
    async post(path, message, headers = {}) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...message });
      const response = await send(path, {
        method: "POST",
        headers: { ...HEADERS, ...headers },
        body,
      });
      return lastMessage(await response.text());
    },
    async client(path, era) {
      const client = new Client({ name: "test", version: "1.0.0" }, ERAS[era]);
      const transport = new StreamableHTTPClientTransport(new URL(`${REGISTRY}${path}`), { fetch });
      // The SDK's own declarations disagree under exactOptionalPropertyTypes.
      await client.connect(transport as Parameters<Client["connect"]>[0]);
      clients.defer(() => client.close());
      return client;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A tool as registered. */
export function tool(name: string, facts: Json = {}) {
  return {
    function_name: name,
    capability: name,
    description: `Does ${name}`,
    inputSchema: { type: "object" },
    ...facts,
  };
}

/** The last message of an answer, be it one or a stream of events. */
export function lastMessage(text: string): Json {
  const events = [...text.matchAll(/^data: (.*)$/gm)];
  return JSON.parse(events.at(-1)?.[1] ?? text);
}

/** One test over a fresh scene. */
export function scene(
  what: string,
  check: (scene: GatewayScene) => Promise<void>,
  options: Omit<MeshOptions, "fetch"> = {},
): void {
  Deno.test(`/mcp: ${what}`, async () => {
    await using opened = await gatewayScene(options);
    await check(opened);
  });
}
