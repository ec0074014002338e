#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The last of three; its replicas are killed. */
import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "far",
  tools: {
    far: tool({
      input: z.object({ a: z.number() }),
      output: z.object({ sum: z.number() }),
    }, ({ a }) => ({ sum: a + 1 })),
  },
});
