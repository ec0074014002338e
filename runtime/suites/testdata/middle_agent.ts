#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent between the one that times its calls and those it calls. */
import { agent, tool } from "mesh";
import { z } from "zod";

const Sum = z.object({ sum: z.number() });

export default agent({
  name: "middle",
  tools: {
    add_over: tool({
      input: z.object({ a: z.number(), b: z.number() }),
      output: Sum,
      dependencies: { add: { capability: "add", output: Sum, required: true } },
    }, (input, { add }) => add(input)),
    wait_over: tool({
      input: z.object({ id: z.string() }),
      dependencies: { wait: { capability: "wait", required: true } },
    }, (input, { wait }) => wait(input)),
    count_over: tool({
      input: z.object({ chunks: z.int() }),
      dependencies: { count: { capability: "count", required: true } },
    }, async function* (input, { count }) {
      yield* count.stream(input);
    }),
  },
});
