#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The first of three: calls the middle, and tells how much memory it holds. Never killed. */
import { agent, tool } from "mesh";
import { z } from "zod";

const Sum = z.object({ sum: z.number() });

/** V8's collector, there under `--expose-gc`. */
const { gc } = globalThis as { gc?: () => void };

export default agent({
  name: "front",
  tools: {
    front: tool({
      input: z.object({ a: z.number() }),
      output: Sum,
      dependencies: { middle: { capability: "middle", output: Sum, required: true } },
    }, (input, { middle }) => middle(input)),
    heap: tool({ output: z.number() }, () => {
      // What the first run leaves to be finalised goes with the second.
      gc?.();
      gc?.();
      return Deno.memoryUsage().heapUsed;
    }),
  },
});
