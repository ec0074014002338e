/**
 * The messages of the registry as JSON Schemas, made from the schemas that read and type them.
 *
 * @module
 */
import * as z from "zod";
import { A2aSurfaceListSchema, A2aSurfaceSchema } from "../../runtime/protocol/a2a.ts";
import { AuditStageSchema, ResolutionAuditSchema } from "../../runtime/protocol/audit.ts";
import { DrainStateSchema } from "../../runtime/protocol/drain.ts";
import {
  AgentInfoSchema,
  AgentListSchema,
  CapabilityInfoSchema,
  EventListSchema,
  EventSchema,
  RegistryHealthSchema,
} from "../../runtime/protocol/listing.ts";
import {
  DependencySchema,
  HeartbeatResponseSchema,
  RegistrationSchema,
  ResolvedDependencySchema,
  SurfaceSchema,
  ToolSchema,
} from "../../runtime/protocol/registration.ts";
import {
  StoredSchemaListSchema,
  StoredSchemaSchema,
} from "../../runtime/protocol/stored_schema.ts";
import { SpanBatchSchema, SpanReceiptSchema, SpanSchema } from "../../runtime/protocol/trace.ts";
import {
  AmbiguousTraceSchema,
  CompletedTraceSchema,
  TraceListSchema,
  TraceStatsSchema,
  TraceStatusSchema,
} from "../../runtime/protocol/trace_view.ts";
import { ExplanationSchema } from "../../runtime/protocol/why.ts";

const NAMED = {
  A2aSurface: A2aSurfaceSchema,
  A2aSurfaceList: A2aSurfaceListSchema,
  AgentInfo: AgentInfoSchema,
  AgentList: AgentListSchema,
  AmbiguousTrace: AmbiguousTraceSchema,
  AuditStage: AuditStageSchema,
  BadParameter: z.object({ msg: z.string() }),
  CapabilityInfo: CapabilityInfoSchema,
  CompletedTrace: CompletedTraceSchema,
  Dependency: DependencySchema,
  DrainState: DrainStateSchema,
  Event: EventSchema,
  EventList: EventListSchema,
  Explanation: ExplanationSchema,
  HeartbeatResponse: HeartbeatResponseSchema,
  JobList: z.object({ jobs: z.array(z.never()), next_cursor: z.null() }),
  Problem: z.object({ error: z.string(), timestamp: z.string() }),
  Registration: RegistrationSchema,
  RegistryHealth: RegistryHealthSchema,
  ResolutionAudit: ResolutionAuditSchema,
  ResolvedDependency: ResolvedDependencySchema,
  Span: SpanSchema,
  SpanBatch: SpanBatchSchema,
  SpanReceipt: SpanReceiptSchema,
  StoredSchema: StoredSchemaSchema,
  StoredSchemaList: StoredSchemaListSchema,
  Surface: SurfaceSchema,
  Tool: ToolSchema,
  TraceList: TraceListSchema,
  TraceStats: TraceStatsSchema,
  TraceStatus: TraceStatusSchema,
} satisfies Record<string, z.ZodType>;

/** The name of a message. */
export type SchemaName = keyof typeof NAMED;

/** A message. */
export type Message<Name extends SchemaName> = z.output<(typeof NAMED)[Name]>;

/** Whether a text is the name of a message. */
export function isSchemaName(name: string): name is SchemaName {
  return Object.hasOwn(NAMED, name);
}

/** Where a message's schema stands in the description. */
export function schemaPlace(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Every message's JSON Schema, by name. */
export function messageSchemas(): Record<string, Record<string, unknown>> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) named.add(schema, { id });
  // Messages are described as they go over the wire: before they are read.
  const { schemas } = z.toJSONSchema(named, {
    io: "input",
    unrepresentable: "any",
    uri: schemaPlace,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $id: _, $schema: __, ...schema }]) => [name, schema]),
  );
}
