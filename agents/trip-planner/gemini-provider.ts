#!/usr/bin/env -S deno run --no-prompt --allow-net=generativelanguage.googleapis.com,localhost,127.0.0.1 --allow-env=LITELLM_*,GEMINI_*,GOOGLE_API_KEY,GOOGLE_BASE_URL
/**
 * Gemini for every agent of the mesh. The key stays here.
 *
 * @module
 */
import { llmProvider } from "mesh";

export default llmProvider({
  name: "gemini-provider",
  port: 9113,
  model: "gemini/gemini-2.5-flash",
  tags: ["gemini"],
});
