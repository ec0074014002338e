#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent that times its calls of another: through the mesh, and the same fetch by hand. */
import { agent, tool } from "mesh";
import { z } from "zod";

const Sum = z.object({ sum: z.number() });
const Times = z.array(z.number());

export default agent({
  name: "caller",
  tools: {
    time_calls: tool({
      description: "Times calls, in turn through the mesh and by hand, in milliseconds",
      input: z.object({ url: z.url(), rounds: z.int() }),
      output: z.object({ mesh: Times, byHand: Times }),
      dependencies: { add: { capability: "add", output: Sum, required: true } },
    }, async ({ url, rounds }, { add }) => {
      const times: { mesh: number[]; byHand: number[] } = { mesh: [], byHand: [] };
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await add({ a: round, b: 1 });
        const between = performance.now();
        await addByHand(url, round);
        times.mesh.push(between - start);
        times.byHand.push(performance.now() - between);
      }
      return times;
    }),
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
