/**
 * The manifest: what an agent module says about itself, as plain JSON. It is all the trusted side
 * knows of an agent whose code runs in a sandbox.
 *
 * @module
 */
import type { MatchMode } from "./dependency.ts";
import type { JsonSchema } from "./json_schema.ts";
import type { ToolFilter, ToolFilterMode } from "./llm.ts";
import type { PublishedSchema } from "../protocol/schema/hash.ts";
import type { RoutePattern } from "./route_pattern.ts";
import type { Tool, ToolAnnotations } from "./tool.ts";

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
  readonly match?: {
    readonly mode: MatchMode;
    readonly schema: JsonSchema;
    readonly expected: PublishedSchema;
  };
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
  /** One chunk, of a tool that declares it. */
  readonly chunkSchema?: JsonSchema;
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

/** Whether a handler of the agent gets a language model. */
export function usesLlm({ tools }: AgentManifest): boolean {
  return tools.some(({ dependencies }) => dependencies.some(({ llm }) => llm !== undefined));
}

/** Whether a call of the agent may wait for a language model: its own, or one that it asks for. */
export function hasModel(manifest: AgentManifest): boolean {
  return usesLlm(manifest) || manifest.tools.some(({ toolbox }) => toolbox === "handed");
}

/** The prompt files of an agent's language models, by URL. */
export function promptFiles({ tools }: AgentManifest): readonly string[] {
  return tools.flatMap(({ promptFile }) => promptFile ?? []);
}

/** The name a tool's handler knows its language model under. */
export const LLM = "llm";
