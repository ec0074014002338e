/** Numbers that JavaScript does not hold, through an agent that speaks for a server of another language. */
import assert from "node:assert/strict";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { fileURLToPath } from "node:url";
import { agent } from "../define/agent.ts";
import type { Host } from "../boundary/host.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { hostSandboxed } from "../sandbox/sandboxed.ts";
import { type Served, served } from "../suites/served_fixture.ts";
import { tool } from "../define/tool.ts";
import * as z from "zod";
import { ForeignMessages } from "./foreign_messages.ts";
import { mcpAgent } from "./mcp_agent.ts";
import { answerTo } from "./testdata/exact_server.ts";

const program = fileURLToPath(new URL("testdata/exact_server.ts", import.meta.url));
const module = new URL("testdata/exact_agent.ts", import.meta.url);

/** A server over HTTP. */
function overHttp(inEvents: boolean) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const answer = answerTo(await request.text());
    if (answer === undefined) return new Response(null, { status: 202 });
    return inEvents
      ? new Response(`event: message\r\ndata: ${answer}\r\n\r\n`, {
        headers: { "content-type": "text/event-stream" },
      })
      : new Response(answer, { headers: { "content-type": "application/json; charset=utf-8" } });
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.addr.port}/mcp` });
}

/** The ways in which agent and server are connected. */
const ways: Record<string, () => Promise<{ host: Host } & AsyncDisposable>> = {
  "HTTP with JSON": () => inThread(overHttp(false)),
  "HTTP with events": () => inThread(overHttp(true)),
  "standard streams": () =>
    Promise.resolve({
      host: hostInThread(
        mcpAgent({ name: "exact", command: Deno.execPath(), args: ["run", "--quiet", program] }),
      ),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  "HTTP, with its code in a sandbox": async () => {
    const server = overHttp(false);
    Deno.env.set("EXACT_URL", server.url);
    const host = await hostSandboxed({
      url: module.href,
      permissions: { net: true, env: ["EXACT_URL"] },
      log: () => {},
    });
    return { host, [Symbol.asyncDispose]: () => server.shutdown() };
  },
};

function inThread(server: ReturnType<typeof overHttp>) {
  const host = hostInThread(mcpAgent({ name: "exact", url: server.url }));
  return Promise.resolve({ host, [Symbol.asyncDispose]: () => server.shutdown() });
}

const ARGUMENTS = [
  '{"id":1915883588174806058}',
  '{"id":-9223372036854775808,"ids":[18446744073709551615,1,2.5,{"deep":12345678901234567890}]}',
  '{"price":0.12345678901234567890,"text":"12345678901234567890 \\"12345678901234567890\\\\"}',
  '{"id":9007199254740991,"safe":true,"none":null}',
];

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const MODERN = {
  ...HEADERS,
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "echo",
};

/** Requests, by which part of the agent reads them. */
const requests: Record<string, (args: string) => [headers: Record<string, string>, body: string]> =
  {
    "a request of 2025": (args) => [
      HEADERS,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${args}}}`,
    ],
    "a request of 2026": (args) => [
      MODERN,
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",' +
      `"arguments":${args},"_meta":${JSON.stringify(ENVELOPE)}}}`,
    ],
    "a request with members of its own": (args) => [
      HEADERS,
      '{"jsonrpc":"2.0","id":1,"method":"tools/call",' +
      `"params":{"own":1,"name":"echo","arguments":${args}}}`,
    ],
  };

async function asked(self: Served, headers: HeadersInit, body: string): Promise<string> {
  const response = await fetch(`${self.endpoint}/mcp`, { method: "POST", headers, body });
  return await response.text();
}

for (const [way, open] of Object.entries(ways)) {
  const test = way === "standard streams" ? processTest : Deno.test;
  test(`mcpAgent keeps the digits of numbers both ways: ${way}`, async (t) => {
    await using behind = await open();
    await using self = await served(behind.host);
    for (const [what, request] of Object.entries(requests)) {
      for (const args of ARGUMENTS) {
        await t.step(`${what}, ${args}`, async () => {
          const text = await asked(self, ...request(args));
          assert.ok(text.includes(`"structuredContent":${args}`), text);
          assert.ok(text.includes(`"text":${JSON.stringify(args)}`), text);
          assert.ok(text.includes('"x-id":1915883588174806058'), text);
        });
      }
    }
    await t.step("code reads them as JavaScript does", async () => {
      const value = await self.call("echo", { args: { id: 2 ** 60 } });
      assert.deepEqual(value, { id: 2 ** 60 });
    });
  });
}

Deno.test("an agent's own tools read large numbers as JavaScript does, and its answers keep their ids", async (t) => {
  const double = tool({ input: z.object({ n: z.number() }) }, ({ n }) => n * 2);
  await using self = await served(agent({ name: "own", tools: { double } }));
  const rows: [what: string, id: string, more: string][] = [
    ["a plain request", "1", ""],
    ["one with members of its own", "1", '"own":1,'],
    ["a large id", "12345678901234567890", ""],
    ["a large negative id", "-9223372036854775808", ""],
  ];
  for (const [what, id, more] of rows) {
    await t.step(what, async () => {
      const params = `{${more}"name":"double","arguments":{"n":1915883588174806058}}`;
      const text = await asked(
        self,
        HEADERS,
        `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`,
      );
      assert.ok(text.includes('"structuredContent":{"result":3831767176349612000}'), text);
      assert.ok(text.includes(`"id":${id}`), text);
    });
  }
  await t.step("a large progress token", async () => {
    const reporting = tool({}, (_, { progress }) => {
      progress(1);
      return "done";
    });
    await using self = await served(agent({ name: "own", tools: { reporting } }));
    const token = "12345678901234567890";
    const text = await asked(
      self,
      HEADERS,
      '{"jsonrpc":"2.0","id":1,"method":"tools/call",' +
        `"params":{"name":"reporting","_meta":{"progressToken":${token}}}}`,
    );
    assert.ok(text.includes(`"progressToken":${token}`), text);
  });
});

const messages: [what: string, text: string, readable: string | RegExp][] = [
  ["small numbers", '{"id":1,"result":{"a":[1.5,-2]}}', '{"id":1,"result":{"a":[1.5,-2]}}'],
  ["numbers in strings", '{"a":"1915883588174806058"}', '{"a":"1915883588174806058"}'],
  [
    "a large number",
    '{"a":1915883588174806058}',
    /^\{"a":"mesh\/number:[^"]+:1915883588174806058"\}$/,
  ],
  [
    "a notification",
    '{"method":"notifications/progress","params":{"progress":0.33333333333333331}}',
    '{"method":"notifications/progress","params":{"progress":0.33333333333333331}}',
  ],
  [
    "members that are null",
    '{"jsonrpc":"2.0","id":1,"result":{"a":null,"_meta":null},"error":null}',
    '{"jsonrpc":"2.0","id":1,"result":{"a":null}}',
  ],
  [
    "a result that is null",
    '{"jsonrpc":"2.0","id":1,"result":null}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
  ],
  [
    "an error beside a result that is null",
    '{"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1,"message":"x"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}',
  ],
  [
    "a notification with an id",
    '{"jsonrpc":"2.0","id":null,"method":"x","params":null}',
    '{"jsonrpc":"2.0","method":"x"}',
  ],
  ["half a message", '{"a":null,"_meta":null', '{"a":null,"_meta":null'],
  ["half a string", '{"a":"1915883588174806058', '{"a":"1915883588174806058'],
];
for (const [what, text, readable] of messages) {
  Deno.test(`ForeignMessages.readable() of ${what}`, () => {
    const messages = new ForeignMessages();
    const read = messages.readable(text);
    if (typeof readable === "string") assert.equal(read, readable);
    else {
      assert.match(read, readable);
      assert.equal(JSON.stringify(messages.restored(JSON.parse(read))), text);
    }
    assert.equal(messages.readableLine(`data: ${text}`).slice(0, 6), "data: ");
  });
}

Deno.test("ForeignMessages does not take for a number what a server writes like one", () => {
  const messages = new ForeignMessages();
  const read = messages.readable('{"a":1915883588174806058}');
  const [, mark = ""] = /"(mesh\/number:[^"]+:)1/.exec(read) ?? [];
  const forged = { a: `${new ForeignMessages().readable("1915883588174806058")}` };
  assert.deepEqual(messages.restored(forged), forged);
  assert.ok(mark.length > 40);
});
