/**
 * What is to be scaffolded, as plain data: the wizard and the options both end in this.
 *
 * @module
 */
import { MESH_NAME } from "../../runtime/base/mesh_name.ts";
import { usageError } from "../base/exit.ts";
import type { VendorChoice } from "./vendor.ts";

/** What every agent has. */
interface PlanBase {
  /** Name in the mesh, and of its folder. */
  name: string;
  /** Any free one when absent. */
  port: number | undefined;
  description: string;
}

/** A tool of an agent, and its capability. */
export interface PlannedTool {
  name: string;
  description: string;
  tags: string[];
  /** Capabilities it depends on. */
  dependencies: string[];
}

/** An agent with tools. */
export interface ToolPlan extends PlanBase {
  kind: "tool";
  tools: readonly [PlannedTool, ...PlannedTool[]];
}

/** Which tools of the mesh a model may call: a capability, or tags. */
export type ToolFilterPlan = "*" | { capability?: string; tags?: string[] };

/** An agent whose tool asks a language model. */
export interface LlmAgentPlan extends PlanBase {
  kind: "llm-agent";
  tags: string[];
  /** What its provider is selected by; see `tags` of a dependency. */
  providerTags: string[];
  filters: ToolFilterPlan[];
  filterMode: "all" | "best_match" | "*";
  maxIterations: number;
  /** Text of the prompt, or `undefined` for a template that fits the tool. */
  prompt: string | undefined;
  /** The parameter with what else the prompt may use. */
  contextParameter: string;
  format: "text" | "json";
}

/** An agent that owns a key and runs a model. */
export interface LlmProviderPlan extends PlanBase {
  kind: "llm-provider";
  vendor: VendorChoice;
  tags: string[];
}

/** A web server in front of the mesh. */
export interface ApiPlan extends PlanBase {
  kind: "api";
}

/** What is to be scaffolded. */
export type AgentPlan = ToolPlan | LlmAgentPlan | LlmProviderPlan | ApiPlan;

/** Kinds of agents that can be scaffolded. */
export const AGENT_KINDS = ["tool", "llm-agent", "llm-provider", "api"] as const;

/** One of {@linkcode AGENT_KINDS}. */
export type AgentKind = typeof AGENT_KINDS[number];

/** A file to be written; `path` is relative, with `/`. */
export interface ScaffoldFile {
  path: string;
  text: string;
  /** It is a program of its own. */
  executable?: boolean;
}

/**
 * The name, if an agent may have it.
 *
 * @throws {CliError} exit 2.
 */
export function checkedAgentName(name: string): string {
  if (MESH_NAME.test(name)) return name;
  const near = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  throw usageError(
    `"${name}" is no name of an agent`,
    "Names are lower-case letters, digits and dashes" + (near === "" ? "." : `, such as ${near}.`),
  );
}

/**
 * The name, if a tool may have it.
 *
 * @throws {CliError} exit 2.
 */
export function checkedToolName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw usageError(
    `"${name}" is no name of a tool`,
    "Names are letters, digits and underscores, such as flight_search.",
  );
}

/** The name of an agent as a name of a tool: `flight-agent` as `flight_agent`. */
export function snakeCase(name: string): string {
  return name.replaceAll("-", "_");
}

/** The name of an agent as a variable: `flight-agent` as `flightAgent`. */
export function camelCase(name: string): string {
  const joined = name.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^[0-9]/.test(joined) ? `agent${joined}` : joined;
}

/** A capability as the key of a dependency: `user_preferences` as `userPreferences`. */
export function dependencyKey(capability: string): string {
  return capability.replace(/[^A-Za-z0-9]+(.)/g, (_, next: string) => next.toUpperCase());
}
