#!/usr/bin/env -S deno run --allow-net=localhost,127.0.0.1 --allow-env=MCP_MESH_*
/** An agent with wider permissions than its neighbour. */
import { agent, tool } from "mesh";

export default agent({
  name: "wide",
  tools: { own_name: tool({}, () => Deno.env.get("MCP_MESH_LOG_LEVEL") ?? null) },
});
