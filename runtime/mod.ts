/**
 * Deno Mesh: what an agent imports as `"mesh"`.
 *
 * @module
 */
export {
  type Agent,
  agent,
  type AgentDefinition,
  type Check,
  type CheckVerdict,
  type ToolSet,
} from "./agent.ts";
export {
  type Logger,
  type Tool,
  tool,
  type ToolContext,
  type ToolDefinition,
  type ToolHandler,
  type TraceContext,
} from "./tool.ts";
export type {
  CallOptions,
  DependencyClient,
  DependencyDefinition,
  DependencyDefinitions,
  Injected,
  MatchMode,
  Target,
} from "./dependency.ts";
export { isMeshError, MeshError, type MeshErrorCode, type MeshErrorOptions } from "./errors.ts";
export type { RunningAgent, ServeOptions } from "./serve.ts";
