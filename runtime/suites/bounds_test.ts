/** Answers, chunks and questions of any size and depth, in both hosts: each fails alone, with a code. */
import assert from "node:assert/strict";
import { callTool } from "../mcp/client.ts";
import { decodeResult, outcomeToResult } from "../boundary/result.ts";
import { type Served, served } from "./served_fixture.ts";
import { bareEnvironment, valueOf } from "./call_fixture.ts";
import type { CallEnvironment, DependencyPort, Host } from "../boundary/host.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { hostSandboxed } from "../sandbox/sandboxed.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";

const url = new URL("./testdata/boundless_agent.ts", import.meta.url).href;

const hosts: Record<string, () => Promise<Host>> = {
  "in thread": async () => hostInThread((await import(`${url}?${crypto.randomUUID()}`)).default),
  ...isolated((host) => () => host({ url, permissions: {}, log: () => {} })),
};

/** A caller, whose requests take one of the two paths through `/mcp`. */
type Caller = (tool: string, args: unknown) => Promise<unknown>;

function callers({ endpoint }: Served): Record<string, Caller> {
  const calling = (fetch: typeof globalThis.fetch): Caller => async (tool, args) =>
    decodeResult(
      await callTool(fetch, {
        endpoint,
        tool,
        args: args as Record<string, unknown>,
        signal: AbortSignal.timeout(60_000),
        remainingMs: 60_000,
        headers: {},
      }),
    );
  return {
    "the short path": calling(fetch),
    "the SDK": calling((input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("content-type", "application/json; charset=utf-8");
      return fetch(input, { ...init, headers });
    }),
  };
}

const LONG = { code: "bad_output", message: /is longer than 33554432 (characters|bytes)/ };
const DEEP = { code: "bad_output", message: /nested deeper than 192 levels/ };

const refused: [tool: string, args: unknown, expected: { code: string; message: RegExp }][] = [
  ["text", { mib: 33 }, LONG],
  ["text", { mib: 300 }, LONG],
  ["checked", { mib: 33 }, LONG],
  ["object", { mib: 33 }, LONG],
  ["object", { mib: 20 }, LONG],
  ["escaped", { mib: 15 }, LONG],
  ["content", { mib: 33 }, LONG],
  ["content", { mib: 300 }, LONG],
  ["bytes", { mib: 25 }, LONG],
  ["deep", { depth: 193 }, DEEP],
  ["deep", { depth: 100_000 }, DEEP],
  ["deepContent", { depth: 193 }, DEEP],
  ["deepContent", { depth: 100_000 }, DEEP],
  ["deepChunk", { depth: 193 }, DEEP],
  ["deepChunk", { depth: 100_000 }, DEEP],
  ["stream", { mib: 33 }, { code: "bad_output", message: /the stream is longer than 33554432/ }],
  ["stream", { mib: 1e9 }, { code: "bad_output", message: /the stream is longer than 33554432/ }],
];
const taken: [tool: string, args: unknown, check: (value: unknown) => boolean][] = [
  ["text", { mib: 15 }, (value) => String(value).length === 15 * 2 ** 20],
  ["deep", { depth: 192 }, (value) => JSON.stringify(value).startsWith('[{"value":[{"value":')],
  ["stream", { mib: 15 }, (value) => String(value).length === 15 * 2 ** 20],
];

for (const [kind, open] of Object.entries(hosts)) {
  hostTest(kind)(
    `what does not fit into an answer is a failure with a code, ${kind}`,
    async (t) => {
      await using agent = await served(await open());
      for (const [path, call] of Object.entries(callers(agent))) {
        for (const [tool, args, expected] of refused) {
          await t.step(`${tool} ${JSON.stringify(args)}, ${path}`, async () => {
            await assert.rejects(call(tool, args), expected);
            assert.equal(await call("fine", {}), "fine");
          });
        }
        for (const [tool, args, check] of taken) {
          await t.step(`${tool} ${JSON.stringify(args)} fits, ${path}`, async () => {
            assert.ok(check(await call(tool, args)));
          });
        }
        await t.step(`a failure whose words do not fit, ${path}`, async () => {
          await assert.rejects(call("error", { mib: 40 }), { code: /^(bad_output|tool_failed)$/ });
          assert.equal(await call("fine", {}), "fine");
        });
      }
    },
  );
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** What a call may use whose dependency does this. */
function withOther(call: DependencyPort["call"]): CallEnvironment {
  const target = { agentId: "other-1", tool: "t", endpoint: "http://other" };
  return { ...bareEnvironment(), dependencies: new Map([["other", { target, call }]]) };
}

for (const [kind, open] of Object.entries(hosts)) {
  for (const depth of [193, 5_000, 100_000]) {
    hostTest(kind)(`a question that is ${depth} levels deep is not asked, ${kind}`, async () => {
      await using host = await open();
      const environment = withOther(() => assert.fail("it was asked"));
      const asked = host.invoke("ask", { depth }, environment);
      await assert.rejects(
        async () => decodeResult(outcomeToResult(await asked)),
        { code: "tool_failed", message: /what is asked of other has no JSON form: .*192 levels/ },
      );
    });
  }
}

Deno.test("what cannot cross to a sandbox fails its own call, and no other of the same turn", async () => {
  await using host = await hostSandboxed({ url, permissions: {}, log: () => {} });
  const others = [1, 2].map(() => valueOf(host, "fine"));
  const deep = host.invoke("fine", nested(100_000), bareEnvironment());
  others.push(valueOf(host, "fine"));
  await assert.rejects(deep, {
    code: "bad_input",
    nothingRan: true,
    message: /cannot be handed to the code of the agent/,
  });
  assert.deepEqual(await Promise.all(others), ["fine", "fine", "fine"]);
});

Deno.test("an answer that cannot cross to a sandbox fails the call that asked for it", async () => {
  await using host = await hostSandboxed({ url, permissions: {}, log: () => {} });
  const answering = withOther(() => Promise.resolve(nested(100_000)));
  await assert.rejects(
    host.invoke("ask", { depth: 1 }, answering),
    { code: "tool_failed", message: /^other: it cannot be handed to the code of the agent/ },
  );
  const streaming = withOther(async (_, { onChunk }) => {
    await onChunk?.(1);
    await onChunk?.(nested(100_000));
  });
  await assert.rejects(
    host.invoke("count", {}, streaming),
    { code: "tool_failed", message: /^other: it cannot be handed to the code of the agent/ },
  );
  assert.equal(await valueOf(host, "fine"), "fine");
});
