#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The second of three; its replicas are killed. */
import { agent, tool } from "mesh";
import { z } from "zod";

const Sum = z.object({ sum: z.number() });

export default agent({
  name: "middle",
  tools: {
    middle: tool({
      input: z.object({ a: z.number() }),
      output: Sum,
      dependencies: { far: { capability: "far", output: Sum, required: true } },
    }, ({ a }, { far }) => far({ a: a + 1 })),
  },
});
