/**
 * The answer to `GET /why`: why a dependency is resolved or not, in plain sentences. Our addition to
 * the reference's protocol.
 *
 * @module
 */
import * as z from "zod";
import { AuditChoiceSchema, AuditStageSchema } from "./audit.ts";

/** Why a dependency is resolved or not, and what would resolve it. */
export const ExplanationSchema = z.object({
  resolved: z.boolean(),
  chosen: AuditChoiceSchema.optional(),
  sentences: z.array(z.string()),
  /** What to do; absent for a resolved dependency. */
  fix: z.string().optional(),
  stages: z.array(AuditStageSchema),
});
/** Why a dependency is resolved or not, and what would resolve it. */
export type Explanation = z.output<typeof ExplanationSchema>;
