/**
 * What the registry tells about the mesh: `GET /agents`, `GET /events`, `GET /health`.
 *
 * @module
 */
import * as z from "zod";

const jsonObject = z.record(z.string(), z.unknown());

/** One capability in a listing. */
export const CapabilityInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  function_name: z.string(),
  tags: z.array(z.string()).nullable(),
  description: z.string().optional(),
  llm_filter: jsonObject.optional(),
  llm_provider: jsonObject.optional(),
  task: z.boolean().optional(),
  available: z.boolean().optional(),
  unavailable_reason: z.string().optional(),
});
/** One capability in a listing. */
export type CapabilityInfo = z.output<typeof CapabilityInfoSchema>;

/** How one declared dependency stood when the consumer last asked, and stands now. */
export const DependencyResolutionSchema = z.object({
  function_name: z.string(),
  capability: z.string(),
  status: z.string(),
  tags: z.array(z.unknown()).optional(),
  /** Of each of these one is wanted. Our addition. */
  tag_groups: z.array(z.array(z.string())).optional(),
  mcp_tool: z.string().optional(),
  provider_agent_id: z.string().optional(),
  endpoint: z.string().optional(),
});
/** One entry of `dependency_resolutions`; `status` is available, unavailable or unresolved. */
export type DependencyResolution = z.output<typeof DependencyResolutionSchema>;

/** One tool a language model was offered. */
export const LlmToolResolutionSchema = z.object({
  function_name: z.string(),
  status: z.string(),
  filter_capability: z.string().optional(),
  filter_tags: z.array(z.unknown()).optional(),
  filter_mode: z.string().optional(),
  provider_agent_id: z.string().optional(),
  provider_capability: z.string().optional(),
  mcp_tool: z.string().optional(),
  endpoint: z.string().optional(),
});
/** One entry of `llm_tool_resolutions`. */
export type LlmToolResolution = z.output<typeof LlmToolResolutionSchema>;

/** The LLM provider a tool was given. */
export const LlmProviderResolutionSchema = z.object({
  function_name: z.string(),
  status: z.string(),
  required_capability: z.string(),
  required_tags: z.array(z.string()).optional(),
  provider_agent_id: z.string().optional(),
  mcp_tool: z.string().optional(),
  endpoint: z.string().optional(),
});
/** One entry of `llm_provider_resolutions`. */
export type LlmProviderResolution = z.output<typeof LlmProviderResolutionSchema>;

/** One agent in a listing. */
export const AgentInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  agent_type: z.string(),
  runtime: z.string(),
  description: z.string().optional(),
  a2a_producer: z.boolean().optional(),
  a2a_consumer: z.boolean().optional(),
  status: z.enum(["healthy", "unhealthy", "unknown"]),
  /** What it says of itself, when it is not well. Our addition. */
  health: z.object({ status: z.string(), errors: z.array(z.string()) }).optional(),
  endpoint: z.string(),
  capabilities: z.array(CapabilityInfoSchema).nullable(),
  total_dependencies: z.number(),
  dependencies_resolved: z.number(),
  dependency_resolutions: z.array(DependencyResolutionSchema).nullable(),
  llm_tool_resolutions: z.array(LlmToolResolutionSchema).nullable(),
  llm_provider_resolutions: z.array(LlmProviderResolutionSchema).nullable(),
  created_at: z.string(),
  last_seen: z.string(),
  version: z.string(),
  entity_id: z.string().optional(),
});
/** One agent in a listing. */
export type AgentInfo = z.output<typeof AgentInfoSchema>;

/** Answer to `GET /agents`. Readers accept the reference's `agents: null` for an empty list. */
export const AgentListSchema = z.object({
  agents: z.array(AgentInfoSchema).nullable().transform((agents) => agents ?? []),
  count: z.number(),
  timestamp: z.string(),
  /** Where the next page begins, `null` after the last. Our addition; only with `limit`. */
  next_cursor: z.string().nullish(),
});
/** Answer to `GET /agents`. */
export type AgentList = z.output<typeof AgentListSchema>;

/** One entry of the registry's history. */
export const EventSchema = z.object({
  event_type: z.string(),
  agent_id: z.string(),
  agent_name: z.string().optional(),
  function_name: z.string().optional(),
  timestamp: z.string(),
  data: jsonObject.optional(),
});
/** One entry of the registry's history. */
export type Event = z.output<typeof EventSchema>;

/** Answer to `GET /events`, newest first. */
export const EventListSchema = z.object({ events: z.array(EventSchema), count: z.number() });
/** Answer to `GET /events`. */
export type EventList = z.output<typeof EventListSchema>;

/** Answer to `GET /health`. */
export const RegistryHealthSchema = z.object({
  /** What is wrong, when something is. Our addition. */
  errors: z.array(z.string()).optional(),
  status: z.string(),
  version: z.string(),
  uptime_seconds: z.number(),
  timestamp: z.string(),
  service: z.string(),
});
/** Answer to `GET /health`. */
export type RegistryHealth = z.output<typeof RegistryHealthSchema>;
