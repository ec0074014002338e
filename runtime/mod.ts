/**
 * Deno Mesh: what an agent imports as `"mesh"`.
 *
 * @module
 */
import { registerOpenTelemetry } from "./tracing/otel.ts";

// Modules get their tracers while they are loaded; a tracer of nobody's would stay one.
registerOpenTelemetry();

export {
  type Agent,
  agent,
  type AgentDefinition,
  type PromptSet,
  type ResourceSet,
  type ToolSet,
} from "./agent.ts";
export {
  mcpAgent,
  type McpAgentBase,
  type McpAgentDefinition,
  type McpAgentOverHttp,
  type McpAgentOverStdio,
} from "./bridge/mcp_agent.ts";
export type { ClientCredentials } from "./bridge/target.ts";
export type {
  AgentEvents,
  Check,
  CheckVerdict,
  Lifespan,
  LifespanContext,
  Servable,
  ServableDefinition,
} from "./servable.ts";
export type { MemberSet } from "./member_set.ts";
export {
  type Tool,
  tool,
  type ToolAnnotations,
  type ToolAnswer,
  type ToolDefinition,
  type ToolHandler,
  type Verbatim,
} from "./tool.ts";
export type { ChunkOf, Collected } from "./collected.ts";
export { type Gateway, gateway, type GatewayDefinition } from "./gateway.ts";
export {
  type ErasedRouteHandler,
  type Route,
  route,
  type RouteBody,
  type RouteContext,
  type RouteDefinition,
  type RouteHandler,
  type RouteQuery,
  type RouteRequest,
} from "./route.ts";
export { type Cause, type JoinedMesh, joinMesh, type JoinMeshDefinition } from "./join_mesh.ts";
export type {
  ParamOf,
  ParamsOf,
  PathParams,
  PatternSegment,
  RouteKey,
  RoutePattern,
} from "./route_pattern.ts";
export { sse, type SseOptions } from "./sse.ts";
export {
  type Prompt,
  prompt,
  type PromptDefinition,
  type PromptMessage,
  type PromptResult,
} from "./prompt.ts";
export {
  type Resource,
  resource,
  type ResourceContents,
  type ResourceDefinition,
  type ResourceResult,
  type VariableName,
  type Variables,
} from "./resource.ts";
export type { Complete, Completions } from "./completion.ts";
export type {
  CallContext,
  ContextOf,
  Declared,
  DeclaredOne,
  ErasedHandler,
  HandlerContext,
  Logger,
  McpClient,
  TraceContext,
} from "./handler_context.ts";
export {
  type Answers,
  type Ask,
  elicit,
  type Elicited,
  elicitUrl,
  type InputRequest,
  listRoots,
  type Question,
  type Questions,
  type Root,
  sample,
  type Sampled,
  type SamplingRequest,
} from "./ask.ts";
export type {
  CallOptions,
  DependencyArguments,
  DependencyChunk,
  DependencyClient,
  DependencyDefinition,
  DependencyDefinitions,
  DependencyParameters,
  DependencyResult,
  Injected,
  MatchMode,
  RemotePrompt,
  RemoteResource,
  RemoteTool,
  Target,
} from "./dependency.ts";
export { isMeshError, MeshError, type MeshErrorCode, type MeshErrorOptions } from "./errors.ts";
export type { Exactly, NotAKey, UnknownKey } from "./definition/exactly.ts";
export type { Environment } from "./config.ts";
export type { Bytes } from "./json_form.ts";
export type { RunningMember } from "./node.ts";
export type { RunningAgent, ServeOptions } from "./serve.ts";
export type { JsonSchema } from "./json_schema.ts";
export type { PublishedSchema } from "./protocol/schema/hash.ts";
export type { Unresolved } from "./host/plan.ts";
export type {
  AgentManifest,
  AgentType,
  DependencyManifest,
  OperationManifest,
  PromptArgument,
  PromptManifest,
  ProviderSelector,
  ResourceManifest,
  RouteManifest,
  ToolManifest,
} from "./manifest.ts";
export type { ContentBlock } from "./mcp/result.ts";
export type {
  Approval,
  Asked,
  Llm,
  LlmDefinition,
  LlmMessage,
  LlmOptions,
  LlmResult,
  LlmSelector,
  LlmStream,
  LlmUsage,
  LlmValue,
  Media,
  ModelToolCall,
  StopReason,
  ToolFilter,
  ToolFilterMode,
} from "./llm/llm.ts";
export { llmProvider, type LlmProviderDefinition } from "./llm/provider.ts";
export type { LlmEngine, LlmTurn, LlmTurnOptions, LlmTurnRequest } from "./llm/engine.ts";
export type {
  ChatMessage,
  ChatTool,
  ChatToolCall,
  ContentPart,
  FinishReason,
  ModelParams,
  Usage,
} from "./llm/contract.ts";
