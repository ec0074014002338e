/** An MCP server that wants access tokens, which an agent gets as an OAuth client. */
import assert from "node:assert/strict";
import { bridged } from "./bridged_fixture.ts";
import { type Foreign, scriptedServer } from "./foreign_http_fixture.ts";
import { type ClientCredentials } from "./target.ts";

const ANSWER = { content: [{ type: "text", text: "let in" }] };
const CLIENT = { clientId: "travel", clientSecret: "a-secret" };

/** An authorization server with one client; every token it gives has a number. */
function authorizationServer() {
  let tokens = 0;
  const server = scriptedServer(async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/.well-known/oauth-authorization-server") {
      return Response.json({
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        response_types_supported: ["code"],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      });
    }
    if (pathname !== "/token") return new Response(null, { status: 404 });
    const wanted = `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.clientSecret}`)}`;
    if (request.headers.get("authorization") !== wanted) {
      const error = { error: "invalid_client", error_description: "who are you?" };
      return Response.json(error, { status: 401 });
    }
    const form = new URLSearchParams(await request.text());
    assert.equal(form.get("grant_type"), "client_credentials");
    assert.equal(form.get("scope"), "read write");
    tokens += 1;
    return Response.json({ access_token: `token-${tokens}`, token_type: "Bearer" });
  });
  return Object.assign(server, { issuer: new URL(server.url).origin });
}

/** An MCP server that lets in whoever has the latest token. */
function guarded(issuer: string) {
  const state = { token: "token-1" };
  const server = scriptedServer((request, { id, method }) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname.startsWith("/.well-known/oauth-protected-resource")) {
      return Response.json({ resource: `${origin}/mcp`, authorization_servers: [issuer] });
    }
    if (request.headers.get("authorization") !== `Bearer ${state.token}`) {
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      const challenge = `Bearer resource_metadata="${metadata}"`;
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    }
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const results: Record<string, unknown> = {
      "initialize": {
        protocolVersion: "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: "guarded", version: "1.0.0" },
      },
      "tools/list": { tools: [{ name: "t", inputSchema: { type: "object" } }] },
      "tools/call": ANSWER,
      "ping": {},
    };
    const result = results[method ?? ""];
    if (id === undefined) return new Response(null, { status: 202 });
    return Response.json(
      result === undefined
        ? { jsonrpc: "2.0", id, error: { code: -32601, message: "no" } }
        : { jsonrpc: "2.0", id, result },
    );
  });
  return Object.assign(server, { tokens: state });
}

function credentials(given: Partial<ClientCredentials>): ClientCredentials {
  return { ...CLIENT, issuer: "", scope: "read write", ...given } as ClientCredentials;
}

function tokenRequests({ state }: Foreign): number {
  return state.arrived.filter(({ headers }) => headers.get("authorization")?.startsWith("Basic"))
    .length;
}

Deno.test("mcpAgent with credentials gets a token, and another one when it is used up", async () => {
  await using entrance = authorizationServer();
  await using foreign = guarded(entrance.issuer);
  await using self = await bridged({
    url: foreign.url,
    headers: { "x-tenant": "acme" },
    credentials: credentials({ issuer: entrance.issuer }),
  });
  assert.deepEqual(await self.raw("t"), ANSWER);
  assert.equal(tokenRequests(entrance), 1);
  foreign.tokens.token = "token-2";
  assert.deepEqual(await self.raw("t"), ANSWER);
  assert.equal(tokenRequests(entrance), 2);
  // What was given for the server is for the server.
  assert.ok(foreign.state.arrived.every(({ headers }) => headers.get("x-tenant") === "acme"));
  assert.ok(entrance.state.arrived.every(({ headers }) => !headers.has("x-tenant")));
});

const refused: [
  what: string,
  credentials: (issuer: string) => Partial<ClientCredentials>,
  message: RegExp,
][] = [
  [
    "are wrong",
    (issuer) => ({ issuer, clientSecret: "b-secret" }),
    /\/mcp does not let this agent in: who are you\?; check its credentials$/,
  ],
  [
    "are for another authorization server than the one it names",
    () => ({ issuer: "https://elsewhere.test" }),
    /does not let this agent in: .*elsewhere.test.*; check its credentials$/,
  ],
];
for (const [what, given, message] of refused) {
  Deno.test(`mcpAgent whose credentials ${what} says so, and shows none`, async () => {
    await using entrance = authorizationServer();
    await using foreign = guarded(entrance.issuer);
    await using self = await bridged({
      url: foreign.url,
      credentials: credentials(given(entrance.issuer)),
    });
    const { status, errors = [] } = self.member.node.health;
    assert.equal(status, "unhealthy");
    assert.match(errors.join(), message);
    assert.equal(self.lines.some((line) => line.includes("secret")), false);
    if (what !== "are wrong") assert.equal(tokenRequests(entrance), 0);
  });
}
