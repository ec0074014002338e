/**
 * Canonical schemas as the registry stores them: `GET /schemas`, `GET /schemas/{hash}`.
 *
 * @module
 */
import * as z from "zod";

/** One canonical schema. */
export const StoredSchemaSchema = z.object({
  /** `sha256:` and 64 hexadecimal digits. */
  hash: z.string(),
  canonical: z.record(z.string(), z.unknown()),
  /** Runtime of the agent that was first to publish it. */
  runtime_origin: z.string(),
  created_at: z.string(),
  /**
   * The schemas that agents declare under this hash, with the properties that the canonical form loses
   * (see `schema/canonical.ts`). Absent when it has lost none. Our addition: the reference has no such
   * field.
   */
  declared: z.array(z.record(z.string(), z.unknown())).optional(),
});
/** One canonical schema. */
export type StoredSchema = z.output<typeof StoredSchemaSchema>;

/** Answer to `GET /schemas`, newest first. Readers accept `null` for an empty list. */
export const StoredSchemaListSchema = z.object({
  schemas: z.array(StoredSchemaSchema).nullable().transform((schemas) => schemas ?? []),
  count: z.number(),
});
/** Answer to `GET /schemas`. */
export type StoredSchemaList = z.output<typeof StoredSchemaListSchema>;
