/** The language model of a tool, against a scripted provider in a mesh in memory. */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../../define/agent.ts";
import { MeshError } from "../../base/errors.ts";
import { testMesh } from "../../testing/mesh.ts";
import { tool } from "../../define/tool.ts";
import type { Llm, LlmDefinition, LlmOptions } from "../../define/llm.ts";
import { callsFor, reply, type Scripted, scriptedProvider } from "../../define/llm_fixture.ts";

/** A consumer whose handler is the test's, joined with a scripted provider. */
async function withLlm(
  script: Scripted[],
  llm: LlmDefinition,
  handler: (llm: Llm, input: { topic: string }) => unknown,
  { streams = true } = {},
) {
  const mesh = testMesh();
  const provider = scriptedProvider("provider", script, { streams });
  await mesh.join(provider.agent);
  await mesh.join(agent({
    name: "writer",
    tools: {
      write: tool(
        { capability: "write", input: z.object({ topic: z.string() }), llm },
        async (input, { llm }) => await handler(llm, input),
      ),
    },
  }));
  const run = (topic = "trains") => mesh.call("write", { topic });
  return {
    mesh,
    provider,
    run,
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Llm.text() sends the prompts and tells what the answer took", async () => {
  await using test = await withLlm(["A poem."], {
    system: "You write about {{ topic }} for {{ reader }}.",
    temperature: 0.5,
    maxOutputTokens: 100,
    stop: ["END"],
    modelParams: { temperature: 1, seed: 7 },
  }, (llm, { topic }) => llm.text(`Write about ${topic}`, { context: { reader: "children" } }));
  assert.deepEqual(await test.run(), {
    text: "A poem.",
    stopReason: "done",
    usage: { inputTokens: 3, outputTokens: 2 },
    model: "scripted-1",
    turns: 1,
    provider: "provider",
  });
  const [request] = test.provider.requests;
  assert.deepEqual(request?.messages.map(({ role, content }) => ({ role, content })), [
    { role: "system", content: "You write about trains for children." },
    { role: "user", content: "Write about trains" },
  ]);
  const { temperature, max_tokens, stop, seed, max_iterations } = request?.model_params ?? {};
  assert.deepEqual(
    { temperature, max_tokens, stop, seed, max_iterations },
    { temperature: 0.5, max_tokens: 100, stop: ["END"], seed: 7, max_iterations: 10 },
  );
  assert.equal(request?.caller_agent, "writer.write");
});

Deno.test("Llm.text() takes a conversation, media and a prompt of the call", async () => {
  await using test = await withLlm(["ok"], { system: "declared" }, (llm) =>
    llm.text([
      { role: "user", content: "What is this?" },
      { role: "assistant", content: "Show me." },
      { role: "user", content: "Here." },
    ], {
      system: "now {{ topic }}",
      media: [
        "https://example.com/a.png",
        { data: new Uint8Array([1, 2]), mimeType: "image/png" },
        { data: new TextEncoder().encode("a,b"), mimeType: "text/csv", name: "t.csv" },
        { data: "AQI=", mimeType: "application/pdf", name: "t.pdf" },
      ],
    }));
  await test.run();
  const [request] = test.provider.requests;
  assert.deepEqual(request?.messages.map(({ role }) => role), [
    "system",
    "user",
    "assistant",
    "user",
  ]);
  assert.equal(request?.messages[0]?.content, "now trains");
  assert.deepEqual(request?.messages[3]?.content, [
    { type: "text", text: "Here." },
    { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    { type: "image_url", image_url: { url: "data:image/png;base64,AQI=" } },
    { type: "text", text: "t.csv:\na,b" },
    { type: "file", file: { filename: "t.pdf", file_data: "data:application/pdf;base64,AQI=" } },
  ]);
});

const stops: [Record<string, unknown>, string][] = [
  [{ _mesh_finish_reason: "length" }, "length"],
  [{ _mesh_finish_reason: "refusal" }, "refusal"],
  [{ _mesh_finish_reason: "content_filter" }, "refusal"],
  [{ _mesh_finish_reason: "stop" }, "done"],
];

for (const [more, stopReason] of stops) {
  Deno.test(`Llm.text() stops with ${stopReason} for ${JSON.stringify(more)}`, async () => {
    await using test = await withLlm(
      [reply("text", more)],
      {},
      async (llm) => (await llm.text("x")).stopReason,
    );
    assert.equal(await test.run(), stopReason);
  });
}

/** Every way to ask a model; each gives its text, if it gives anything. */
const ways: readonly (readonly [way: string, ask: (llm: Llm) => Promise<unknown>])[] = [
  ["text", (llm) => llm.text("x")],
  ["object", (llm) => llm.object("x", z.object({}))],
  ["stream", (llm) => Array.fromAsync(llm.stream("x"))],
];

for (const [way, ask] of ways) {
  const turn = (...names: string[]) => ({
    model: "scripted-1",
    finish_reason: "tool_calls",
    prompt_tokens: 1,
    completion_tokens: 1,
    duration_ms: 1,
    tool_calls: names.map((name) => ({
      name,
      arguments: {},
      outcome: name === "late" ? "unresolved" : "ok",
    })),
  });
  const turns = [turn("weather", "hotels"), turn("weather"), turn("late")];
  const limits: readonly (readonly [what: string, more: Record<string, unknown>, says: RegExp, {
    readonly tools: string[];
  }])[] = [
    [
      "as ours say it",
      { _mesh_finish_reason: "max_iterations", _mesh_turns: turns },
      /had its 3 turns, called weather 2 times, hotels and has no answer yet; raise maxIterations/,
      { tools: ["weather", "hotels", "weather"] },
    ],
    [
      "as the reference's say it",
      { _mesh_stop_reason: "max_iterations" },
      /had its 3 turns and has no answer yet; raise maxIterations/,
      { tools: [] },
    ],
  ];
  for (const [what, more, says, { tools }] of limits) {
    for (const text of ["", "one moment"]) {
      const said = text === "" ? "nothing" : "something";
      Deno.test(`Llm.${way}() fails when the turns are over with ${said} said, ${what}`, async () => {
        await using test = await withLlm([reply(text, more)], { maxIterations: 3 }, ask);
        await assert.rejects(test.run(), (error: MeshError) => {
          assert.equal(error.code, "llm_limit");
          assert.match(error.message, says);
          assert.deepEqual(error.details, { turns: 3, tools, text, model: "scripted-1" });
          return true;
        });
        assert.equal(test.provider.requests.length, 1, "it is not asked again");
      });
    }
  }

  const empty: readonly (readonly [what: string, more: Record<string, unknown>, code: string])[] = [
    ["and no reason", {}, "llm_upstream"],
    ["for want of tokens", { _mesh_finish_reason: "length" }, "llm_limit"],
    ["and a refusal", { _mesh_finish_reason: "content_filter" }, "llm_refused"],
  ];
  for (const [what, more, code] of empty) {
    Deno.test(`Llm.${way}() fails with ${code} for an answer with no text ${what}`, async () => {
      await using test = await withLlm([reply("", more)], { repairs: 0 }, ask);
      await assert.rejects(test.run(), { code });
    });
  }
}

Deno.test("Llm.text() takes a model at its word that it has nothing to say", async () => {
  await using test = await withLlm(
    [reply("", { _mesh_finish_reason: "stop" })],
    {},
    async (llm) => (await llm.text("x")).text,
  );
  assert.equal(await test.run(), "");
});

Deno.test("Llm.text() reads replies as agents of other languages send them", async () => {
  await using test = await withLlm(
    [JSON.stringify(reply("in text")), "plain text"].map((text) => () => text),
    {},
    async (llm) => (await llm.text("x")).text,
  );
  test.provider.script = [reply(JSON.stringify(reply("in text")))];
  assert.equal(await test.run(), JSON.stringify(reply("in text")));
});

const Plan = z.object({ days: z.number().int(), note: z.string().optional() });

Deno.test("Llm.object() gives the value, however it is wrapped in text", async () => {
  const answers: unknown[] = [
    { days: 3 },
    '{"days": 3}',
    'Here it is:\n```json\n{"days": 3}\n```\nEnjoy.',
    'The plan {"days": 3} is short.',
  ];
  for (const answer of answers) {
    await using test = await withLlm(
      [reply(answer)],
      {},
      async (llm) => (await llm.object("plan", Plan)).value,
    );
    assert.deepEqual(await test.run(), { days: 3 });
    const { output_schema, output_type_name } = test.provider.requests[0]?.model_params ?? {};
    assert.equal((output_schema as { type?: string } | undefined)?.type, "object");
    assert.equal(output_type_name, "Answer");
  }
});

Deno.test("Llm.object() asks for values that are no objects as `result`", async () => {
  await using test = await withLlm(
    ['{"result": [1, 2]}'],
    {},
    async (llm) => (await llm.object("numbers", z.array(z.number()))).value,
  );
  assert.deepEqual(await test.run(), [1, 2]);
  const { output_schema } = test.provider.requests[0]?.model_params ?? {};
  assert.deepEqual(output_schema, {
    type: "object",
    properties: { result: { type: "array", items: { type: "number" } } },
    required: ["result"],
    additionalProperties: false,
  });
});

Deno.test("Llm.object() has an answer mended, quoting what is wrong", async () => {
  await using test = await withLlm(
    ['{"days": "three"}', '{"days": 3}'],
    {},
    (llm) => llm.object("plan", Plan),
  );
  const { value, repairs, usage, turns } = await test.run() as Record<string, unknown>;
  assert.deepEqual({ value, repairs, usage, turns }, {
    value: { days: 3 },
    repairs: 1,
    usage: { inputTokens: 6, outputTokens: 4 },
    turns: 2,
  });
  const messages = test.provider.requests[1]?.messages ?? [];
  assert.deepEqual(messages.map(({ role }) => role), ["user", "assistant", "user"]);
  assert.equal(messages[1]?.content, '{"days": "three"}');
  assert.match(String(messages[2]?.content), /- days: .*number/);
});

Deno.test("Llm.object() fails with the text and the issues when it cannot be mended", async () => {
  await using test = await withLlm(["no idea"], { repairs: 2 }, (llm) => llm.object("plan", Plan));
  await assert.rejects(test.run(), (error: MeshError) => {
    assert.equal(error.code, "llm_invalid");
    const details = error.details as { text: string; issues: string[] };
    assert.equal(details.text, "no idea");
    assert.deepEqual(details.issues, ["the answer is not JSON"]);
    return true;
  });
  assert.equal(test.provider.requests.length, 3);
});

for (
  const [finish, code] of [["refusal", "llm_refused"], ["length", "llm_limit"], [
    "max_iterations",
    "llm_limit",
  ]]
) {
  Deno.test(`Llm.object() fails with ${code} when the model stops with ${finish}`, async () => {
    await using test = await withLlm(
      [reply("I cannot", { _mesh_finish_reason: finish })],
      {},
      (llm) => llm.object("plan", Plan),
    );
    await assert.rejects(test.run(), { code });
    assert.equal(test.provider.requests.length, 1, "it is not asked again");
  });
}

Deno.test("Llm.stream() yields text as it comes, then tells what it took", async () => {
  await using test = await withLlm(["one two three"], {}, async (llm) => {
    const stream = llm.stream("count");
    const chunks = await Array.fromAsync(stream);
    return { chunks, result: await stream.result };
  });
  const { chunks, result } = await test.run() as { chunks: string[]; result: { text: string } };
  assert.deepEqual(chunks, ["one ", "two ", "three"]);
  assert.equal(result.text, "one two three");
});

Deno.test("Llm.stream() of a provider that does not stream yields its text once", async () => {
  await using test = await withLlm(
    ["one two"],
    {},
    (llm) => Array.fromAsync(llm.stream("count")),
    { streams: false },
  );
  assert.deepEqual(await test.run(), ["one two"]);
});

const streams: [what: string, frames: unknown[], outcome: unknown][] = [
  ["no frame at all", [], "llm_upstream"],
  ["an end without a reason", ['{"_mesh_frame":"end","stop_reason":null}'], "llm_upstream"],
  ["empty text and no end", ['{"_mesh_frame":"chunk","content":""}', ""], "llm_upstream"],
  [
    "an end that is an end of turns",
    ['{"_mesh_frame":"end","stop_reason":"max_iterations"}'],
    "llm_limit",
  ],
  ["an end with nothing to say", ['{"_mesh_frame":"end","finish_reason":"stop"}'], []],
  ["text and no end", ["one ", "two"], ["one ", "two"]],
  ["text and an end without a reason", ["one", '{"_mesh_frame":"end"}'], ["one"]],
];
for (const [what, frames, outcome] of streams) {
  Deno.test(`Llm.stream() of a provider that sends ${what}`, async () => {
    await using test = await withLlm([], {}, async (llm) => {
      const stream = llm.stream("x");
      try {
        return await Array.fromAsync(stream);
      } catch (error) {
        assert.equal(await stream.result.catch((failure) => failure), error);
        throw error;
      }
    });
    const only = agent({
      name: "a-provider",
      tools: {
        chat: tool({ capability: "llm", input: z.looseObject({}) }, () => "asked at once"),
        chat_stream: tool(
          { capability: "llm", tags: ["ai.mcpmesh.stream"], input: z.looseObject({}) },
          async function* () {
            for (const frame of frames) yield await Promise.resolve(frame);
          },
        ),
      },
    });
    await test.mesh.join(only);
    if (typeof outcome === "string") await assert.rejects(test.run(), { code: outcome });
    else assert.deepEqual(await test.run(), outcome);
  });
}

Deno.test("Llm.stream() that is left early rejects its result and gives the request up", async () => {
  await using test = await withLlm(["one two three"], {}, async (llm) => {
    const stream = llm.stream("count");
    for await (const _ of stream) break;
    return await stream.result.catch((error) => error.code);
  });
  assert.equal(await test.run(), "cancelled");
});

Deno.test("calls of tools that are asked about are run by the consumer", async () => {
  const asked: unknown[] = [];
  const onToolCall: LlmOptions["onToolCall"] = (call) => {
    asked.push(call);
    if (call.name === "forbidden") return { deny: "not today" };
    return call.args["city"] === "Rome" ? { args: { city: "Paris" } } : "allow";
  };
  await using test = await withLlm(
    [
      callsFor(["weather", { city: "Rome" }], ["forbidden", {}], ["missing", {}], ["broken", {}]),
      "Sunny.",
    ],
    { tools: ["weather", "forbidden", "broken"] },
    (llm) => llm.text("weather?", { onToolCall }),
  );
  await test.mesh.fake("weather", ({ city }: Record<string, unknown>) => `sun in ${city}`);
  await test.mesh.fake("forbidden", "no");
  await test.mesh.fake("broken", () => {
    throw new Error("out of order");
  });
  const { text, turns } = await test.run() as { text: string; turns: number };
  assert.deepEqual({ text, turns }, { text: "Sunny.", turns: 2 });
  assert.deepEqual(asked.map((call) => (call as { name: string }).name), [
    "weather",
    "forbidden",
    "broken",
  ]);
  const [first, second] = test.provider.requests;
  assert.ok(first?.tools.every((tool) => tool.function._mesh_endpoint === undefined));
  const results = second?.messages.filter(({ role }) => role === "tool");
  assert.deepEqual(results?.map(({ tool_call_id }) => tool_call_id), [
    "call-0",
    "call-1",
    "call-2",
    "call-3",
  ]);
  assert.deepEqual(results?.map(({ content }) => content), [
    "sun in Paris",
    '{"error":"not allowed: not today"}',
    '{"error":"there is no tool \\"missing\\""}',
    '{"error":"out of order"}',
  ]);
});

Deno.test("calls that are asked about keep the digits of large integers, and are asked about in numbers", async () => {
  const id = "1915883588174806058";
  const asked: unknown[] = [];
  await using test = await withLlm(
    [
      reply("", {
        tool_calls: ["row", "row"].map((name, at) => ({
          id: `call-${at}`,
          type: "function",
          function: { name, arguments: at === 0 ? `{"id":${id}}` : "null" },
        })),
      }),
      "Found.",
    ],
    { tools: ["row"] },
    (llm) =>
      llm.text("row?", {
        onToolCall: ({ args }) => {
          asked.push(args);
          return "allow";
        },
      }),
  );
  const content = [{ type: "text", text: `{"id":${id}}` }];
  await test.mesh.fake("row", () => ({ content }));
  await test.run();
  assert.deepEqual(asked, [{ id: Number(id) }, {}]);
  const results = test.provider.requests[1]?.messages.filter(({ role }) => role === "tool");
  assert.deepEqual(results?.map(({ content }) => content), [`{"id":${id}}`, `{"id":${id}}`]);
});

Deno.test("a model that only wants tools fails at its last turn, whose calls are not run", async () => {
  await using test = await withLlm(
    [callsFor(["weather", {}])],
    { tools: ["weather"], maxIterations: 3 },
    (llm) => llm.text("weather?", { onToolCall: () => "allow" }),
  );
  await test.mesh.fake("weather", "sun");
  await assert.rejects(test.run(), {
    code: "llm_limit",
    message: "scripted-1 had its 3 turns, called weather 2 times and has no answer yet; " +
      "raise maxIterations",
    details: { turns: 3, tools: ["weather", "weather"], text: "", model: "scripted-1" },
  });
  assert.deepEqual(
    test.provider.requests.map(({ model_params }) => model_params.max_iterations),
    [3, 2, 1],
  );
});

Deno.test("tools are offered with their addresses, those of one name by their agents'", async () => {
  await using test = await withLlm(
    ["ok"],
    { tools: [{ tags: ["search"] }] },
    async (llm) => (await llm.text("x"), llm.tools),
  );
  for (const name of ["shops", "books"]) {
    await test.mesh.join(agent({
      name,
      tools: {
        find: tool({ tags: ["search"], description: `find ${name}` }, () => name),
        [`only_${name}`]: tool({ tags: ["search"] }, () => name),
      },
    }));
  }
  const tools = await test.run() as { name: string; agent: string }[];
  assert.deepEqual(tools.map(({ name }) => name).sort(), [
    "books__find",
    "only_books",
    "only_shops",
    "shops__find",
  ]);
  const offered = test.provider.requests[0]?.tools ?? [];
  const find = offered.find((tool) => tool.function.name === "shops__find");
  assert.equal(find?.function.description, "find shops");
  assert.equal(find?.function._mesh_name, "find");
  assert.match(find?.function._mesh_endpoint ?? "", /shops/);
  assert.ok(tools.every(({ name }) => name !== "write"), "never itself");
});

Deno.test("a tool gets no tools without asking for any, and itself never", async () => {
  for (const [tools, count] of [[undefined, 0], [["*"], 1]] as const) {
    await using test = await withLlm(
      ["ok"],
      tools === undefined ? {} : { tools },
      (llm) => llm.text("x"),
    );
    await test.mesh.fake("weather", "sun");
    await test.run();
    const offered = test.provider.requests[0]?.tools ?? [];
    assert.equal(offered.length, count);
  }
});

Deno.test("the next provider is asked when one fails before anything was done", async () => {
  const failure = (toolsCalled: number) => () => {
    throw new MeshError("llm_upstream", "vendor is down", {
      details: { tools_called: toolsCalled },
    });
  };
  await using test = await withLlm(
    [failure(0)],
    {
      provider: { tags: ["+first"] },
      tools: ["weather"],
    },
    async (llm) => (await llm.text("x")).provider,
  );
  await test.mesh.fake("weather", "sun");
  const second = scriptedProvider("second", ["from the second"]);
  const other = await test.mesh.join(second.agent);
  assert.equal(await test.run(), "second");
  second.script = [failure(0)];
  await assert.rejects(test.run(), (error: MeshError) => {
    assert.equal(error.code, "llm_upstream");
    assert.match(error.message, /provider: .*vendor is down; second: .*vendor is down/);
    return true;
  });
  // Tools that ran may have booked something.
  test.provider.script = [failure(2)];
  second.script = ["from the second"];
  await assert.rejects(test.run(), { code: "llm_upstream" });
  const heal = test.mesh.partition(other);
  test.provider.script = ["from the first"];
  assert.equal(await test.run(), "provider");
  heal();
});

Deno.test("a fallback is used only while nothing better is there", async () => {
  const offline = scriptedProvider("offline", ["offline"], { tags: ["offline"] });
  await using mesh = testMesh();
  await mesh.join(offline.agent);
  await mesh.join(agent({
    name: "writer",
    tools: {
      write: tool({
        capability: "write",
        llm: { provider: { tags: ["claude"] }, fallback: [{ tags: ["offline"] }] },
      }, async (_, { llm }) => (await llm.text("x")).provider),
    },
  }));
  assert.equal(await mesh.call("write"), "offline");
  const claude = await mesh.join(
    scriptedProvider("claude", ["claude"], { tags: ["claude"] }).agent,
  );
  assert.equal(await mesh.call("write"), "claude");
  await claude.leave();
  assert.equal(await mesh.call("write"), "offline");
});

Deno.test("without a provider a request fails, and the tool need not", async () => {
  await using mesh = testMesh();
  await mesh.join(
    agent({
      name: "writer",
      tools: {
        write: tool(
          { capability: "write", llm: { provider: { tags: ["claude"] } } },
          async (_, { llm }) => (await llm.text("x")).text,
        ),
        cope: tool(
          { capability: "cope", llm: {} },
          (_, { llm }) => llm.text("x").then(() => "", ({ code }) => `without: ${code}`),
        ),
      },
    }),
    { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } },
  );
  await assert.rejects(mesh.call("write"), {
    code: "dependency_unavailable",
    message:
      "writer.write needs a language model (llm claude) and no healthy agent offers one; start a provider",
  });
  assert.equal(await mesh.call("cope"), "without: dependency_unavailable");
});

Deno.test("the environment beats what is declared of a model", async () => {
  const provider = scriptedProvider("provider", ["ok"]);
  await using mesh = testMesh();
  await mesh.join(provider.agent);
  await mesh.join(
    agent({
      name: "writer",
      tools: {
        write: tool(
          { llm: { model: "a/b", maxIterations: 3, tools: ["x"], toolMode: "best_match" } },
          async (_, { llm }) => (await llm.text("x", { maxIterations: 4 })).text,
        ),
      },
    }),
    {
      env: {
        MESH_LLM_MODEL: "c/d",
        MESH_LLM_MAX_ITERATIONS: "7",
        MESH_LLM_FILTER_MODE: "all",
      },
    },
  );
  await mesh.call("write");
  const { model, max_iterations } = provider.requests[0]?.model_params ?? {};
  assert.deepEqual({ model, max_iterations }, { model: "c/d", max_iterations: 7 });
});

Deno.test("requests of concurrent calls share nothing", async () => {
  await using test = await withLlm(
    [({ messages }) => reply(messages.at(-1)?.content)],
    { system: "about {{ topic }}" },
    async (llm, { topic }) => (await llm.text(topic)).text,
  );
  const topics = Array.from({ length: 50 }, (_, index) => `topic-${index}`);
  assert.deepEqual(await Promise.all(topics.map((topic) => test.run(topic))), topics);
  for (const { messages } of test.provider.requests) {
    assert.equal(messages[0]?.content, `about ${messages[1]?.content}`);
  }
});

Deno.test("giving a request up reaches the provider", async () => {
  const provider = Promise.withResolvers<AbortSignal>();
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "provider",
    tools: {
      process_chat: tool(
        { capability: "llm", input: z.looseObject({}) },
        async (_, { signal }) => {
          provider.resolve(signal);
          await new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason))
          );
        },
      ),
    },
  }));
  const stop = new AbortController();
  await mesh.join(agent({
    name: "writer",
    tools: {
      write: tool({ llm: {} }, (_, { llm }) => llm.text("x", { signal: stop.signal })),
      hurry: tool({ llm: {} }, (_, { llm }) => llm.text("x", { timeoutMs: 20 })),
    },
  }));
  const written = mesh.call("write");
  const signal = await provider.promise;
  stop.abort(new MeshError("cancelled", "enough"));
  await assert.rejects(written, { code: "cancelled" });
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await assert.rejects(mesh.call("hurry"), { code: "timeout" });
});
