/**
 * Known MCP clients: what each of them sends, where that is written down, and a visit of one to a server.
 * The tests of agents and of the registry let each of them visit.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventsOf } from "./sse.ts";

/** How a client asks. What is left out is as most clients have it. */
export interface KnownClient {
  readonly client: string;
  /** An issue, or `recorded` for requests of the client itself that a proxy wrote down. */
  readonly source: string;
  /** Revision that it asks for; one with `initialize` unless {@linkcode isModern}. */
  readonly asks: string;
  /** Revision that it is answered. @default what it asks for */
  readonly gets?: string;
  /** Whether each request says all of itself, as in revision 2026-07-28. @default false */
  readonly isModern?: boolean;
  /** @default "/mcp" */
  readonly path?: string;
  /** `null` sends no such header. @default "application/json, text/event-stream" */
  readonly accept?: string | null;
  /** Its `Accept` with notifications. @default that of requests */
  readonly acceptOfNotifications?: string | null;
  /** @default "application/json" */
  readonly contentType?: string;
  /** Further headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The page that it runs in. */
  readonly origin?: string;
  /** The id of its request of that number. @default the number */
  readonly id?: (number: number) => unknown;
  /** Members of `params` besides those that the method needs; `null` for params that are `null`. */
  readonly params?: Readonly<Record<string, unknown>> | null;
  /** Members of a message besides those of a request. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Writes a message. @default JSON.stringify */
  readonly write?: (message: unknown) => string;
  /** `Accept` of its request for an event stream, once it is connected. @default it asks for none */
  readonly listens?: string;
  /** Paths that it looks at first, which must not exist. */
  readonly looksFor?: readonly string[];
  /** Whether it asks for tools at once. @default false */
  readonly isHasty?: boolean;
  /** Media type of answers to requests. @default either */
  readonly form?: "application/json" | "text/event-stream";
}

const UUID = "0b5d6f3e-6e0f-4f0e-9d8c-4f4f0e0b5d6f";
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };
/** What a client without credentials looks for when it expects that some are wanted. */
const OAUTH = [
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-authorization-server/mcp",
  "/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration/mcp",
  "/mcp/.well-known/openid-configuration",
];

/** The clients. */
export const KNOWN_CLIENTS: readonly KnownClient[] = [
  {
    client: "MCP Inspector 0.15.0, command line (TypeScript SDK 1)",
    source: "recorded",
    asks: "2025-11-25",
    headers: { "accept-language": "*", "sec-fetch-mode": "cors", "user-agent": "node" },
    listens: "text/event-stream",
  },
  {
    client: "MCP Inspector, connected directly from its page",
    source: "modelcontextprotocol/inspector#1103, netdata/netdata#22258",
    asks: "2025-11-25",
    origin: "http://localhost:6274",
    headers: { "x-custom-auth-headers": "[]", "x-tenant-id": "t" },
    listens: "text/event-stream",
  },
  {
    client: "a page with the TypeScript SDK 2",
    source: "hauptsacheNet/typo3-mcp-server#116",
    asks: "2026-07-28",
    isModern: true,
    origin: "http://127.0.0.1:5173",
  },
  {
    client: "Python SDK 1.30.0, langchain-mcp-adapters 0.3.2",
    source: "recorded",
    asks: "2025-11-25",
    headers: { "accept-encoding": "gzip, deflate, zstd", "user-agent": "python-httpx/0.28.1" },
    id: (number) => number - 1,
  },
  {
    client: "FastMCP 3.4.11",
    source: "recorded",
    asks: "2025-11-25",
    id: (number) => number - 1,
    params: { _meta: { progressToken: 2 } },
  },
  {
    client: "Python SDK 2.3.0",
    source: "recorded",
    asks: "2026-07-28",
    isModern: true,
    headers: { "user-agent": "python-httpx2/2.16.2" },
  },
  {
    client: "Python SDK that listens, with a content type on every request",
    source: "modelcontextprotocol/python-sdk#3503",
    asks: "2025-06-18",
    headers: { "content-type": "application/json" },
    listens: "application/json, text/event-stream",
  },
  {
    client: "LangChain and others that write a slash at the end",
    source: "PrefectHQ/fastmcp#1867, BerriAI/litellm#23688",
    asks: "2025-06-18",
    path: "/mcp/",
  },
  {
    client: "mcp-remote 0.15.1 for Claude Desktop",
    source: "recorded",
    asks: "2025-06-18",
    headers: { "mcp-method": "initialize", "user-agent": "undici" },
    id: (number) => number - 1,
    listens: "text/event-stream",
    looksFor: OAUTH,
  },
  {
    client: "Claude.ai, through its proxy",
    source: "modelcontextprotocol/python-sdk#2349",
    asks: "2025-06-18",
    accept: "text/event-stream",
    headers: { "user-agent": "Claude-User" },
    form: "text/event-stream",
  },
  {
    client: "ElevenLabs",
    source: "ComposioHQ/composio#2152",
    asks: "2025-03-26",
    accept: "text/event-stream",
    form: "text/event-stream",
  },
  {
    client: "Claude Code 2.1.96",
    source: "anthropics/claude-code#45368",
    asks: "2025-11-25",
    accept: "application/json",
    form: "application/json",
  },
  {
    client: "VS Code 1.132.0",
    source: "microsoft/vscode#330022",
    asks: "2025-11-25",
    accept: "application/json",
    capabilities: {
      roots: { listChanged: true },
      sampling: {},
      elicitation: { form: {}, url: {} },
    },
    form: "application/json",
  },
  {
    client: "Cursor, which looks for a stream after it has connected",
    source: "cap-js/mcp#36",
    asks: "2025-06-18",
    listens: "text/event-stream",
  },
  {
    client: "OpenAI Responses",
    source: "arabold/docs-mcp-server#349",
    asks: "2025-03-26",
    accept: "application/json, */*",
  },
  {
    client: "OpenCode behind Spring Cloud Gateway",
    source: "anomalyco/opencode#37019",
    asks: "2025-06-18",
    accept: "*/*",
  },
  {
    client: "Codex, which listens for anything",
    source: "XS-MLVP/UCAgent#127",
    asks: "2025-06-18",
    accept: "*/*",
    listens: "*/*",
    looksFor: OAUTH,
  },
  {
    client: "a client that weighs what it accepts",
    source: "modelcontextprotocol/python-sdk#3154",
    asks: "2025-11-25",
    accept: "application/json;q=0.9, text/event-stream; q=1.0",
  },
  {
    client: "a client that wants no streams",
    source: "RFC 9110 §12.5.1",
    asks: "2025-11-25",
    accept: "application/*, text/event-stream;q=0",
    form: "application/json",
  },
  {
    client: "C# SDK, Kotlin with OkHttp",
    source: "modelcontextprotocol/csharp-sdk#1527",
    asks: "2025-06-18",
    contentType: "Application/JSON; charset=utf-8",
  },
  {
    client: "mcptools (mcp-go before 0.26)",
    source: "f/mcptools#69, mark3labs/mcp-go#230",
    asks: "2025-03-26",
    acceptOfNotifications: null,
  },
  {
    client: "Java SDK",
    source: "modelcontextprotocol/java-sdk#883",
    asks: "2025-11-25",
    headers: { "user-agent": "Java-http-client/21.0.5", "http2-settings": "AAEAAEAA" },
    id: (number) => `${UUID.slice(0, 8)}-${number}`,
    capabilities: { roots: { listChanged: true } },
    listens: "text/event-stream",
  },
  {
    client: "Java without an Accept header of its own",
    source: "HttpURLConnection of Java",
    asks: "2025-03-26",
    accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
  },
  {
    client: "Go, PHP and Ruby without an Accept header",
    source: "net/http of Go sends none",
    asks: "2025-03-26",
    accept: null,
  },
  {
    client: "a script in Python",
    source: "published scripts for 2024-11-05",
    asks: "2024-11-05",
    accept: "text/event-stream, application/json",
    headers: { "user-agent": "python-requests/2.32.3", connection: "keep-alive" },
  },
  {
    client: "curl, which connects to nothing first",
    source: "junjiem/dify-plugin-agent-mcp_sse#69",
    asks: "2025-03-26",
    accept: "application/json,text/event-stream",
    headers: { "user-agent": "curl/8.5.0" },
    isHasty: true,
  },
  {
    client: "curl with a file from Windows",
    source: "RFC 8259 §2, §8.1",
    asks: "2025-06-18",
    accept: "*/*",
    write: (message) => `\uFEFF${JSON.stringify(message, null, 2).replaceAll("\n", "\r\n")}\r\n`,
    isHasty: true,
  },
  {
    client: "a client that writes null for what it does not say",
    source: "Jackson and Newtonsoft.Json by default",
    asks: "2025-06-18",
    params: { cursor: null, _meta: null },
    members: { result: null, error: null },
    capabilities: { roots: null, sampling: null, experimental: null, elicitation: {} },
  },
  {
    client: "a client whose params are null",
    source: "JSON-RPC libraries with optional params",
    asks: "2025-06-18",
    params: null,
  },
  {
    client: "a client that numbers its requests by UUID",
    source: "MCP 2025-11-25, basic: strings or integers",
    asks: "2025-11-25",
    id: (number) => `${UUID}-${number}`,
  },
  {
    client: "a client that numbers its requests by the time in nanoseconds",
    source: "MCP 2025-11-25, basic: strings or integers",
    asks: "2025-11-25",
    id: (number) => rawJSON(`191588358817480605${number}`),
  },
  {
    client: "a client of a later revision that still initializes",
    source: "MCP 2025-11-25, lifecycle: version negotiation",
    asks: "2027-01-01",
    gets: "2025-11-25",
  },
];

/** A request that a server must refuse, and how. */
export interface RefusedRequest {
  readonly client: string;
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
}

const USUAL = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** Requests that no server should answer. */
export const REFUSED_REQUESTS: readonly RefusedRequest[] = [
  {
    client: "AuthProbe, with an id that is null",
    source: "damionrashford/RivalSearchMCP#5, googleapis/mcp-toolbox#3464",
    headers: USUAL,
    body: '{"jsonrpc":"2.0","id":null,"method":"tools/list","params":{}}',
    status: 400,
  },
  {
    client: "a browser that navigates",
    source: "RFC 9110 §15.5.7",
    headers: { ...USUAL, accept: "text/html" },
    body: PING,
    status: 406,
  },
  {
    client: "a page of a website",
    source: "MCP 2025-11-25, transports: security",
    headers: { ...USUAL, origin: "https://evil.test" },
    body: PING,
    status: 403,
  },
  {
    client: "a client of a revision that does not exist",
    source: "MCP 2025-11-25, transports: protocol version header",
    headers: { ...USUAL, "mcp-protocol-version": "1999-01-01" },
    body: PING,
    status: 400,
  },
  {
    client: "a client that is cut off",
    source: "JSON-RPC 2.0 §5.1",
    headers: USUAL,
    body: PING.slice(0, -2),
    status: 400,
  },
];

/** Answers a request, as a server does. */
export type Ask = (request: Request) => Promise<Response>;

/** A tool of the server that is visited. */
export interface VisitedTool {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  /** Is in the result. */
  readonly says: string;
}

/**
 * Lets a client find, list and call a tool.
 *
 * @returns The session that the server began with it, if any.
 * @throws {assert.AssertionError} At the first thing that it could not read.
 */
export async function visit(
  ask: Ask,
  client: KnownClient,
  tool: VisitedTool,
): Promise<string | null> {
  const visitor = new Visitor(ask, client);
  for (const path of client.looksFor ?? []) await visitor.misses(path);
  if (client.isModern) await visitor.request("server/discover");
  else if (!client.isHasty) await visitor.initialize();
  if (client.listens !== undefined) await visitor.listen(client.listens);
  if (!client.isModern) assert.deepEqual(await visitor.request("ping"), {});
  const { tools } = await visitor.request("tools/list") as { tools: { name: string }[] };
  assert.ok(tools.some(({ name }) => name === tool.name), JSON.stringify(tools));
  const { name, arguments: args } = tool;
  const result = await visitor.request("tools/call", { name, arguments: args });
  assert.ok(JSON.stringify(result).includes(tool.says), JSON.stringify(result));
  if (!client.isModern) await visitor.leave();
  return visitor.session;
}

/** Sends what a server must refuse. */
export async function sendRefused(ask: Ask, { headers, body, status }: RefusedRequest) {
  const response = await ask(requestOf("POST", "/mcp", { ...headers }, body));
  const text = await response.text();
  assert.deepEqual([response.status, text.length > 0], [status, true], text);
}

class Visitor {
  readonly #ask: Ask;
  readonly #client: KnownClient;
  #number = 0;
  #session: string | null = null;
  /** What the server has agreed to. */
  #version: string | undefined;

  constructor(ask: Ask, client: KnownClient) {
    this.#ask = ask;
    this.#client = client;
  }

  get session(): string | null {
    return this.#session;
  }

  async misses(path: string): Promise<void> {
    const response = await this.#send("GET", { accept: "application/json" }, undefined, path);
    await response.body?.cancel();
    assert.deepEqual([path, response.status], [path, 404]);
  }

  async initialize(): Promise<void> {
    const { asks, gets = asks, capabilities = {}, client } = this.#client;
    const clientInfo = { name: client, version: "1.0.0" };
    const params = { protocolVersion: asks, capabilities, clientInfo };
    const result = await this.request("initialize", params);
    assert.equal(result["protocolVersion"], gets);
    this.#version = gets;
    const { accept, acceptOfNotifications = accept } = this.#client;
    const headers = this.#headers(acceptOfNotifications, "notifications/initialized");
    const body = { jsonrpc: "2.0", method: "notifications/initialized" };
    const response = await this.#send("POST", headers, this.#written(body));
    assert.deepEqual([response.status, await response.text()], [202, ""]);
  }

  async listen(accept: string): Promise<void> {
    const response = await this.#send("GET", { ...this.#headers(accept), accept });
    await response.body?.cancel();
    const isStream = response.headers.get("content-type") === "text/event-stream";
    // Either is MCP: a server that has nothing to say without being asked is 405.
    assert.equal(response.status, isStream ? 200 : 405);
  }

  /** Returns the result of a request. */
  async request(
    method: string,
    needed: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { id: idOf = (number) => number, params: own, members, asks, form } = this.#client;
    const id = idOf(++this.#number);
    const isBare = own === null && Object.keys(needed).length === 0;
    const envelope = this.#client.isModern && {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": asks,
        "io.modelcontextprotocol/clientInfo": { name: "c", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    };
    const params = isBare ? null : { ...needed, ...own, ...envelope };
    const message = this.#written({ jsonrpc: "2.0", id, method, params, ...members });
    const headers = this.#headers(this.#client.accept, method, needed["name"]);
    const response = await this.#send("POST", headers, message);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const type = response.headers.get("content-type") ?? "";
    assert.match(type, /^(application\/json|text\/event-stream)$/);
    if (form !== undefined) assert.equal(type, form);
    const answer = type === "text/event-stream"
      ? [...eventsOf(text)].map(({ data }) => data).findLast((data) => data !== "") ?? ""
      : text;
    // As text: JavaScript does not hold every integer.
    assert.ok(answer.includes(`"id":${JSON.stringify(id)}`), answer);
    this.#session ??= response.headers.get("mcp-session-id");
    const { result } = JSON.parse(answer);
    assert.ok(result, answer);
    return result;
  }

  async leave(): Promise<void> {
    const response = await this.#send("DELETE", this.#headers(undefined));
    await response.body?.cancel();
    assert.ok([200, 204, 405].includes(response.status), `DELETE is ${response.status}`);
  }

  #written(message: unknown): string {
    return (this.#client.write ?? JSON.stringify)(message);
  }

  #headers(
    accept: string | null = USUAL.accept,
    method?: string,
    name?: unknown,
  ): Record<string, string> {
    const { contentType = USUAL["content-type"], isModern, asks } = this.#client;
    const version = isModern ? asks : this.#version;
    return {
      ...(method !== undefined && { "content-type": contentType }),
      ...(accept !== null && { accept }),
      ...(version !== undefined && { "mcp-protocol-version": version }),
      ...(this.#session !== null && { "mcp-session-id": this.#session }),
      ...(isModern && method !== undefined && { "mcp-method": method }),
      ...(isModern && typeof name === "string" && { "mcp-name": name }),
    };
  }

  async #send(
    method: string,
    headers: Record<string, string>,
    body?: string,
    path = this.#client.path ?? "/mcp",
  ): Promise<Response> {
    const { origin, headers: further } = this.#client;
    const all = { ...headers, ...further };
    // A client that writes the method into a header writes that of this request.
    const said = body?.match(/"method":\s*"([^"]+)"/)?.[1];
    if (further?.["mcp-method"] !== undefined && said !== undefined) all["mcp-method"] = said;
    if (origin === undefined) return await this.#ask(requestOf(method, path, all, body));
    await this.#askLeave(method, path, origin, Object.keys(all));
    const response = await this.#ask(requestOf(method, path, { ...all, origin }, body));
    const { headers: answered } = response;
    assert.equal(answered.get("access-control-allow-origin"), origin, `${method} ${path}`);
    assert.match(answered.get("access-control-expose-headers") ?? "", /mcp-session-id/i);
    return response;
  }

  /** Asks as a browser does before it lets a page send such a request. */
  async #askLeave(method: string, path: string, origin: string, names: string[]): Promise<void> {
    const asked = names.filter((name) => name !== "accept").toSorted();
    const headers = {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": asked.join(","),
    };
    const response = await this.#ask(requestOf("OPTIONS", path, headers));
    assert.deepEqual([response.status, await response.text()], [204, ""]);
    const list = (name: string) =>
      (response.headers.get(`access-control-allow-${name}`) ?? "").split(/, ?/);
    assert.deepEqual(list("origin"), [origin]);
    assert.ok(list("methods").includes(method), `${method} is not allowed`);
    for (const name of asked) assert.ok(list("headers").includes(name), `${name} is not allowed`);
  }
}

function requestOf(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Request {
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return new Request(`http://localhost:9101${path}`, {
    method,
    headers: { ...headers, ...(bytes && { "content-length": String(bytes.length) }) },
    ...(bytes && { body: bytes }),
  });
}
