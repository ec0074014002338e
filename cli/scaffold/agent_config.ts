/**
 * An agent to scaffold as a YAML file describes it, with the keys of the reference: what it says as
 * options of the command for its kind, and what options do not say. Pure.
 *
 * @module
 */
import * as z from "zod";
import { isObject } from "../../runtime/base/json.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { usageError } from "../base/exit.ts";
import { type AgentKind, checkedToolName, type PlannedTool } from "./agent_plan.ts";
import { vendorNameOf } from "./vendor.ts";

/** What a file describes. */
export interface AgentConfig {
  kind: AgentKind;
  /** Options of `scaffold <kind>`, each one word. */
  args: string[];
  /** Capabilities that the first tool depends on. */
  dependencies: string[];
  /** Tools after the first. */
  further: PlannedTool[];
}

/** Kinds of agents in a file: ours, and other words of the reference. */
const KINDS: Record<string, AgentKind> = {
  "tool": "tool",
  "basic": "tool",
  "llm-agent": "llm-agent",
  "llm": "llm-agent",
  "llm-provider": "llm-provider",
  "api": "api",
};

const text = z.string().min(1);
const tags = z.array(text).default([]);
const Dependency = z.union([
  text,
  z.looseObject({ capability: text }).transform((it) => it.capability),
]);

const Config = z.strictObject({
  agent_type: z.enum(Object.keys(KINDS)).default("tool"),
  name: text.optional(),
  description: text.optional(),
  port: z.int().optional(),
  tags,
  tools: z.array(z.strictObject({
    capability: text,
    description: text.optional(),
    tags,
    dependencies: z.array(Dependency).default([]),
  })).default([]),
  llm: z.strictObject({
    provider: text.optional(),
    provider_tags: tags,
    max_iterations: z.int().min(1).optional(),
    system_prompt: text.optional(),
    context_param: text.optional(),
    response_format: text.optional(),
    filter: z.union([text, z.looseObject({}), z.array(z.unknown())]).optional(),
    filter_mode: text.optional(),
  }).optional(),
  provider: z.strictObject({ model: text.optional(), tags }).optional(),
});
type Config = z.output<typeof Config>;

/** Which kind of agent a section is about. */
const SECTIONS = { tools: "tool", llm: "llm-agent", provider: "llm-provider" } as const;

/**
 * Reads what a YAML file says.
 *
 * @param document The file, parsed.
 * @param file How messages call it.
 * @throws {CliError} exit 2, naming the key that cannot be used.
 */
export function agentConfig(document: unknown, file: string): AgentConfig {
  const parsed = Config.safeParse(document ?? {});
  if (!parsed.success) throw refusal(parsed.error, file);
  const config = parsed.data;
  // Its values are all that the schema lets through.
  const kind = KINDS[config.agent_type] ?? "tool";
  for (const [section, owner] of Object.entries(SECTIONS)) {
    if (owner === kind || !hasSection(document, section)) continue;
    throw usageError(
      `${file}: ${section} is of an agent of the type ${owner}, and this one is ${kind}`,
      `Write agent_type: ${owner}, or leave out ${section}.`,
    );
  }
  const [first, ...further] = config.tools.map(plannedTool);
  return {
    kind,
    args: [...commonArgs(config), ...ownArgs(kind, config, first)],
    dependencies: first?.dependencies ?? [],
    further,
  };
}

function hasSection(document: unknown, section: string): boolean {
  return isObject(document) && Object.hasOwn(document, section);
}

function plannedTool(
  { capability, description = `Offers ${capability}`, tags, dependencies }: Config["tools"][number],
): PlannedTool {
  const name = checkedToolName(capability);
  return { name, description, tags: tags.length === 0 ? ["tools"] : tags, dependencies };
}

function commonArgs({ name, description, port }: Config): string[] {
  return [
    ...option("name", name),
    ...option("description", description),
    ...option("port", port),
  ];
}

function ownArgs(kind: AgentKind, config: Config, first: PlannedTool | undefined): string[] {
  const { llm, provider } = config;
  switch (kind) {
    case "tool":
      return [
        ...option("tool-name", first?.name),
        ...option("tool-description", first?.description),
        ...list("tags", config.tools[0]?.tags.length ? config.tools[0].tags : config.tags),
      ];
    case "llm-agent":
      return [
        ...list("tags", config.tags),
        ...option("vendor", llm?.provider),
        // Providers here have the capability, and not a tag that says the same.
        ...list("provider-tags", (llm?.provider_tags ?? []).filter((tag) => tag !== "llm")),
        ...option("max-iterations", llm?.max_iterations),
        ...option("system-prompt", llm?.system_prompt),
        ...option("context-param", llm?.context_param),
        ...option("response-format", llm?.response_format),
        ...option("filter", filterText(llm?.filter)),
        ...option("filter-mode", llm?.filter_mode),
      ];
    case "llm-provider": {
      const vendor = provider?.model === undefined ? undefined : vendorNameOf(provider.model);
      return [
        ...option("vendor", vendor),
        ...option("model", provider?.model),
        ...list("tags", [...config.tags, ...provider?.tags ?? []]),
      ];
    }
    case "api":
      return [];
  }
}

function filterText(filter: NonNullable<Config["llm"]>["filter"]): string | undefined {
  return filter === undefined || typeof filter === "string" ? filter : JSON.stringify(filter);
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function list(name: string, values: string[]): string[] {
  return values.map((value) => `--${name}=${value}`);
}

function refusal(error: z.ZodError, file: string): Error {
  const [issue] = error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = Object.keys(
      where === "" ? Config.shape : where === "llm" ? Config.shape.llm.unwrap().shape : {},
    );
    return usageError(
      `${file} has the key ${where === "" ? key : `${where}.${key}`}, which means nothing here`,
      didYouMean(key, known) ?? "Leave it out; `meshctl man scaffold` has those that do.",
    );
  }
  const what = where === "" ? file : `${where} in ${file}`;
  return usageError(`${what} cannot be used: ${issue?.message}`, "Correct it, or leave it out.");
}
