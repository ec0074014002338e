/**
 * `meshctl scaffold llm-agent`: an agent whose tool asks a language model.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Context } from "../../app/context.ts";
import { CliError, EXIT, usageError } from "../../base/exit.ts";
import { withPlainEnds } from "../../../runtime/base/file_text.ts";
import { readText } from "../../base/file_text.ts";
import type { LlmAgentPlan } from "../../scaffold/agent_plan.ts";
import { parseToolFilter } from "../../scaffold/tool_filter.ts";
import { vendorTag } from "../../scaffold/vendor.ts";
import { agentCommand, VENDOR_OPTIONS } from "./agent_command.ts";
import { basePlan, tagList } from "./options.ts";

/** `meshctl scaffold llm-agent`. */
export const llmAgentCommand = agentCommand({
  kind: "llm-agent",
  summary: "An agent whose tool asks a language model, its prompt and its test",
  usage: "[--name NAME]",
  options: {
    ...VENDOR_OPTIONS,
    vendor: {
      ...VENDOR_OPTIONS.vendor,
      help: "Whose provider it prefers: claude (default), openai, gemini …",
    },
    "llm-selector": { ...VENDOR_OPTIONS.provider },
    "provider-tags": {
      type: "list",
      value: "TAG[,TAG]",
      help: "What its provider is selected by, in place of --vendor",
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
    "context-param": {
      type: "string",
      value: "NAME",
      help: "Parameter with what else the prompt may use (default context)",
    },
    "response-format": {
      type: "string",
      value: "FORMAT",
      completes: ["text", "json"],
      help: "text (default) or json",
    },
  },
  examples: [
    { line: "scaffold llm-agent --name planner", note: "With a model, and no tools for it" },
    {
      line: 'scaffold llm-agent --name planner --vendor openai --filter \'{"tags":["travel"]}\'',
      note: "It prefers GPT, which may call every tool with the tag travel",
    },
  ],
  plan: async (options, context) => {
    const vendor = options.vendor ?? options["llm-selector"] ?? options.provider ?? "claude";
    const selected = tagList(options["provider-tags"]);
    return {
      ...basePlan(options, "llm-consumer"),
      kind: "llm-agent",
      description: options.description ?? "Answers questions with a language model",
      tags: options.tags.length === 0 ? ["llm"] : tagList(options.tags),
      providerTags: selected.length === 0 ? [`+${vendorTag(vendor)}`] : selected,
      filters: options.filter === undefined ? [] : parseToolFilter(options.filter),
      filterMode: oneOf("--filter-mode", options["filter-mode"], ["all", "best_match", "*"]),
      maxIterations: options["max-iterations"],
      prompt: await readPrompt(options["system-prompt"], context),
      contextParameter: checkedParameter(options["context-param"] ?? "context"),
      format: oneOf("--response-format", options["response-format"], ["text", "json"]),
    };
  },
});

/** The parameter beside `request`, which has its own meaning. */
function checkedParameter(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== "request") return name;
  throw usageError(
    `--context-param is "${name}"`,
    "Write letters, digits and underscores, such as ctx; request is the other parameter.",
  );
}

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
    return withPlainEnds(await readText(path));
  } catch (cause) {
    throw new CliError(EXIT.notFound, `the prompt ${path} cannot be read`, {
      hint: "Check the path behind file://; it starts from here.",
      cause,
    });
  }
}
