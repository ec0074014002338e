#!/usr/bin/env -S deno run --no-prompt --allow-net=api.anthropic.com,localhost,127.0.0.1 --allow-env=LITELLM_*,ANTHROPIC_*
/**
 * Claude for every agent of the mesh. The key stays here.
 *
 * @module
 */
import { llmProvider } from "mesh";

export default llmProvider({
  name: "claude-provider",
  port: 9106,
  model: "anthropic/claude-sonnet-4-5",
  tags: ["claude"],
});
