/** Three replicas under steady load, with real processes and a real registry. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { agent, isMeshError, type RunningAgent, tool } from "mesh";
import * as z from "zod";
import { serveRegistry } from "../../registry/mod.ts";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { AgentProcess } from "../../runtime/process/process_fixture.ts";
import { callTool } from "../../runtime/mcp/client.ts";
import { decodeResult } from "../../runtime/boundary/result.ts";
import { fixture } from "./meshctl.ts";

const consumer = agent({
  name: "consumer",
  tools: {
    ask: tool({
      output: z.number(),
      dependencies: { who: { capability: "who", output: z.number(), required: true } },
    }, (_, { who }) => who({ ms: 5 })),
  },
});

/** One answered or failed call. */
interface Call {
  readonly begunAt: number;
  readonly endedAt: number;
  /** The process that answered. */
  readonly pid: number | undefined;
  readonly failure: string | undefined;
}

/** Keeps eight calls going until it is stopped. */
class Load {
  readonly calls: Call[] = [];
  readonly #consumer: RunningAgent;
  readonly #changes = new EventTarget();
  readonly #workers: Promise<void>[];
  #stopped = false;

  constructor(consumer: RunningAgent) {
    this.#consumer = consumer;
    this.#workers = Array.from({ length: 8 }, () => this.#work());
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const begunAt = performance.now();
      const answer = await ask(this.#consumer);
      this.calls.push({ begunAt, endedAt: performance.now(), ...answer });
      this.#changes.dispatchEvent(new Event("call"));
    }
  }

  /** Resolves after `count` more calls have ended. */
  async more(count: number): Promise<void> {
    const goal = this.calls.length + count;
    while (this.calls.length < goal) await once(this.#changes, "call");
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }
}

async function ask({ node }: RunningAgent): Promise<Pick<Call, "pid" | "failure">> {
  try {
    return { pid: Number(await call(node.endpoint, "ask")), failure: undefined };
  } catch (error) {
    return { pid: undefined, failure: isMeshError(error) ? error.message : String(error) };
  }
}

async function call(endpoint: string, tool: string, args = {}): Promise<unknown> {
  return decodeResult(
    await callTool(fetch, {
      endpoint,
      tool,
      args,
      signal: new AbortController().signal,
      remainingMs: 10_000,
      headers: {},
    }),
  );
}

interface Scene extends AsyncDisposable {
  readonly replicas: { readonly process: AgentProcess; readonly record: AgentRecord }[];
  readonly consumer: RunningAgent;
}

async function scene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(
    await serveRegistry({ host: "127.0.0.1", port: 0, kv: ":memory:", env: {} }),
  );
  const env = { MCP_MESH_REGISTRY_URL: registry.url, MCP_MESH_HEALTH_INTERVAL: "0.5" };
  const started = await Promise.all([1, 2, 3].map(async () => {
    const process = await AgentProcess.plan([{ file: fixture("replica") }], env);
    return { process, record: await process.record(({ phase }) => phase === "registered") };
  }));
  started.forEach(({ process }) => stack.use(process));
  const served = stack.use(await consumer.serve({ env: { ...env, MCP_MESH_LOG_LEVEL: "error" } }));
  const owned = stack.move();
  return { replicas: started, consumer: served, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function shares(calls: readonly Call[]): Map<number | undefined, number> {
  const counts = Map.groupBy(calls, ({ pid }) => pid);
  return new Map([...counts].map(([pid, some]) => [pid, some.length / calls.length]));
}

Deno.test("three replicas share the load; one killed loses at most what was in flight", async () => {
  await using mesh = await scene();
  const load = new Load(mesh.consumer);
  await load.more(300);
  const before = shares(load.calls);
  for (const { record } of mesh.replicas) {
    const share = before.get(record.pid) ?? 0;
    assert.ok(share > 0.2 && share < 0.5, `each gets about a third, this one ${share}`);
  }
  const [victim] = mesh.replicas;
  victim?.process.child.kill("SIGKILL");
  const killedAt = performance.now();
  await load.more(600);
  await load.stop();
  await victim?.process.ended();

  const failed = load.calls.filter(({ failure }) => failure !== undefined);
  for (const { begunAt, failure } of failed) {
    assert.ok(begunAt < killedAt + 50, `a call that was not yet sent failed: ${failure}`);
  }
  assert.ok(failed.length <= 8, `${failed.length} of at most 8 calls in flight failed`);
  const settled = load.calls.filter(({ begunAt }) => begunAt > killedAt + 200);
  assert.ok(settled.length > 100);
  assert.ok(settled.every(({ pid }) => pid !== undefined && pid !== victim?.record.pid));
  assert.equal(shares(settled).size, 2, "traffic on two");
});

Deno.test("a replica that becomes slow gets less", async () => {
  await using mesh = await scene();
  const load = new Load(mesh.consumer);
  await load.more(200);
  const [slow] = mesh.replicas;
  await call(String(slow?.record.endpoint), "slow_down", { ms: 200 });
  const from = load.calls.length;
  await load.more(400);
  await load.stop();
  const share = shares(load.calls.slice(from)).get(slow?.record.pid) ?? 0;
  assert.ok(share < 0.15, `the slow one still gets ${share}`);
});
