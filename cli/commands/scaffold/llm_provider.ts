/**
 * `meshctl scaffold llm-provider`: an agent that owns a key and runs a language model.
 *
 * @module
 */
import { chooseVendor } from "../../scaffold/vendor.ts";
import { agentCommand, VENDOR_OPTIONS } from "./agent_command.ts";
import { basePlan, tagList } from "./options.ts";

/** `meshctl scaffold llm-provider`. */
export const llmProviderCommand = agentCommand({
  kind: "llm-provider",
  summary: "An agent that owns a key and runs a language model for the others",
  usage: "[--vendor VENDOR]",
  options: {
    model: { type: "string", value: "MODEL", help: "LiteLLM name, such as openai/gpt-4o-mini" },
    ...VENDOR_OPTIONS,
    tags: { ...VENDOR_OPTIONS.tags, help: "Further tags that consumers select it by" },
  },
  examples: [
    { line: "scaffold llm-provider --vendor claude", note: "claude-provider/main.ts" },
    {
      line: "scaffold llm-provider --vendor groq --model groq/llama-3.3-70b-versatile",
      note: "Any vendor the runtime knows",
    },
  ],
  plan: (options) => {
    const name = options.vendor ?? options.provider ?? "claude";
    const vendor = chooseVendor(name, options.model);
    return {
      ...basePlan(options, `${name.replaceAll("_", "-")}-provider`),
      kind: "llm-provider",
      description: options.description ?? `${vendor.model} for every agent of the mesh`,
      vendor,
      tags: tagList([...vendor.tags, ...options.tags]),
    };
  },
});
