/**
 * What `meshctl` tells an agent process to run, and what the process tells back: plain JSON, one
 * argument in, one record file an agent out. Decides nothing; both sides read these shapes.
 *
 * @module
 */
import { z } from "zod";

/** A Deno permission: nothing, everything, or exactly these. */
const grant = z.union([z.boolean(), z.array(z.string())]);

/** What agent code may touch; a missing kind means nothing of that kind. */
export const PermissionsSchema = z.object({
  net: grant.optional(),
  read: grant.optional(),
  write: grant.optional(),
  env: grant.optional(),
  run: grant.optional(),
  sys: grant.optional(),
  ffi: grant.optional(),
  import: grant.optional(),
  /** Variables that read as absent where they would be refused; npm packages look at many. */
  ignoreEnv: grant.optional(),
});
/** What agent code may touch. Paths are absolute. */
export type Permissions = z.output<typeof PermissionsSchema>;

/** One agent an agent process is to run. */
export const PlannedAgentSchema = z.object({
  /** Absolute path of the module. */
  file: z.string(),
  /** What its record says it is made of, when that is not its module. */
  origin: z.string().optional(),
  /** The name it goes by until it has loaded and told its own. */
  name: z.string(),
  /** Absolute path of its record file; rewritten atomically at every change. */
  record: z.string(),
  /** Exactly what its code may touch. */
  permissions: PermissionsSchema,
  /** Where its log lines go; standard output and error when absent. */
  log: z.string().optional(),
});
/** One agent an agent process is to run. */
export type PlannedAgent = z.output<typeof PlannedAgentSchema>;

/** The single argument of `runtime/host/main.ts`, as JSON. */
export const HostPlanSchema = z.object({
  agents: z.array(PlannedAgentSchema).min(1),
  /** Start every line with `<agent name>| `, for a process that runs several agents. */
  prefix: z.boolean(),
});
/** The single argument of `runtime/host/main.ts`. */
export type HostPlan = z.output<typeof HostPlanSchema>;

/** A dependency that has no provider at the moment. */
export const UnresolvedSchema = z.object({
  tool: z.string(),
  dependency: z.string(),
  capability: z.string(),
  required: z.boolean(),
});
/** A dependency that has no provider at the moment. */
export type Unresolved = z.output<typeof UnresolvedSchema>;

/**
 * How an agent process and each of its agents are. Phases only go forward:
 * `loading` → `listening` → `registered` → `stopped`, or `failed` from any of them.
 */
export const AgentRecordSchema = z.object({
  name: z.string(),
  /** What it is made of: the path of its module, or what stands for it. */
  file: z.string(),
  pid: z.number().int(),
  phase: z.enum(["loading", "listening", "registered", "failed", "stopped"]),
  registry: z.string(),
  started_at: z.string(),
  agent_id: z.string().optional(),
  port: z.number().int().optional(),
  endpoint: z.string().optional(),
  /** When the wiring was last known to be current, milliseconds since the epoch. */
  synced_at: z.number().optional(),
  unresolved: z.array(UnresolvedSchema),
  /** What a gateway answers, as `METHOD /path`, with the JSON Schema of its body. */
  routes: z.array(z.object({
    route: z.string(),
    body: z.record(z.string(), z.unknown()).optional(),
  })).optional(),
  /** What is wrong between it and the registry, or why it is unhealthy or has failed. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
/** How one agent is. */
export type AgentRecord = z.output<typeof AgentRecordSchema>;
