/**
 * What `meshctl` tells an agent process to run, and what the process tells back: plain JSON, one
 * argument and the lines of standard input in, one record file an agent out. Decides nothing; both
 * sides read these shapes.
 *
 * @module
 */
import * as z from "zod";
import { ChildGrantSchema, PermissionsSchema, ReachSchema } from "../sandbox/grant.ts";

/** The place that a process for the code of one agent runs in. Paths are absolute. */
export const ChildCodeSchema = z.object({
  /** Arguments of `deno run` before the permissions: how modules resolve, the lock, the import map. */
  args: z.array(z.string()),
  /** Its own `DENO_DIR`, in which it may store nothing by itself. */
  deno_dir: z.string(),
  /** Its working folder. */
  cwd: z.string(),
  /** Paths that its code never reads nor writes. */
  closed: z.array(z.string()),
  /** Paths that its code never writes. */
  unwritable: z.array(z.string()),
});
/** The place that a process for the code of one agent runs in. */
export type ChildCode = z.output<typeof ChildCodeSchema>;

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
  /** Where its code has a process of its own; it runs in a worker when absent. */
  code: ChildCodeSchema.optional(),
  /** Absolute path of the folder its code may keep files in, beside what its permissions allow. */
  data: z.string().optional(),
  /** Where its log lines go; standard output and error when absent. */
  log: z.string().optional(),
  /** The port it listens on if it declares none: the one it had before. */
  port: z.number().int().optional(),
  /** The id it is known by in the mesh: the one it had before. */
  agent_id: z.string().optional(),
  /**
   * Absolute path of a {@linkcode StopMark} that may be there when the process is told to stop.
   */
  stop_mark: z.string().optional(),
});
/** One agent an agent process is to run. */
export type PlannedAgent = z.output<typeof PlannedAgentSchema>;

/** A file that says how an agent is to stop, written before its process is told to. */
export const StopMarkSchema = z.object({
  /** How long calls under way may go on, milliseconds. @default as the agent is configured */
  drain_ms: z.number().nonnegative().optional(),
});
/** A file that says how an agent is to stop. */
export type StopMark = z.output<typeof StopMarkSchema>;

/** The single argument of `runtime/process/main.ts` and `load_check.ts`, as JSON. */
export const HostPlanSchema = z.object({
  agents: z.array(PlannedAgentSchema).min(1),
  /** Absolute path of the log that standard output and error go to, which it keeps bounded. */
  output: z.string().optional(),
  /** Start every line with `<agent name>| `, for a process that runs several agents. */
  prefix: z.boolean(),
  /** Lines of standard input are commands, and `birth` is the first. */
  commands: z.boolean().default(false),
  /** It ends when standard input does: nobody is left whom it belongs to. */
  tied: z.boolean().default(false),
  /** An agent that does not start keeps nobody from starting, and waits to be loaded anew. */
  watched: z.boolean().default(false),
});
/** The single argument of `runtime/process/main.ts`. */
export type HostPlan = z.output<typeof HostPlanSchema>;

/** The output of `runtime/process/load_check.ts`: each module, with the problem of its definition. */
export const LoadReportSchema = z.array(z.object({
  file: z.string(),
  problem: z.string().optional(),
}));
/** The output of `runtime/process/load_check.ts`. */
export type LoadReport = z.output<typeof LoadReportSchema>;

/** Names an agent of the plan by its planned name, and a reload by its number. */
const reload = { agent: z.string(), id: z.number().int() };

/** One line of standard input. */
export const HostCommandSchema = z.discriminatedUnion("type", [
  /**
   * What the process is told as soon as it has begun: what the system tells of when that was (see the
   * record), and where the imports of each agent may lead, by its planned name. A list of modules may
   * be too long for an argument.
   */
  z.object({
    type: z.literal("birth"),
    birth: z.string().optional(),
    reach: z.record(z.string(), ReachSchema).optional(),
  }),
  /** Load the module anew, beside the code that runs; what was loaded for another id is dropped. */
  z.object({
    type: z.literal("load"),
    ...reload,
    permissions: PermissionsSchema,
    reach: ReachSchema.optional(),
    /** As in {@linkcode PlannedAgentSchema}. */
    code: ChildCodeSchema.optional(),
  }),
  /** What was loaded answers from now on; the last code that proved good is kept. */
  z.object({ type: z.literal("run"), ...reload }),
  /** What runs has proved good. */
  z.object({ type: z.literal("keep"), ...reload }),
  /** What runs has not: the last code that proved good answers again. */
  z.object({ type: z.literal("back"), ...reload }),
  /** The agent leaves the mesh for good. */
  z.object({ type: z.literal("stop"), agent: z.string() }),
]);
/** One line of standard input. */
export type HostCommand = z.output<typeof HostCommandSchema>;

/** How far a reload is. */
export const ReloadReportSchema = z.object({
  /** The number it was asked for with. */
  id: z.number().int(),
  /**
   * `loaded` → `running` → `back`; `refused` when it cannot be loaded or opened, `outgrown` when what
   * it declares now needs another process. In both the code before it runs on.
   */
  phase: z.enum(["loaded", "running", "back", "refused", "outgrown"]),
  /** When, milliseconds since the epoch. */
  at: z.number(),
  /** Whether the agent says something else about itself than before, so that the registry must hear. */
  changed: z.boolean(),
  /** Why it is in this phase, if it is not as asked for. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
/** How far a reload is. */
export type ReloadReport = z.output<typeof ReloadReportSchema>;

/** A dependency without a provider at the moment. */
export const UnresolvedSchema = z.object({
  tool: z.string(),
  dependency: z.string(),
  capability: z.string(),
  required: z.boolean(),
});

/** Something agent code was refused, as often as it tried. */
export const RefusalSchema = z.object({
  /** The kind of permission, as its flag names it: `read`, `net`, … */
  permission: z.string(),
  /** What it wanted to touch; `null` when the whole of a kind. */
  resource: z.string().nullable(),
  count: z.number().int(),
  /** The last time, RFC 3339. */
  last_at: z.string(),
});
/** Something agent code was refused. */
export type Refusal = z.output<typeof RefusalSchema>;

/** A process that runs the code of an agent. */
export const CodeRecordSchema = z.object({
  /** Its id, and that of the process group that it leads. */
  pid: z.number().int(),
  /** When it began, as {@linkcode AgentRecord.birth}; absent where the system does not say. */
  birth: z.string().optional(),
});
/** A process that runs the code of an agent. */
export type CodeRecord = z.output<typeof CodeRecordSchema>;

/** How much is in the data folder of an agent. */
export const DataUseSchema = z.object({
  /** Bytes on the disk, as far as they were counted. */
  bytes: z.number(),
  /** Whether everything was counted. */
  is_whole: z.boolean(),
  /** Bytes beyond which its code may not write there. */
  limit: z.number(),
  /** Why its code may not write there now; what goes on after the name of the agent. */
  closed: z.string().optional(),
});
/** How much is in the data folder of an agent. */
export type DataUse = z.output<typeof DataUseSchema>;

/**
 * How an agent process and each of its agents are. Phases only go forward:
 * `loading` → `listening` → `registered` → `stopped`, or `failed` from any of them, from where only a
 * reload leads on.
 */
export const AgentRecordSchema = z.object({
  name: z.string(),
  /** What it is made of: the path of its module, or what stands for it. */
  file: z.string(),
  pid: z.number().int(),
  /** What the system tells of when the process began: no other process has this and the id. */
  birth: z.string().optional(),
  /** The processes that run its code now; they end with the process that wrote this. */
  code: z.array(CodeRecordSchema).optional(),
  phase: z.enum(["loading", "listening", "registered", "failed", "stopped"]),
  registry: z.string(),
  started_at: z.string(),
  agent_id: z.string().optional(),
  /** What holds its id in the mesh; its next process takes both over. Secret. */
  instance_token: z.string().optional(),
  port: z.number().int().optional(),
  endpoint: z.string().optional(),
  /** When the registry was asked for the wiring it last answered with, milliseconds since the epoch. */
  asked_at: z.number().optional(),
  /** When the wiring was last known to be current, milliseconds since the epoch. */
  synced_at: z.number().optional(),
  unresolved: z.array(UnresolvedSchema),
  /** Ids of the agents that its dependencies lead to. */
  wired_to: z.array(z.string()).optional(),
  /** How long calls under way may go on once it is told to stop, milliseconds. */
  drain_ms: z.number().optional(),
  /** The calls that still go on while it stops, and when they are cut off, milliseconds since the epoch. */
  draining: z.object({ calls: z.number().int(), until: z.number() }).optional(),
  /** What its code may touch. */
  permissions: PermissionsSchema.optional(),
  /** What of it the process of its code gets; absent for code in a worker, which gets all of it. */
  child: ChildGrantSchema.optional(),
  /** Absolute path of the folder that its code may keep files in. */
  data: z.string().optional(),
  /** How much is in there, and how much may be. */
  data_use: DataUseSchema.optional(),
  /** What its code was refused, the latest first. */
  refusals: z.array(RefusalSchema).optional(),
  /** What a gateway answers, as `METHOD /path`, with the JSON Schema of its body. */
  routes: z.array(z.object({
    route: z.string(),
    body: z.record(z.string(), z.unknown()).optional(),
  })).optional(),
  /** What is wrong between it and the registry, or why it is unhealthy or has failed. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Paths of the prompt files it was made of. */
  prompts: z.array(z.string()).optional(),
  /** How far the last reload is. */
  reload: ReloadReportSchema.optional(),
});
/** How one agent is. */
export type AgentRecord = z.output<typeof AgentRecordSchema>;
