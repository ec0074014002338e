/**
 * What an agent tells the registry about itself: the body of `POST /heartbeat`, and the answer.
 * Field names and tolerance are those of the reference registry, so that its agents register
 * unchanged: unknown keys are ignored, `tools: null` is an empty list, tag items that are neither
 * a string nor a list are dropped.
 *
 * @module
 */
import * as z from "zod";

/** A tag selector: `x` required, `+x` preferred, `-x` excluded, a list = any one of them. */
export type TagSelector = string | string[];

const tagSelectors = z.array(z.unknown()).nullish().transform((items): TagSelector[] =>
  (items ?? []).flatMap((item): TagSelector[] => {
    if (typeof item === "string") return [item];
    if (Array.isArray(item)) return [item.filter((member) => typeof member === "string")];
    return [];
  })
);

const optionalText = z.string().nullish().transform((text) => text ?? "");
const jsonObject = z.record(z.string(), z.unknown());

/** One declared dependency of a tool. Order within the tool is the identity of a dependency. */
export const DependencySchema = z.object({
  capability: z.string().default(""),
  tags: tagSelectors,
  version: optionalText,
  required: z.boolean().nullish().transform((required) => required ?? false),
  /** The source of the canonical form. Our addition: the reference has no such field. */
  expectedSchema: jsonObject.nullish(),
  expectedSchemaCanonical: jsonObject.nullish(),
  expectedSchemaHash: optionalText,
  matchMode: optionalText,
});
/** A dependency as the registry keeps it. */
export type Dependency = z.output<typeof DependencySchema>;

/** Which tools of the mesh a language model may be offered. */
export const LlmFilterSchema = z.object({
  filter: z.unknown().optional(),
  filter_mode: z.string().nullish(),
  inject_param: z.string().nullish(),
});
/** An LLM tool filter as the registry keeps it. */
export type LlmFilter = z.output<typeof LlmFilterSchema>;

const llmSelector = z.object({
  capability: z.string(),
  tags: z.array(z.string()).nullish().transform((tags) => tags ?? []),
  version: optionalText,
});

/** Which LLM provider a tool wants. */
export const LlmProviderSchema = llmSelector.extend({
  namespace: z.string().nullish(),
  /** What will do when nothing else does, best first. Our addition: the reference has no such field. */
  fallback: z.array(llmSelector).optional(),
});
/** An LLM provider selector as the registry keeps it. */
export type LlmProvider = z.output<typeof LlmProviderSchema>;

/** One tool of an agent. */
export const ToolSchema = z.object({
  function_name: optionalText,
  capability: optionalText,
  version: z.string().nullish().transform((version) => version || "1.0.0"),
  tags: z.array(z.string()).nullish().transform((tags) => tags ?? []),
  description: optionalText,
  /** What MCP clients show for a name, and how a call behaves (MCP server/tools). Our additions. */
  title: z.string().nullish(),
  annotations: jsonObject.nullish(),
  dependencies: z.array(DependencySchema).nullish().transform((list) => list ?? []),
  inputSchema: jsonObject.nullish(),
  outputSchema: jsonObject.nullish(),
  inputSchemaCanonical: jsonObject.nullish(),
  outputSchemaCanonical: jsonObject.nullish(),
  inputSchemaHash: optionalText,
  outputSchemaHash: optionalText,
  schemaWarnings: z.array(z.string()).nullish(),
  llm_filter: LlmFilterSchema.nullish(),
  llm_provider: LlmProviderSchema.nullish(),
  kwargs: jsonObject.nullish(),
});
/** A tool as the registry keeps it. */
export type Tool = z.output<typeof ToolSchema>;

/** One A2A surface of an agent. */
export const SurfaceSchema = z.object({
  path: optionalText,
  skill_id: optionalText,
  name: z.string().nullish(),
  description: z.string().nullish(),
  input_modes: z.array(z.string()).nullish(),
  output_modes: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
});
/** An A2A surface as the registry keeps it. */
export type Surface = z.output<typeof SurfaceSchema>;

/**
 * What an agent saw of a provider it called: our addition, so that the registry can demote a replica
 * for everyone before its silence is noticed.
 */
export const ObservedFailureSchema = z.object({
  agent_id: z.string(),
  /** How many calls in a row failed without reaching a handler. */
  failures: z.number().int().positive(),
});
/** What an agent saw of a provider it called. */
export type ObservedFailure = z.output<typeof ObservedFailureSchema>;

/**
 * How an agent says it is. Our addition: the reference's agents that are not well say nothing at all,
 * and are found missing.
 */
export const ReportedHealthSchema = z.object({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  /** What is wrong, for people. */
  errors: z.array(z.string()).default([]),
});

/**
 * Which instance of an agent this is. Our addition: an id belongs to the instance that registered it for
 * as long as that is there, and beats, leaving and refreshing want its token. Without this field an id
 * is held by nobody, as with the reference's agents.
 */
export const InstanceSchema = z.object({
  /** A secret of the instance, the same in every registration; without one the registry makes it. */
  token: z.string().regex(/^[\w-]{32,256}$/, "expected 32 to 256 letters, digits, _ and -")
    .optional(),
});
/** Which instance of an agent this is. */
export type Instance = z.output<typeof InstanceSchema>;

/** The header that shows the token of an instance where there is no body. */
export const INSTANCE_HEADER = "x-mesh-instance";

/** Body of `POST /heartbeat`. Registering and a full refresh are the same message. */
export const RegistrationSchema = z.object({
  agent_id: optionalText,
  agent_type: z.string().nullish(),
  name: z.string().nullish(),
  version: z.string().nullish(),
  description: z.string().nullish(),
  http_host: z.string().nullish(),
  http_port: z.number().int().nullish(),
  timestamp: z.string().nullish(),
  namespace: z.string().nullish(),
  runtime: z.string().nullish(),
  a2a_producer: z.boolean().nullish(),
  a2a_consumer: z.boolean().nullish(),
  surfaces: z.array(SurfaceSchema).nullish(),
  observed_failures: z.array(ObservedFailureSchema).nullish(),
  health: ReportedHealthSchema.nullish(),
  instance: InstanceSchema.nullish(),
  tools: z.array(ToolSchema).nullish().transform((tools) => tools ?? []),
});
/** A registration after parsing. */
export type Registration = z.output<typeof RegistrationSchema>;
/** A registration as an agent writes it. */
export type RegistrationInput = z.input<typeof RegistrationSchema>;

/** Another provider of the same rank as the chosen one. Our addition: the reference has no such field. */
export const AlternateSchema = z.object({
  agent_id: z.string(),
  function_name: z.string(),
  endpoint: z.string(),
  runtime: z.string().optional(),
  kwargs: jsonObject.optional(),
});
/** Another provider of the same rank as the chosen one. */
export type Alternate = z.output<typeof AlternateSchema>;

/** Where a dependency leads. All five strings are always present: the reference's agents insist. */
export const ResolvedDependencySchema = z.object({
  agent_id: z.string(),
  function_name: z.string(),
  endpoint: z.string(),
  capability: z.string(),
  status: z.string(),
  kwargs: jsonObject.optional(),
  /** What the provider runs on. Our addition: the reference has no such field. */
  runtime: z.string().optional(),
  alternates: z.array(AlternateSchema).optional(),
});
/** One entry of `dependencies_resolved`; `status` is `available` or `unresolved`. */
export type ResolvedDependency = z.output<typeof ResolvedDependencySchema>;

/** Whose tool it is: our addition, only told to our own. */
const ofAgent = {
  agent_id: z.string().optional(),
  agent_name: z.string().optional(),
  runtime: z.string().optional(),
};

/** One tool offered to a language model. */
export const LlmToolSchema = z.object({
  ...ofAgent,
  name: z.string(),
  capability: z.string(),
  description: z.string(),
  endpoint: z.string(),
  inputSchema: jsonObject,
  tags: z.array(z.string()),
  version: z.string(),
});
/** One entry of `llm_tools`. */
export type LlmTool = z.output<typeof LlmToolSchema>;

/** The LLM provider chosen for a tool. */
export const ResolvedLlmProviderSchema = z.object({
  runtime: z.string().optional(),
  /** Further providers, best first. Our addition: the reference has no such field. */
  alternates: z.array(AlternateSchema).optional(),
  name: z.string(),
  endpoint: z.string(),
  agent_id: z.string(),
  capability: z.string(),
  status: z.string(),
  vendor: z.string(),
  tags: z.array(z.string()).optional(),
  version: z.string().optional(),
  kwargs: jsonObject.optional(),
});
/** One value of `llm_providers`. */
export type ResolvedLlmProvider = z.output<typeof ResolvedLlmProviderSchema>;

/** Answer to `POST /heartbeat`. A refused registration is HTTP 200 with `status: "error"`. */
export const HeartbeatResponseSchema = z.object({
  status: z.enum(["success", "error"]),
  timestamp: z.string(),
  message: z.string(),
  agent_id: z.string(),
  dependencies_resolved: z.record(z.string(), z.array(ResolvedDependencySchema)).optional(),
  llm_tools: z.record(z.string(), z.array(LlmToolSchema)).optional(),
  llm_providers: z.record(z.string(), ResolvedLlmProviderSchema).optional(),
  surfaces: z.array(z.record(z.string(), z.unknown())).optional(),
  warnings: z.array(z.string()).optional(),
  /** The token that holds the agent id from now on; only told to who has sent an `instance`. */
  instance: z.object({ token: z.string() }).optional(),
});
/** Answer to `POST /heartbeat`. */
export type HeartbeatResponse = z.output<typeof HeartbeatResponseSchema>;
