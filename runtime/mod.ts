/**
 * Deno Mesh: what an agent imports as `"mesh"`.
 *
 * @module
 */
import { registerOpenTelemetry } from "./handler/otel.ts";

// Modules get their tracers while they are loaded; a tracer of nobody's would stay one.
registerOpenTelemetry();

export {
  type Agent,
  agent,
  type AgentDefinition,
  type PromptSet,
  type ResourceSet,
  type ToolSet,
} from "./define/agent.ts";
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
  Lifespan,
  LifespanContext,
  Servable,
  ServableDefinition,
} from "./define/servable.ts";
export type { Check, CheckVerdict } from "./define/health_check.ts";
export type { MemberSet } from "./define/member_set.ts";
export {
  type Tool,
  tool,
  type ToolAnnotations,
  type ToolAnswer,
  type ToolDefinition,
  type ToolHandler,
  type Verbatim,
} from "./define/tool.ts";
export type { ChunkOf, Collected } from "./define/collected.ts";
export { type Gateway, gateway, type GatewayDefinition } from "./define/gateway.ts";
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
} from "./define/route.ts";
export {
  type Cause,
  type JoinedMesh,
  joinMesh,
  type JoinMeshDefinition,
} from "./define/join_mesh.ts";
export type {
  ParamOf,
  ParamsOf,
  PathParams,
  PatternSegment,
  RouteKey,
  RoutePattern,
} from "./define/route_pattern.ts";
export { sse, type SseOptions } from "./define/sse.ts";
export { type Prompt, prompt, type PromptDefinition, type PromptResult } from "./define/prompt.ts";
export type { PromptMessage } from "./protocol/mcp_content.ts";
export {
  type Resource,
  resource,
  type ResourceDefinition,
  type ResourceResult,
  type VariableName,
  type Variables,
} from "./define/resource.ts";
export type { ResourceContents } from "./protocol/mcp_content.ts";
export type { Complete, Completions } from "./define/completion.ts";
export type {
  CallContext,
  ContextOf,
  Declared,
  DeclaredOne,
  ErasedHandler,
  HandlerContext,
  Logger,
  McpClient,
} from "./define/handler_context.ts";
export type { TraceContext } from "./protocol/trace_context.ts";
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
} from "./define/ask.ts";
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
} from "./define/dependency.ts";
export {
  isMeshError,
  MeshError,
  type MeshErrorCode,
  type MeshErrorOptions,
} from "./base/errors.ts";
export type { Exactly, NotAKey, UnknownKey } from "./define/check/exactly.ts";
export type { Environment } from "./base/environment.ts";
export type { Bytes } from "./base/json_form.ts";
export type { RunningMember } from "./define/serving.ts";
export type { RunningAgent, ServeOptions } from "./define/serving.ts";
export type { JsonSchema } from "./define/json_schema.ts";
export type { PublishedSchema } from "./protocol/schema/hash.ts";
export type { Unresolved } from "./define/serving.ts";
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
} from "./define/manifest.ts";
export type { ContentBlock } from "./protocol/mcp_content.ts";
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
} from "./define/llm.ts";
export { llmProvider } from "./llm/provider/provider.ts";
export type { LlmProviderDefinition } from "./llm/provider/provider_definition.ts";
export type { LlmEngine, LlmTurn, LlmTurnOptions, LlmTurnRequest } from "./llm/engine/engine.ts";
export type {
  ChatMessage,
  ChatTool,
  ChatToolCall,
  ContentPart,
  FinishReason,
  ModelParams,
  Usage,
} from "./define/contract.ts";
