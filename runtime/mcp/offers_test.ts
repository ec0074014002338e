/** Prompts, resources, completions, questions and log lines, as an independent client sees them. */
import assert from "node:assert/strict";
import {
  Client,
  LOG_LEVEL_META_KEY,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { elicit } from "../define/ask.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { MeshNode } from "../node/node.ts";
import { prompt } from "../define/prompt.ts";
import { resource } from "../define/resource.ts";
import { tool } from "../define/tool.ts";

function library() {
  let reads = 0;
  const self = agent({
    name: "library",
    instructions: "Ask for books by title.",
    sessions: true,
    tools: {
      lend: tool({ input: z.object({ title: z.string() }) }, async ({ title }, { ask, log }) => {
        log.info(`asking about ${title}`);
        const { reader } = await ask({
          reader: elicit("Who reads?", z.object({ name: z.string() })),
        });
        const { sure } = await ask({ sure: elicit("Sure?", z.object({ yes: z.boolean() })) });
        return reader.action === "accept" && sure.action === "accept" && sure.content.yes
          ? `${reader.content.name} has ${title}`
          : "kept";
      }),
      speak: tool({}, (_, { log, client }) => {
        log.debug("at length");
        log.info("once", { times: 1 });
        return client?.logLevel ?? "nobody listens";
      }),
      write: tool({}, () => {
        self.resources.add("new", resource({ uri: "book://new" }, () => "new"));
        self.resources.updated("book://list");
      }),
    },
    prompts: {
      review: prompt({
        title: "Review",
        description: "Asks for a review",
        args: z.object({
          title: z.string().describe("Of the book"),
          words: z.coerce.number().optional(),
        }),
        complete: {
          title: (value, { words = "" }) =>
            ["Emma", "Ulysses"].map((title) => title + words)
              .filter((title) => title.startsWith(value)),
        },
      }, ({ title, words }) => `Review ${title} in ${(words ?? 100) + 1} words`),
      broken: prompt({}, () => {
        throw new Error("no ink");
      }),
    },
    resources: {
      list: resource({ uri: "book://list", description: "All" }, () => ({ reads: ++reads })),
      cover: resource(
        { uri: "book://cover", mimeType: "image/png" },
        () => new Uint8Array([1, 2, 3]),
      ),
      page: resource(
        {
          uri: "book://{title}/{page}",
          complete: { page: (value) => [`${value}1`, `${value}2`] },
        },
        ({ uri, title, page }) => title === "Emma" ? `${page} of ${title} under ${uri}` : undefined,
      ),
    },
  });
  return self;
}

const eras = {
  "2025-11-25": undefined,
  "2026-07-28": { mode: { pin: "2026-07-28" } },
} as const;

for (const [era, versionNegotiation] of Object.entries(eras)) {
  const test = (name: string, run: (client: Client) => Promise<void>) =>
    Deno.test(`MCP ${era}: ${name}`, async () => {
      const self = library();
      const node = new MeshNode({
        host: hostInThread(self),
        config: agentConfig({ MCP_MESH_AGENT_ID: "library-1" }, self.manifest()),
        log: () => {},
        fetch,
      });
      await node.join(80, { standalone: true });
      const client = new Client({ name: "test", version: "1.0.0" }, {
        capabilities: { elicitation: {} },
        ...(versionNegotiation && { versionNegotiation }),
      });
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
          fetch: (input, init) => node.fetch(new Request(input, init)),
        }),
      );
      try {
        await run(client);
      } finally {
        await client.close();
        await node.shutdown(0);
      }
    });

  test("an agent says how to use it and what it has", async (client) => {
    assert.equal(client.getInstructions(), "Ask for books by title.");
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts, [
      {
        name: "review",
        title: "Review",
        description: "Asks for a review",
        arguments: [
          { name: "title", description: "Of the book", required: true },
          { name: "words", required: false },
        ],
      },
      { name: "broken" },
    ]);
    const { resources } = await client.listResources();
    assert.deepEqual(resources, [
      { uri: "book://list", name: "list", description: "All" },
      { uri: "book://cover", name: "cover", mimeType: "image/png" },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates, [{ uriTemplate: "book://{title}/{page}", name: "page" }]);
  });

  test("prompts are filled in, and refuse what does not fit", async (client) => {
    const { messages } = await client.getPrompt({
      name: "review",
      arguments: { title: "Emma", words: "41" },
    });
    assert.deepEqual(messages, [
      { role: "user", content: { type: "text", text: "Review Emma in 42 words" } },
    ]);
    await assert.rejects(client.getPrompt({ name: "review" }), { code: -32602, message: /title/ });
    await assert.rejects(client.getPrompt({ name: "nope" }), { code: -32602, message: /nope/ });
    await assert.rejects(client.getPrompt({ name: "broken" }), { code: -32603, message: /no ink/ });
  });

  test("resources are read as JSON, bytes, or text behind a template", async (client) => {
    const read = async (uri: string) => (await client.readResource({ uri })).contents;
    assert.deepEqual(await read("book://list"), [
      { uri: "book://list", mimeType: "application/json", text: '{"reads":1}' },
    ]);
    assert.deepEqual(await read("book://cover"), [
      { uri: "book://cover", mimeType: "image/png", blob: "AQID" },
    ]);
    assert.deepEqual(await read("book://Emma/p%201"), [
      {
        uri: "book://Emma/p%201",
        mimeType: "text/plain",
        text: "p 1 of Emma under book://Emma/p%201",
      },
    ]);
    for (const uri of ["book://Persuasion/1", "film://list"]) {
      await assert.rejects(read(uri), (error: { code: number; data: unknown }) => {
        assert.ok(error.code === -32002 || error.code === -32602, String(error.code));
        return true;
      });
    }
  });

  test("arguments and variables are completed", async (client) => {
    const complete = async (params: Parameters<Client["complete"]>[0]) =>
      (await client.complete(params)).completion;
    assert.deepEqual(
      await complete({
        ref: { type: "ref/prompt", name: "review" },
        argument: { name: "title", value: "E" },
        context: { arguments: { words: "7" } },
      }),
      { values: ["Emma7"], total: 1, hasMore: false },
    );
    assert.deepEqual(
      await complete({
        ref: { type: "ref/resource", uri: "book://{title}/{page}" },
        argument: { name: "page", value: "1" },
      }),
      { values: ["11", "12"], total: 2, hasMore: false },
    );
    assert.deepEqual(
      await complete({
        ref: { type: "ref/prompt", name: "review" },
        argument: { name: "words", value: "" },
      }),
      { values: [], total: 0, hasMore: false },
    );
    await assert.rejects(
      complete({ ref: { type: "ref/prompt", name: "nope" }, argument: { name: "a", value: "" } }),
      { code: -32602 },
    );
  });

  test("a tool asks a person, twice", async (client) => {
    const asked: string[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params.message);
      return {
        action: "accept",
        content: params.message === "Sure?" ? { yes: true } : { name: "Ada" },
      };
    });
    const result = await client.callTool({ name: "lend", arguments: { title: "Emma" } });
    assert.deepEqual(result.structuredContent, { result: "Ada has Emma" });
    assert.deepEqual(asked, ["Who reads?", "Sure?"]);
  });

  test("log lines reach a client that takes them, from the level it says", async (client) => {
    const lines: unknown[] = [];
    client.setNotificationHandler("notifications/message", ({ params: { level, data } }) => {
      lines.push([level, data]);
    });
    const isModern = versionNegotiation !== undefined;
    if (isModern) {
      const { structuredContent } = await client.callTool({ name: "speak" });
      assert.deepEqual(structuredContent, { result: "nobody listens" });
    } else await client.setLoggingLevel("info");
    const meta = { [LOG_LEVEL_META_KEY]: "info" };
    const params = { name: "speak", ...(isModern && { _meta: meta }) };
    const { structuredContent } = await client.callTool(params as { name: string });
    assert.deepEqual(structuredContent, { result: isModern ? "info" : "debug" });
    assert.deepEqual(lines, [["info", { message: "once", times: 1 }]]);
  });

  test("clients are told of changes they asked for", async (client) => {
    const listed = Promise.withResolvers<void>();
    const updated = Promise.withResolvers<string>();
    client.setNotificationHandler("notifications/resources/list_changed", () => listed.resolve());
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      updated.resolve(params.uri);
    });
    if (versionNegotiation === undefined) await client.subscribeResource({ uri: "book://list" });
    else {
      await client.listen({ resourcesListChanged: true, resourceSubscriptions: ["book://list"] });
    }
    await client.callTool({ name: "write" });
    await listed.promise;
    assert.equal(await updated.promise, "book://list");
    const { resources } = await client.listResources();
    assert.ok(resources.some(({ uri }) => uri === "book://new"));
  });
}
