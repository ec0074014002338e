#!/usr/bin/env -S deno run --no-prompt --allow-net=api.openai.com,localhost,127.0.0.1 --allow-env=LITELLM_*,OPENAI_*
/**
 * GPT for every agent of the mesh. The key stays here.
 *
 * @module
 */
import { llmProvider } from "mesh";

export default llmProvider({
  name: "openai-provider",
  port: 9108,
  model: "openai/gpt-4o-mini",
  tags: ["openai", "gpt"],
});
