/**
 * `meshctl scaffold llm-agent`: an agent whose tool asks a language model.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCommand, type OptionTable } from "../../command.ts";
import type { Context } from "../../context.ts";
import { CliError, EXIT, usageError } from "../../exit.ts";
import type { LlmAgentPlan } from "../../scaffold/agent_plan.ts";
import { parseToolFilter } from "../../scaffold/tool_filter.ts";
import { PRESET_VENDORS, vendorTag } from "../../scaffold/vendor.ts";
import { AGENT_OPTIONS, basePlan, scaffoldAgent, tagList } from "./options.ts";

const OPTIONS = {
  ...AGENT_OPTIONS,
  vendor: {
    type: "string",
    value: "VENDOR",
    completes: PRESET_VENDORS,
    help: "Whose provider it prefers: claude (default), openai, gemini …",
  },
  filter: {
    type: "string",
    value: "FILTER",
    help: "Tools its model may call: *, a capability, or JSON",
  },
  "filter-mode": {
    type: "string",
    value: "MODE",
    completes: ["all", "best_match", "*"],
    help: "all (default), best_match or *",
  },
  "max-iterations": {
    type: "number",
    value: "N",
    default: 10,
    help: "Most turns of the model, tools called in between",
  },
  "system-prompt": {
    type: "string",
    value: "TEXT",
    help: "What the model is told to be, or file://PATH",
  },
  "response-format": {
    type: "string",
    value: "FORMAT",
    completes: ["text", "json"],
    help: "text (default) or json",
  },
  tags: { type: "list", value: "TAG[,TAG]", help: "What consumers select the tool by" },
  "llm-selector": { type: "string", value: "VENDOR", hidden: true, help: "The same as --vendor" },
  provider: { type: "string", value: "VENDOR", hidden: true, help: "The same as --vendor" },
} as const satisfies OptionTable;

/** `meshctl scaffold llm-agent`. */
export const llmAgentCommand = defineCommand({
  name: "scaffold llm-agent",
  summary: "An agent whose tool asks a language model, its prompt and its test",
  usage: "[--name NAME]",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "scaffold llm-agent --name planner", note: "With a model, and no tools for it" },
    {
      line: 'scaffold llm-agent --name planner --vendor openai --filter \'{"tags":["travel"]}\'',
      note: "It prefers GPT, which may call every tool with the tag travel",
    },
  ],
  run: async (context, { options }) => {
    const base = basePlan(options, "llm-consumer");
    const vendor = options.vendor ?? options["llm-selector"] ?? options.provider ?? "claude";
    return await scaffoldAgent(
      {
        ...base,
        kind: "llm-agent",
        description: options.description ?? "Answers questions with a language model",
        tags: options.tags.length === 0 ? ["llm"] : tagList(options.tags),
        vendorTag: vendorTag(vendor),
        filters: options.filter === undefined ? [] : parseToolFilter(options.filter),
        filterMode: oneOf("--filter-mode", options["filter-mode"], ["all", "best_match", "*"]),
        maxIterations: options["max-iterations"],
        prompt: await readPrompt(options["system-prompt"], context),
        format: oneOf("--response-format", options["response-format"], ["text", "json"]),
      },
      options,
      context,
    );
  },
});

/** An option that is one of several words; the first is the default. */
function oneOf<const Words extends readonly string[]>(
  option: string,
  value: string | undefined,
  words: Words,
): Words[number] {
  const found = words.find((word) => word === (value ?? words[0]));
  if (found !== undefined) return found;
  throw usageError(`${option} is "${value}"`, `Write one of ${words.join(", ")}.`);
}

async function readPrompt(
  text: string | undefined,
  { cwd }: Context,
): Promise<LlmAgentPlan["prompt"]> {
  if (text === undefined) return undefined;
  if (!text.startsWith("file://")) return `${text.trimEnd()}\n`;
  const path = resolve(cwd, text.slice("file://".length));
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CliError(EXIT.notFound, `the prompt ${path} cannot be read`, {
      hint: "Check the path behind file://; it starts from here.",
      cause,
    });
  }
}
