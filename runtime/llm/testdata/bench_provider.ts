#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*,OPENAI_*,LITELLM_*
/** The provider of the benchmark. */
import { llmProvider } from "mesh";

export default llmProvider({ name: "instant-provider", model: "openai/gpt-4o" });
