#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent whose one tool the benchmarks call. */
import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "adder",
  tools: {
    add: tool({
      description: "Add two numbers",
      input: z.object({ a: z.number(), b: z.number() }),
      output: z.object({ sum: z.number() }),
    }, ({ a, b }) => ({ sum: a + b })),
  },
});
