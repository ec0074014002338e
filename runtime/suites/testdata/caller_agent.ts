#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent that times its calls of others: through the mesh, and the same fetch by hand. */
import { agent, type DependencyClient, tool } from "mesh";
import { z } from "zod";

const Sum = z.object({ sum: z.number() });
const Times = z.array(z.number());
const rounds = z.int();

/** How long each of `rounds` calls takes, in milliseconds. */
async function timed(rounds: number, call: (round: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await call(round);
    times.push(performance.now() - start);
  }
  return times;
}

/** How long reading every chunk of a stream takes, in milliseconds. */
async function timeStream(stream: DependencyClient, chunks: number): Promise<number> {
  const start = performance.now();
  let read = 0;
  for await (const _ of stream.stream({ chunks })) read += 1;
  if (read !== chunks) throw new Error(`expected ${chunks} chunks, got ${read}`);
  return performance.now() - start;
}

export default agent({
  name: "caller",
  tools: {
    time_calls: tool({
      description: "Times calls, in turn through the mesh and by hand",
      input: z.object({ url: z.url(), rounds }),
      output: z.object({ mesh: Times, byHand: Times }),
      dependencies: { add: { capability: "add", output: Sum, required: true } },
    }, async ({ url, rounds }, { add }) => {
      const mesh: number[] = [];
      const byHand: number[] = [];
      for (let round = 0; round < rounds; round++) {
        mesh.push(...await timed(1, () => add({ a: round, b: 1 })));
        byHand.push(...await timed(1, () => addByHand(url, round)));
      }
      return { mesh, byHand };
    }),
    time_two_hops: tool({
      description: "Times calls over an agent in between",
      input: z.object({ rounds }),
      output: Times,
      dependencies: { add: { capability: "add_over", output: Sum, required: true } },
    }, ({ rounds }, { add }) => timed(rounds, (round) => add({ a: round, b: 1 }))),
    time_aborts: tool({
      description: "Times from giving a call up until the handler two hops away knows",
      input: z.object({ rounds }),
      output: Times,
      dependencies: {
        wait: { capability: "wait_over", required: true },
        aborted: { capability: "aborted", required: true },
      },
    }, async ({ rounds }, { wait, aborted }) => {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const id = crypto.randomUUID();
        const abort = new AbortController();
        const waiting = wait({ id }, { signal: abort.signal }).catch(() => {});
        await aborted({ id, state: "waiting" });
        const start = Date.now();
        abort.abort(new Error("enough"));
        await waiting;
        // The same clock on both sides: they are on one machine.
        times.push(Number(await aborted({ id, state: "aborted" })) - start);
      }
      return times;
    }),
    time_streams: tool({
      description: "Times reading a stream, straight and over an agent in between",
      input: z.object({ chunks: z.int() }),
      output: z.object({ straight: z.number(), over: z.number() }),
      dependencies: {
        straight: { capability: "count", required: true },
        over: { capability: "count_over", required: true },
      },
    }, async ({ chunks }, { straight, over }) => ({
      straight: await timeStream(straight, chunks),
      over: await timeStream(over, chunks),
    })),
  },
});

async function addByHand(url: string, a: number): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "add", arguments: { a, b: 1 } },
    }),
  });
  const text = await response.text();
  if (!text.includes(`"sum":${a + 1}}`)) throw new Error(`expected the sum, got ${text}`);
}
