/**
 * The manifest: what an agent module says about itself, as plain JSON. It is all the trusted side
 * knows of an agent whose code runs in a sandbox.
 *
 * @module
 */
import * as z from "zod";
import type { DependencyDefinition, DependencyDefinitions, MatchMode } from "./dependency.ts";
import type { LlmSelector, ToolFilter, ToolFilterMode } from "./llm/llm.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import type { RegistrationInput } from "./protocol/registration.ts";
import type { RoutePattern } from "./route_pattern.ts";
import { type PublishedSchema, publishedSchema } from "./protocol/schema/hash.ts";
import { portableSchema } from "./protocol/schema/portable.ts";
import { errorText, MeshError } from "./errors.ts";
import type { Tool, ToolAnnotations } from "./tool.ts";

/** JSON Schema as it goes over the wire. */
export type JsonSchema = Record<string, unknown>;

/** Which provider of a language model will do. */
export interface ProviderSelector {
  readonly capability: string;
  readonly tags: readonly string[];
  readonly version: string | undefined;
}

/** One declared dependency, with the name its handler knows it under. */
export interface DependencyManifest {
  readonly name: string;
  readonly capability: string;
  readonly tags: readonly (string | readonly string[])[];
  readonly version: string | undefined;
  readonly required: boolean;
  /** It is the provider of a language model, with what will do besides. */
  readonly llm?: { readonly fallback: readonly ProviderSelector[] };
  /** How the provider's declared output must fit, and what; absent when any output will do. */
  readonly match?: { readonly mode: MatchMode; readonly expected: PublishedSchema };
}

/** Something the agent's code answers, as far as its wiring goes. */
export interface OperationManifest {
  /** What it is called between the runtime and the registry; unique among an agent's operations. */
  readonly key: string;
  readonly dependencies: readonly DependencyManifest[];
  /** Whose tools its handler may call besides its dependencies; see `Tool`. */
  readonly toolbox?: Tool["toolbox"];
}

/** One tool. Its key is its name. */
export interface ToolManifest extends OperationManifest {
  readonly name: string;
  readonly capability: string;
  readonly title: string | undefined;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | undefined;
  /** The input schema as agents of other languages compare it. */
  readonly publishedInput: PublishedSchema;
  /** The schema of the value itself, not of the object MCP may wrap it in. */
  readonly publishedOutput: PublishedSchema | undefined;
  readonly annotations: ToolAnnotations | undefined;
  /** Further members of its entry in `tools/list`, of a tool that is passed on; see `Verbatim`. */
  readonly listing?: Readonly<Record<string, unknown>>;
  /** Which tools its language model is offered; `undefined` when none. */
  readonly offered:
    | { readonly filter: readonly ToolFilter[]; readonly mode: ToolFilterMode }
    | undefined;
  /** URL of the file its system prompt is in. */
  readonly promptFile?: string;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
}

/** One argument of a prompt. */
export interface PromptArgument {
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
}

/** One prompt. */
export interface PromptManifest extends OperationManifest {
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** The arguments it has suggestions for. */
  readonly completes: readonly string[];
}

/** One resource, or many behind one template. */
export interface ResourceManifest extends OperationManifest {
  readonly name: string;
  readonly uri: string;
  /** Whether `uri` is a template (RFC 6570). */
  readonly isTemplate: boolean;
  readonly title: string | undefined;
  readonly description: string;
  readonly mimeType: string | undefined;
  /** The variables it has suggestions for. */
  readonly completes: readonly string[];
}

/** One route of a gateway. Its key is how it is declared. */
export interface RouteManifest extends OperationManifest {
  /** What it answers; absent for the route that answers whatever no other does. */
  readonly pattern: RoutePattern | undefined;
  readonly description: string;
  /** What its body must be, if it says so. */
  readonly body?: JsonSchema;
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
}

/** What an agent is to the registry: an MCP server, or a gateway that only consumes. */
export type AgentType = "mcp_agent" | "api";

/** One agent. */
export interface AgentManifest {
  readonly type: AgentType;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly instructions: string | undefined;
  readonly namespace: string | undefined;
  readonly port: number | undefined;
  readonly tools: readonly ToolManifest[];
  readonly prompts: readonly PromptManifest[];
  readonly resources: readonly ResourceManifest[];
  readonly routes: readonly RouteManifest[];
  /** Whether MCP clients of the 2025 era may hold sessions. */
  readonly sessions: boolean;
  readonly healthCheck: boolean;
  readonly startupCheck: boolean;
  readonly lifespan: boolean;
}

/** The manifest of an agent of which no more than its name is known. */
export function blankManifest(name: string): AgentManifest {
  return {
    type: "mcp_agent",
    name,
    version: "",
    description: "",
    instructions: undefined,
    namespace: undefined,
    port: undefined,
    tools: [],
    prompts: [],
    resources: [],
    routes: [],
    sessions: false,
    healthCheck: false,
    startupCheck: false,
    lifespan: false,
  };
}

/** Everything the agent's code answers. */
export function operationsOf(manifest: AgentManifest): readonly OperationManifest[] {
  const { tools, prompts, resources, routes } = manifest;
  return prompts.length === 0 && resources.length === 0 && routes.length === 0
    ? tools
    : [...tools, ...prompts, ...resources, ...routes];
}

/** The key of a prompt; no tool's name has a colon. */
export function promptKey(name: string): string {
  return `prompt:${name}`;
}

/** The key of a resource. */
export function resourceKey(name: string): string {
  return `resource:${name}`;
}

/** What a key stands for, for people: `tool "x"`, `prompt "x"`. */
export function keyText(key: string): string {
  const [, kind = "tool", name = key] = key.match(/^(\w+):(.*)$/) ?? [];
  return `${kind} "${name}"`;
}

/**
 * Describes one tool.
 *
 * @throws {MeshError} `bad_definition` when a schema has no JSON Schema form.
 */
export function toolManifest(name: string, tool: Tool): ToolManifest {
  const { inputSchema, outputSchema } = tool.verbatim ?? toolSchemas(name, tool);
  return {
    key: name,
    name,
    capability: tool.capability ?? name,
    title: tool.title,
    description: tool.description,
    tags: tool.tags,
    version: tool.version,
    inputSchema,
    outputSchema,
    publishedInput: published(inputSchema),
    publishedOutput: outputSchema && published(outputSchema),
    dependencies: [...dependencyManifests(tool.dependencies), ...providerManifest(tool)],
    annotations: tool.annotations,
    ...(tool.verbatim && { listing: tool.verbatim.listing }),
    ...(tool.toolbox && { toolbox: tool.toolbox }),
    ...(tool.promptFile && { promptFile: tool.promptFile }),
    offered: tool.llm?.tools && {
      filter: tool.llm.tools,
      mode: tool.llm.toolMode ?? (tool.llm.tools.includes("*") ? "*" : "all"),
    },
    kwargs: kwargsOf(tool),
  };
}

function toolSchemas(name: string, { input, output }: Tool) {
  return {
    inputSchema: jsonSchema(input, "input", `input schema of tool "${name}"`),
    outputSchema: output && jsonSchema(output, "output", `output schema of tool "${name}"`),
  };
}

/** Whether a handler of the agent gets a language model. */
export function usesLlm({ tools }: AgentManifest): boolean {
  return tools.some(({ dependencies }) => dependencies.some(({ llm }) => llm !== undefined));
}

/** The prompt files of an agent's language models, by URL. */
export function promptFiles({ tools }: AgentManifest): readonly string[] {
  return tools.flatMap(({ promptFile }) => promptFile ?? []);
}

/** The name a tool's handler knows its language model under. */
export const LLM = "llm";
/** Tag of providers that only stream: theirs is another tool of the same agent. */
const STREAMING = "-ai.mcpmesh.stream";

/** The provider of a tool's language model is a dependency like others, but that it comes last. */
function providerManifest({ llm }: Tool): DependencyManifest[] {
  if (llm === undefined) return [];
  const { provider = {}, fallback = [] } = llm;
  return [{
    name: LLM,
    ...selectorOf(provider),
    required: false,
    llm: { fallback: fallback.map(selectorOf) },
  }];
}

function selectorOf({ capability = "llm", tags = [], version }: LlmSelector): ProviderSelector {
  const isNamed = tags.some((tag) => tag.replace(/^[+-]/, "") === STREAMING.slice(1));
  return { capability, tags: isNamed ? tags : [...tags, STREAMING], version };
}

/** Settings of a tool with those that others read off its declaration (registry-protocol §4.6, §7.1). */
function kwargsOf({ kwargs, streams, annotations }: Tool): ToolManifest["kwargs"] {
  const idempotent = annotations?.idempotentHint === true || annotations?.readOnlyHint === true;
  if (!streams && !idempotent) return kwargs;
  return {
    ...(streams ? { stream_type: "text" } : {}),
    ...(idempotent ? { idempotent } : {}),
    ...kwargs,
  };
}

/**
 * Describes one prompt.
 *
 * @throws {MeshError} `bad_definition` when its arguments have no JSON Schema form.
 */
export function promptManifest(name: string, prompt: Prompt): PromptManifest {
  const { properties = {}, required = [] } = PropertiesSchema.parse(
    jsonSchema(prompt.input, "input", `arguments of prompt "${name}"`),
  );
  return {
    key: promptKey(name),
    name,
    title: prompt.title,
    description: prompt.description,
    arguments: Object.entries(properties).map(([name, { description }]) => ({
      name,
      ...(description === undefined ? {} : { description }),
      required: required.includes(name),
    })),
    completes: Object.keys(prompt.complete),
    dependencies: dependencyManifests(prompt.dependencies),
  };
}

/** The part of an object's JSON Schema that the arguments of a prompt are read off. */
const PropertiesSchema = z.object({
  properties: z.record(z.string(), z.object({ description: z.string().optional() })).optional(),
  required: z.array(z.string()).optional(),
});

/** Describes one resource. */
export function resourceManifest(name: string, resource: Resource): ResourceManifest {
  return {
    key: resourceKey(name),
    name,
    uri: resource.uri,
    isTemplate: resource.variables.length > 0,
    title: resource.title,
    description: resource.description,
    mimeType: resource.mimeType,
    completes: Object.keys(resource.complete),
    dependencies: dependencyManifests(resource.dependencies),
  };
}

/** Describes declared dependencies. */
export function dependencyManifests(definitions: DependencyDefinitions): DependencyManifest[] {
  return Object.entries(definitions).map(([name, dependency]) => ({
    name,
    capability: dependency.capability,
    tags: dependency.tags ?? [],
    version: dependency.version,
    required: dependency.required ?? false,
    ...expectation(name, dependency),
  }));
}

/**
 * What a dependency expects of its provider. For `strict` it is the form a provider that declares
 * the same type publishes; for `subset` only what reading the answer needs, so that a field with a
 * default is not asked for.
 */
function expectation(
  key: string,
  { output, matchMode: mode }: DependencyDefinition,
): Pick<DependencyManifest, "match"> {
  if (mode === undefined || output === undefined) return {};
  const io = mode === "strict" ? "output" : "input";
  const expected = published(jsonSchema(output, io, `output schema of dependency "${key}"`));
  return { match: { mode, expected } };
}

function published(schema: JsonSchema): PublishedSchema {
  return publishedSchema(portableSchema(schema));
}

function schemaFields(tool: ToolManifest) {
  const { publishedInput, publishedOutput } = tool;
  const warnings = [
    ...publishedInput.warnings.map((warning) => `input: ${warning}`),
    ...(publishedOutput?.warnings ?? []).map((warning) => `output: ${warning}`),
  ];
  return {
    inputSchema: tool.inputSchema,
    inputSchemaCanonical: publishedInput.canonical,
    inputSchemaHash: publishedInput.hash,
    ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
    ...(publishedOutput && {
      outputSchemaCanonical: publishedOutput.canonical,
      outputSchemaHash: publishedOutput.hash,
    }),
    ...(warnings.length > 0 && { schemaWarnings: warnings }),
  };
}

/**
 * The JSON Schema of a zod schema.
 *
 * @param what It is of, for the message.
 * @throws {MeshError} `bad_definition` when it has none.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output", what: string): JsonSchema {
  try {
    const { $schema: dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
    // It is the default of MCP and left out, unless the schema itself names it.
    return schema.meta()?.["$schema"] === undefined ? rest : { $schema: dialect, ...rest };
  } catch (cause) {
    throw new MeshError(
      "bad_definition",
      `the ${what} has no JSON Schema form: ${errorText(cause)}`,
      { cause },
    );
  }
}

/** What the registration needs to know beyond the manifest. */
export interface RegistrationAddress {
  readonly agentId: string;
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly runtime: string;
  /** Beats what tools declare; see `LlmSettings`. */
  readonly toolMode?: ToolFilterMode | undefined;
}

/** The body of `POST /heartbeat` for an agent at an address. */
export function registration(
  manifest: AgentManifest,
  address: RegistrationAddress,
): RegistrationInput {
  return {
    agent_id: address.agentId,
    agent_type: manifest.type,
    name: address.name,
    version: manifest.version,
    description: manifest.description,
    http_host: address.host,
    http_port: address.port,
    namespace: address.namespace,
    runtime: address.runtime,
    tools: [
      ...manifest.tools.map((tool) => ({
        function_name: tool.name,
        capability: tool.capability,
        version: tool.version,
        tags: [...tool.tags],
        description: tool.description,
        ...(tool.title === undefined ? {} : { title: tool.title }),
        ...(tool.annotations === undefined ? {} : { annotations: { ...tool.annotations } }),
        ...schemaFields(tool),
        dependencies: tool.dependencies.filter(({ llm }) => !llm).map(dependencyEntry),
        ...llmFields(tool, address.toolMode),
        ...(tool.kwargs === undefined ? {} : { kwargs: { ...tool.kwargs } }),
      })),
      // The registry wires tools only: what else has dependencies goes by an entry without a schema,
      // which nobody is offered.
      ...[...manifest.prompts, ...manifest.resources, ...manifest.routes].filter((
        { dependencies },
      ) => dependencies.length > 0).map((operation) => ({
        function_name: operation.key,
        capability: operation.key,
        description: operation.description,
        dependencies: operation.dependencies.map(dependencyEntry),
      })),
    ],
  };
}

function llmFields({ dependencies, offered }: ToolManifest, toolMode = offered?.mode) {
  const provider = dependencies.find(({ llm }) => llm);
  return {
    ...(offered && {
      llm_filter: { filter: [...offered.filter], filter_mode: toolMode },
    }),
    ...(provider && {
      llm_provider: {
        ...providerEntry(provider),
        ...(provider.llm && provider.llm.fallback.length > 0 &&
          { fallback: provider.llm.fallback.map(providerEntry) }),
      },
    }),
  };
}

function providerEntry(
  { capability, tags, version }: Pick<DependencyManifest, "capability" | "tags" | "version">,
) {
  return {
    capability,
    // Made by selectorOf(), which knows no groups of tags.
    tags: tags.filter((tag) => typeof tag === "string"),
    ...(version === undefined ? {} : { version }),
  };
}

function dependencyEntry({ capability, tags, version, required, match }: DependencyManifest) {
  return {
    capability,
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(version === undefined ? {} : { version }),
    ...(required ? { required: true } : {}),
    ...(match && {
      matchMode: match.mode,
      expectedSchemaCanonical: match.expected.canonical,
      expectedSchemaHash: match.expected.hash,
    }),
  };
}
