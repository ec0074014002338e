#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent that times its language model: through the mesh, and the vendor by hand. */
import { agent, tool } from "mesh";
import { z } from "zod";

const Times = z.array(z.number());
const url = z.url().describe("The vendor's");
const messages = [{ role: "user" as const, content: "What is six times seven?" }];

async function askByHand(url: string, stream: boolean): Promise<Response> {
  return await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer any" },
    body: JSON.stringify({ model: "gpt-4o", messages, stream }),
  });
}

export default agent({
  name: "asking",
  tools: {
    time_answers: tool({
      description: "Times answers, in turn through the mesh and by hand",
      input: z.object({ url, rounds: z.int() }),
      output: z.object({ mesh: Times, byHand: Times }),
      llm: {},
    }, async ({ url, rounds }, { llm }) => {
      const mesh: number[] = [];
      const byHand: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await llm.text(messages);
        const middle = performance.now();
        await (await askByHand(url, false)).json();
        mesh.push(middle - start);
        byHand.push(performance.now() - middle);
      }
      return { mesh, byHand };
    }),
    time_tokens: tool({
      description: "Times reading a stream to its end, through the mesh and by hand",
      input: z.object({ url }),
      output: z.object({ mesh: z.number(), byHand: z.number(), characters: z.int() }),
      llm: {},
    }, async ({ url }, { llm }) => {
      const start = performance.now();
      let characters = 0;
      for await (const chunk of llm.stream(messages)) characters += chunk.length;
      const middle = performance.now();
      let byHand = 0;
      const { body } = await askByHand(url, true);
      for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        // As much as any reader of events does.
        for (const line of text.split("\n")) byHand += line.startsWith("data: ") ? 1 : 0;
      }
      return { mesh: middle - start, byHand: performance.now() - middle, characters };
    }),
  },
});
