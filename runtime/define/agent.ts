/**
 * Agents: one module, one declaration.
 *
 * @module
 */
import { isObject } from "../base/json.ts";
import { checkDefinition, named } from "./check/check.ts";
import { promptManifest } from "./prompt_manifest.ts";
import { resourceManifest } from "./resource_manifest.ts";
import { toolManifest } from "./tool_manifest.ts";
import { Members, type MemberSet } from "./member_set.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import { type AgentEvents, type Servable, servable, type ServableDefinition } from "./servable.ts";
import type { Tool } from "./tool.ts";
import { anything, record, text, truth } from "./check/kind.ts";
import { shape } from "./check/shape.ts";
import { SERVABLE } from "./servable.ts";

/** The definition of `agent()`. */
const AGENT = shape<AgentDefinition>("an agent", {
  ...SERVABLE,
  // Members are checked when they are added, now or later.
  tools: record(anything, "{ greet: tool({ … }, handler) }"),
  prompts: record(anything, "{ review: prompt({ … }, handler) }"),
  resources: record(anything, "{ map: resource({ … }, handler) }"),
  instructions: text,
  sessions: truth,
}, { required: ["name"] });

/** What an agent says about itself. */
export interface AgentDefinition extends ServableDefinition {
  /** Its tools, by name. */
  readonly tools?: Readonly<Record<string, Tool>>;
  /** Its prompts, by name. */
  readonly prompts?: Readonly<Record<string, Prompt>>;
  /** Its resources, by name. */
  readonly resources?: Readonly<Record<string, Resource>>;
  /** What a client should know to use the agent well; sent to MCP clients (`instructions`). */
  readonly instructions?: string | undefined;
  /**
   * Whether MCP clients of the 2025 era may hold sessions, within which they can be asked questions,
   * subscribe to resources and be told of changes; clients of the 2026 era need none for that.
   * Sessions live in one process: replicas then need a router that keeps clients where they are.
   * `MCP_MESH_MCP_SESSIONS` beats it.
   *
   * @default false
   */
  readonly sessions?: boolean;
}

/** The tools of an agent. */
export type ToolSet = MemberSet<Tool>;
/** The prompts of an agent. */
export type PromptSet = MemberSet<Prompt>;

/** The resources of an agent. */
export interface ResourceSet extends MemberSet<Resource> {
  /** Tells the clients that subscribed to a URI that what is under it has changed. */
  updated(uri: string): void;
}

/** A declared agent. It answers `/mcp` and the probes. */
export interface Agent extends Servable {
  readonly tools: ToolSet;
  readonly prompts: PromptSet;
  readonly resources: ResourceSet;
}

/**
 * Declares an agent. Export it as default.
 *
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where.
 *
 * @example
 * ```ts
 * import { agent, tool } from "mesh";
 * import { z } from "zod";
 *
 * export default agent({
 *   name: "greeter",
 *   tools: {
 *     greet: tool({
 *       description: "Greet somebody",
 *       input: z.object({ name: z.string() }),
 *       output: z.string(),
 *     }, ({ name }) => `Hello, ${name}`),
 *   },
 * });
 * ```
 */
export function agent(definition: AgentDefinition): Agent {
  checkDefinition(AGENT, named("agent", definition), definition);
  const { name, tools = {}, prompts = {}, resources = {} } = definition;
  const { sessions = false } = definition;
  const listeners = new Set<AgentEvents>();
  const changed = () => {
    for (const listener of listeners) listener.changed?.();
  };
  const toolSet = new Members(name, "tool", tools, toolManifest, changed);
  const promptSet = new Members(name, "prompt", prompts, promptManifest, changed);
  const resourceSet = new Members(name, "resource", resources, resourceManifest, changed);
  const properties: Omit<Agent, keyof Servable> = {
    tools: toolSet,
    prompts: promptSet,
    resources: Object.assign(resourceSet, {
      updated(uri: string) {
        for (const listener of listeners) listener.resourceUpdated?.(uri);
      },
    }),
  };
  const describe = () => ({
    instructions: definition.instructions,
    tools: toolSet.manifests(),
    prompts: promptSet.manifests(),
    resources: resourceSet.manifests(),
    sessions,
  });
  return servable(definition, { properties, describe, listeners });
}

/** Whether `value` is an {@linkcode Agent}, from this or another copy of the module. */
export function isAgent(value: unknown): value is Agent {
  // A structural test: a module under `meshctl start` may carry its own copy of the runtime.
  return isObject(value) && "manifest" in value && "tools" in value &&
    "serve" in value;
}
