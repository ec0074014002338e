/**
 * The audit trail of a resolution: `data` of the events `dependency_resolved` and
 * `dependency_unresolved`, and of the answer to `GET /why`. Readers accept the reference's `null` for
 * an empty list.
 *
 * @module
 */
import * as z from "zod";

const jsonObject = z.record(z.string(), z.unknown());

/** A candidate that a stage turned away; `id` is `agent:function`. */
export const AuditEvictionSchema = z.object({
  id: z.string(),
  reason: z.string(),
  details: jsonObject.nullish().transform((details) => details ?? {}),
});
/** A candidate that a stage turned away. */
export type AuditEviction = z.output<typeof AuditEvictionSchema>;

/** What one stage kept and turned away; ids are `agent:function`. */
export const AuditStageSchema = z.object({
  stage: z.string(),
  kept: z.array(z.string()).nullish().transform((ids) => ids ?? []),
  evicted: z.array(AuditEvictionSchema).nullish().transform((list) => list ?? []),
  chosen: z.string().optional(),
  reason: z.string().optional(),
});
/** What one stage kept and turned away. */
export type AuditStage = z.output<typeof AuditStageSchema>;

/** What a dependency asks for. */
export const AuditSpecSchema = z.object({
  capability: z.string(),
  tags: z.array(z.unknown()).nullish(),
  /** Of each of these one is wanted. Our addition. */
  tag_groups: z.array(z.array(z.string())).nullish(),
  version_constraint: z.string().nullish(),
  /** `none` when the dependency names no match mode. */
  schema_mode: z.string().default("none"),
});
/** What a dependency asks for. */
export type AuditSpec = z.output<typeof AuditSpecSchema>;

/** The tool a dependency leads to. */
export const AuditChoiceSchema = z.object({
  agent_id: z.string(),
  endpoint: z.string(),
  function_name: z.string(),
});

/** How one dependency was resolved. */
export const ResolutionAuditSchema = z.object({
  consumer: z.string(),
  /** Position among the dependencies of its function, from 0. */
  dep_index: z.number(),
  spec: AuditSpecSchema,
  stages: z.array(AuditStageSchema).nullish().transform((stages) => stages ?? []),
  chosen: AuditChoiceSchema.nullish(),
  /** Agent it led to before. */
  prior_chosen: z.string().nullish(),
});
/** How one dependency was resolved. */
export type ResolutionAudit = z.output<typeof ResolutionAuditSchema>;
