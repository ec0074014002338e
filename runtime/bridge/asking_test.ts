/** What an MCP server asks during a call is asked of the caller, whatever era either is of. */
import assert from "node:assert/strict";
import type { Client, ClientOptions } from "@modelcontextprotocol/client";
import * as z from "zod";
import { type Bridged, bridged, MODERN } from "./bridged_fixture.ts";
import { type Foreign, scriptedServer } from "./foreign_http_fixture.ts";
import { FOREIGN_KINDS, foreignServer } from "./foreign_server_fixture.ts";

const SESSIONS = "2025-11-25 with sessions";
const FORMS = { capabilities: { elicitation: { form: {} } } };

/** A client whose person fills in every form, and what was asked. */
async function person(self: Bridged, options: ClientOptions = MODERN) {
  const client = await self.client({ ...options, ...FORMS });
  const asked: string[] = [];
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { ok: true } };
  });
  return Object.assign(client, { asked });
}

/** What a tool answers, which may be questions. */
async function tool(client: Client, params: Record<string, unknown>) {
  return await client.request({ method: "tools/call", params }, z.looseObject({}), {
    allowInputRequired: true,
  });
}

function sessionsOf({ state }: Foreign): Set<string | null> {
  return new Set(state.arrived.map(({ headers }) => headers.get("mcp-session-id")));
}

for (const kind of FOREIGN_KINDS) {
  for (const caller of ["2026-07-28", "2025-11-25"]) {
    Deno.test(`mcpAgent of a server of ${kind}: what it asks is asked of a caller of ${caller}`, async () => {
      await using foreign = foreignServer(kind);
      await using self = await bridged({ url: foreign.url, sessions: true });
      await using client = await person(self, caller === "2026-07-28" ? MODERN : {});
      const { content } = await client.callTool({ name: "asks", arguments: { of: "it" } });
      const [{ text }] = content as unknown as [{ text: string }];
      const [of, answer, state] = JSON.parse(text);
      assert.deepEqual([of, answer], ["it", { action: "accept", content: { ok: true } }]);
      assert.equal(state, "begun 1");
      assert.deepEqual(client.asked, ["Sure of it?"]);
      // Begun, and gone on with: never begun again.
      assert.deepEqual(foreign.state.begun, ["asks", "asks"]);
    });
  }
}

Deno.test("mcpAgent of a server with sessions: callers at the same time are asked what is theirs", async () => {
  await using foreign = foreignServer(SESSIONS);
  await using self = await bridged({ url: foreign.url });
  await Promise.all(["a", "b", "c"].map(async (of) => {
    await using client = await person(self);
    const { content } = await client.callTool({ name: "asks", arguments: { of } });
    assert.match(JSON.stringify(content), new RegExp(`"\\[\\\\"${of}`));
    assert.deepEqual(client.asked, [`Sure of ${of}?`]);
  }));
});

Deno.test("mcpAgent of a server with sessions: callers who can be asked share a session, one after another", async () => {
  await using foreign = foreignServer(SESSIONS);
  await using self = await bridged({ url: foreign.url });
  await self.raw("verbatim");
  const before = sessionsOf(foreign).size;
  for (let time = 0; time < 3; time++) {
    await using client = await person(self);
    await client.callTool({ name: "asks" });
    await client.callTool({ name: "verbatim" });
  }
  assert.equal(sessionsOf(foreign).size, before + 1);
});

Deno.test("mcpAgent of a server with sessions: an answer counts once, and not when the server is gone", async () => {
  await using foreign = foreignServer(SESSIONS);
  await using self = await bridged({ url: foreign.url });
  await using client = await self.client({ ...MODERN, ...FORMS });
  const answerTo = ({ inputRequests, requestState }: Record<string, unknown>) => ({
    name: "asks",
    inputResponses: Object.fromEntries(
      Object.keys(inputRequests as object).map((key) => [key, { action: "decline" }]),
    ),
    requestState,
  });
  const late = {
    content: [{
      type: "text",
      text: `${foreign.url} no longer waits for this answer; make the call again`,
    }],
    isError: true,
  };
  const first = await tool(client, { name: "asks" });
  const second = await tool(client, { name: "asks" });
  const { content } = await tool(client, answerTo(first));
  assert.match(JSON.stringify(content), /decline/);
  const { _meta: _, resultType: __, ...again } = await tool(client, answerTo(first));
  assert.deepEqual(again, late);
  await foreign.stop();
  foreign.start();
  await self.line("health is healthy");
  const { isError } = await tool(client, answerTo(second));
  assert.equal(isError, true);
});

Deno.test("mcpAgent of a server with sessions: who can be asked and gives up ends the work there", async () => {
  await using foreign = foreignServer(SESSIONS);
  await using self = await bridged({ url: foreign.url });
  await using client = await person(self);
  const abort = new AbortController();
  const calling = client.callTool({ name: "slow" }, { signal: abort.signal });
  await foreign.state.until(() => foreign.state.begun.includes("slow"));
  abort.abort(new Error("enough"));
  await assert.rejects(calling);
  await foreign.state.until(() => foreign.state.aborted.includes("slow"));
  // And its session, in which the server might still ask.
  await foreign.state.until(() => foreign.state.arrived.some(({ verb }) => verb === "DELETE"));
});

Deno.test("mcpAgent of a server that has forgotten the session of a caller makes the call in another", async () => {
  await using foreign = foreignServer(SESSIONS, { closes: true });
  await using self = await bridged({ url: foreign.url });
  await using client = await person(self);
  await client.callTool({ name: "asks" });
  await foreign.stop();
  foreign.start();
  await client.callTool({ name: "asks" });
  assert.deepEqual(client.asked.length, 2);
});

Deno.test("mcpAgent of a server that will have one session does without asking", async () => {
  let sessions = 0;
  await using foreign = scriptedServer((request, { id, method }) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const result = (result: unknown, headers = {}) =>
      Response.json({ jsonrpc: "2.0", id, result }, { headers });
    switch (method) {
      case "initialize":
        sessions += 1;
        if (sessions > 1) return new Response("already initialized", { status: 400 });
        return result({
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "single", version: "1.0.0" },
        }, { "mcp-session-id": "the one" });
      case "tools/list":
        return result({ tools: [{ name: "t", inputSchema: { type: "object" } }] });
      case "tools/call":
        return result({ content: [] });
      default:
        return id === undefined
          ? new Response(null, { status: 202 })
          : Response.json({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } });
    }
  });
  await using self = await bridged({ url: foreign.url });
  await using client = await person(self);
  for (let time = 0; time < 2; time++) {
    assert.deepEqual((await client.callTool({ name: "t" })).content, []);
  }
  assert.equal(sessions, 2);
  const warnings = self.lines.filter((line) => line.includes("WARN  callers are not asked"));
  assert.equal(warnings.length, 1);
});

Deno.test("mcpAgent goes on only with what it signed: a client cannot say where", async () => {
  for (const kind of FOREIGN_KINDS) {
    await using foreign = foreignServer(kind);
    await using self = await bridged({ url: foreign.url });
    await using client = await self.client({ ...MODERN, ...FORMS });
    const inputResponses = { "mesh/state": { requestState: "begun 1" } };
    const { resultType } = await tool(client, { name: "asks", inputResponses });
    assert.equal(resultType, "input_required");
    const [begun] = foreign.state.arrived.filter(({ message }) => message.method === "tools/call");
    assert.equal(begun?.message.params?.["requestState"], undefined);
  }
});
