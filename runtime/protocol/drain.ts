/**
 * The answer to `GET`, `POST` and `DELETE /admin/drain`.
 *
 * @module
 */
import * as z from "zod";

/** Whether the registry hands out jobs. */
export const DrainStateSchema = z.object({
  /** No job is handed out. */
  draining: z.boolean(),
  /** Jobs that are being worked on. */
  live_claims: z.number(),
});
/** Whether the registry hands out jobs. */
export type DrainState = z.output<typeof DrainStateSchema>;
