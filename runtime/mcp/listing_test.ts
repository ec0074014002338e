/** Official clients of both eras list the tools of an agent, and find that its results keep to that. */
import assert from "node:assert/strict";
import { Client as ClientV2, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { served } from "../suites/served_fixture.ts";
import { type Tool, tool } from "../define/tool.ts";

const INFO = { name: "test", version: "1.0.0" };
const MODERN = { versionNegotiation: { mode: { pin: "2026-07-28" } } } as const;

interface Listing extends AsyncDisposable {
  names(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

const clients: Record<string, (url: URL) => Promise<Listing>> = {
  "SDK 1": async (url) => {
    const client = new ClientV1(INFO);
    // The SDK's own declarations disagree under exactOptionalPropertyTypes.
    await client.connect(new HttpV1(url) as Parameters<ClientV1["connect"]>[0]);
    return {
      names: async () => (await client.listTools()).tools.map(({ name }: { name: string }) => name),
      call: (name, args = {}) => client.callTool({ name, arguments: args }),
      [Symbol.asyncDispose]: () => client.close(),
    };
  },
  "SDK 2 as of 2025": (url) => ofSdk2(url, {}),
  "SDK 2 as of 2026": (url) => ofSdk2(url, MODERN),
};

async function ofSdk2(url: URL, options: object): Promise<Listing> {
  const client = new ClientV2(INFO, options);
  await client.connect(new StreamableHTTPClientTransport(url));
  return {
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args = {}) => client.callTool({ name, arguments: args }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const Address = z.object({ street: z.string() }).meta({ id: "Address" });
interface Node {
  kids: Node[];
}
const Node: z.ZodType<Node> = z.object({
  get kids() {
    return z.array(Node);
  },
});
const Tree: z.ZodType = z.union([z.string(), z.array(z.lazy(() => Tree))]);
const AB = z.discriminatedUnion("k", [
  z.object({ k: z.literal("a") }),
  z.object({ k: z.literal("b"), n: z.number() }),
]);
const home = { street: "Elm" };
const picture = { type: "image", data: "AA==", mimeType: "image/png" };

/** Tools by name, and the structured content of what they answer. */
const tools: Record<string, [tool: Tool, content: unknown]> = {
  named: [tool({ output: Address }, () => home), home],
  list: [tool({ output: z.array(Address) }, () => [home]), { result: [home] }],
  list_of_recursive: [
    tool({ output: z.array(Node) }, () => [{ kids: [{ kids: [] }] }]),
    { result: [{ kids: [{ kids: [] }] }] },
  ],
  recursive: [tool({ output: Node }, () => ({ kids: [] })), { kids: [] }],
  tree: [tool({ output: Tree }, () => ["a", ["b"]]), { result: ["a", ["b"]] }],
  union: [tool({ output: AB }, () => ({ k: "b" as const, n: 1 })), { k: "b", n: 1 }],
  nullable: [tool({ output: Address.nullable() }, () => home), { result: home }],
  null: [tool({ output: Address.nullable() }, () => null), { result: null }],
  absent: [tool({ output: Address.optional() }, () => undefined), { result: null }],
  not_absent: [tool({ output: Address.optional() }, () => home), { result: home }],
  mixed: [tool({ output: z.union([z.string(), Address]) }, () => home), { result: home }],
  both: [
    tool({ output: Address.and(z.object({ zip: z.string() })) }, () => ({ ...home, zip: "1" })),
    { ...home, zip: "1" },
  ],
  json: [tool({ output: z.json() }, () => ({ a: 1 })), { result: { a: 1 } }],
  anything: [tool({ output: z.unknown() }, () => ({ a: 1 })), { a: 1 }],
  any_list: [tool({ output: z.any() }, () => [1]), { result: [1] }],
  undeclared: [tool({}, () => ({ a: 1 })), { a: 1 }],
  map: [tool({ output: z.record(z.string(), Address) }, () => ({ a: home })), { a: home }],
  pair: [tool({ output: z.tuple([Address, z.int()]) }, () => [home, 1]), { result: [home, 1] }],
  day: [
    tool({ output: z.date().transform((day) => day.getUTCFullYear()) }, () => new Date(0)),
    { result: 1970 },
  ],
  image: [tool({}, () => picture), undefined],
  ready: [
    // A result as another server wrote it.
    tool({}, () => ({ content: [{ type: "text", text: "x" }], structuredContent: [1] })),
    { result: [1] },
  ],
  named_arguments: [
    tool({ input: z.object({ a: z.string() }).meta({ id: "Arguments" }) }, ({ a }) => ({ a })),
    { a: "x" },
  ],
};

for (const [who, connect] of Object.entries(clients)) {
  Deno.test(`${who}: the results of all tools are as they are listed`, async (t) => {
    const members = Object.entries(tools).map(([name, [tool]]) => [name, tool]);
    await using self = await served(agent({ name: "lister", tools: Object.fromEntries(members) }));
    await using client = await connect(new URL(`${self.endpoint}/mcp`));
    assert.deepEqual(await client.names(), Object.keys(tools));
    for (const [name, [, content]] of Object.entries(tools)) {
      await t.step(name, async () => {
        const { structuredContent, isError } = await client.call(name, { a: "x" });
        assert.deepEqual([structuredContent, isError ?? false], [content, false]);
        // Another agent reads the value that the handler returned.
        if (content === undefined) return;
        const value = await self.call(name, { args: { a: "x" } });
        const isWrapped = !("street" in Object(value)) && "result" in Object(content);
        assert.deepEqual(value, isWrapped ? Object(content).result : value);
      });
    }
  });
}
