/** Language models of tools, with the agent's code in this thread and in a sandbox. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "./call_fixture.ts";
import {
  type CallEnvironment,
  type DependencyPort,
  type Host,
  toolPort,
} from "../boundary/host.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";
import { LLM } from "../define/manifest.ts";
import { decodeResult, outcomeToResult } from "../boundary/result.ts";
import { type LlmRequest, LlmRequestSchema, writeFrame } from "../define/contract.ts";
import { callsFor, reply } from "../define/llm_fixture.ts";
import type { LentTool } from "../define/toolbox.ts";

const moduleOf = (name: string) =>
  new URL(`../llm/testdata/${name}_agent.ts`, import.meta.url).href;

/** No permission at all: prompts are read by the trusted side. */
const hosts: Record<string, (name: string, log?: string[]) => Promise<Host>> = {
  "in thread": async (name) =>
    hostInThread((await import(`${moduleOf(name)}?${crypto.randomUUID()}`)).default),
  ...isolated((host) => (name, log = []) =>
    host({
      url: moduleOf(name),
      permissions: {},
      log: (_level, message) => log.push(message),
    })
  ),
};

const opened = { log: () => {}, checkHealth: () => {} };

/** An environment with a provider that answers `replies`, and a tool the model may be offered. */
function lent(replies: unknown[], frames: string[] = []) {
  const requests: LlmRequest[] = [];
  const calls: unknown[] = [];
  const chunks: unknown[] = [];
  const tool: LentTool = {
    name: "count",
    description: "counts",
    inputSchema: { type: "object" },
    target: { agentId: "counter", tool: "count", endpoint: "http://counter" },
    agent: "counter",
  };
  const provider: DependencyPort = {
    target: { agentId: "p", tool: "process_chat", endpoint: "http://p", runtime: "deno" },
    async call(request, { onChunk }) {
      assert.equal(request.method, "tools/call");
      const args = request.method === "tools/call" ? request.args : {};
      requests.push(LlmRequestSchema.parse(args["request"]));
      assert.equal(request.method === "tools/call" && request.twin === true, onChunk !== undefined);
      for (const frame of frames) await onChunk?.(frame);
      return { provider: "p", value: replies.shift() };
    },
  };
  const counter: DependencyPort = {
    target: tool.target,
    call(request) {
      calls.push(request);
      // An exact request is answered with text.
      return Promise.resolve("42");
    },
  };
  const environment: CallEnvironment = {
    ...bareEnvironment(),
    dependencies: new Map([[LLM, provider], [toolPort("count"), counter]]),
    toolbox: [tool],
    emit: (chunk) => {
      chunks.push(chunk);
      return Promise.resolve();
    },
  };
  return { environment, requests, calls, chunks };
}

async function run(host: Host, tool: string, args: unknown, environment: CallEnvironment) {
  return decodeResult(outcomeToResult(await host.invoke(tool, args, environment)));
}

for (const [kind, open] of Object.entries(hosts)) {
  hostTest(kind)(`${kind} host: a prompt file is filled in and the model asked`, async () => {
    await using host = await open("writer");
    await host.open(opened, { model: "x/y", maxIterations: 2, toolMode: undefined });
    const { environment, requests } = lent([reply("A poem.")]);
    const args = { topic: "trains", rules: ["be brief", "<b>"] };
    const value = await run(host, "write", args, environment);
    assert.deepEqual(value, { text: "A poem.", provider: "p" });
    const [request] = requests;
    assert.equal(
      request?.messages[0]?.content,
      "You write about trains in a good mood.\n" +
        'Rules for TRAINS: 1. be brief 2. <b> ["be brief","<b>"]',
    );
    assert.equal(request?.model_params.model, "x/y");
    assert.equal(request?.model_params.max_iterations, 2);
    assert.deepEqual(
      request?.tools.map(({ function: { name, _mesh_endpoint } }) => ({ name, _mesh_endpoint })),
      [{ name: "count", _mesh_endpoint: "http://counter" }],
    );
  });

  hostTest(kind)(`${kind} host: a model's words are streamed on`, async () => {
    await using host = await open("writer");
    await host.open(opened);
    const frames = [
      writeFrame({ _mesh_frame: "chunk", content: "one " }),
      "raw ",
      writeFrame({ _mesh_frame: "chunk", content: "two" }),
      writeFrame({ _mesh_frame: "end" }),
    ];
    const { environment, chunks } = lent([frames.join("")], frames);
    const streaming: CallEnvironment = { ...environment, chunks: "also" };
    assert.equal(await run(host, "stream", { topic: "x" }, streaming), "one raw two");
    assert.deepEqual(chunks, ["one ", "raw ", "two"]);
    // Nobody reads along: the provider is not asked to stream.
    const whole = lent([reply("one two")], frames);
    assert.equal(await run(host, "stream", { topic: "x" }, whole.environment), "one two");
    assert.deepEqual(whole.chunks, ["one two"]);
  });

  hostTest(kind)(`${kind} host: a value is asked for, and its failure keeps its code`, async () => {
    await using host = await open("writer");
    await host.open(opened);
    const good = lent([reply('{"n": 1}')]);
    assert.equal(
      await run(host, "value", { topic: "x" }, good.environment).then(JSON.stringify),
      '{"n":1}',
    );
    const bad = lent([reply("?"), reply("??")]);
    await assert.rejects(run(host, "value", { topic: "x" }, bad.environment), {
      code: "llm_invalid",
      details: { text: "??", model: "scripted-1", issues: ["the answer is not JSON"] },
    });
  });

  hostTest(kind)(`${kind} host: a tool the model asks for is run by the consumer`, async () => {
    await using host = await open("writer");
    await host.open(opened);
    const { environment, calls, requests } = lent([callsFor(["count", { n: 1 }]), reply("42")]);
    assert.equal(await run(host, "ask_first", { topic: "x" }, environment), "42");
    assert.deepEqual(calls, [{ method: "tools/call", args: {}, exact: '{"n":2}' }]);
    assert.equal(requests[1]?.messages.at(-1)?.content, "42");
  });

  const folder = fileURLToPath(new URL("../llm/testdata/prompts/", import.meta.url));
  const bad: [name: string, message: string][] = [
    ["bad", `prompt ${folder}bad.njk:3: expected variable end`],
    [
      "broken_include",
      `prompt file ${folder}nowhere.njk does not exist; ${folder}broken_include.njk includes it`,
    ],
    ["missing", `prompt file ${folder}missing.njk does not exist`],
    ["inline", 'prompt "system" of tool write:2: expected variable end'],
  ];
  for (const [name, message] of bad) {
    hostTest(kind)(`${kind} host: ${name} prompt: the agent does not open`, async () => {
      await using host = await open(name);
      await assert.rejects(host.open(opened), { code: "bad_definition", message });
    });
  }
}
