/**
 * `meshctl scaffold llm-provider`: an agent that owns a key and runs a language model.
 *
 * @module
 */
import { defineCommand, type OptionTable } from "../../command.ts";
import { chooseVendor, PRESET_VENDORS } from "../../scaffold/vendor.ts";
import { AGENT_OPTIONS, basePlan, scaffoldAgent, tagList } from "./options.ts";

const OPTIONS = {
  ...AGENT_OPTIONS,
  vendor: {
    type: "string",
    value: "VENDOR",
    completes: PRESET_VENDORS,
    help: `${PRESET_VENDORS.join(", ")} (default claude); others with --model`,
  },
  model: { type: "string", value: "MODEL", help: "LiteLLM name, such as openai/gpt-4o-mini" },
  tags: { type: "list", value: "TAG[,TAG]", help: "Further tags that consumers select it by" },
  provider: { type: "string", value: "VENDOR", hidden: true, help: "The same as --vendor" },
} as const satisfies OptionTable;

/** `meshctl scaffold llm-provider`. */
export const llmProviderCommand = defineCommand({
  name: "scaffold llm-provider",
  summary: "An agent that owns a key and runs a language model for the others",
  usage: "[--vendor VENDOR]",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "scaffold llm-provider --vendor claude", note: "claude-provider/main.ts" },
    {
      line: "scaffold llm-provider --vendor groq --model groq/llama-3.3-70b-versatile",
      note: "Any vendor the runtime knows",
    },
  ],
  run: async (context, { options }) => {
    const name = options.vendor ?? options.provider ?? "claude";
    const vendor = chooseVendor(name, options.model);
    const base = basePlan(options, `${name.replaceAll("_", "-")}-provider`);
    return await scaffoldAgent(
      {
        ...base,
        kind: "llm-provider",
        description: options.description ?? `${vendor.model} for every agent of the mesh`,
        vendor,
        tags: tagList([...vendor.tags, ...options.tags]),
      },
      options,
      context,
    );
  },
});
