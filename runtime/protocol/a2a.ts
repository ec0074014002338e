/**
 * A2A surfaces: `GET /a2a/agents`, and what an agent that offers some is told in its heartbeat.
 *
 * @module
 */
import * as z from "zod";

/** One A2A surface; the addresses are only there where the registry knows its public one. */
export const A2aSurfaceSchema = z.object({
  path: z.string(),
  skill_id: z.string(),
  public_url: z.string().optional(),
  agent_card_url: z.string().optional(),
});
/** One A2A surface. */
export type A2aSurface = z.output<typeof A2aSurfaceSchema>;

/** Answer to `GET /a2a/agents`. */
export const A2aSurfaceListSchema = z.object({ surfaces: z.array(A2aSurfaceSchema) });
/** Answer to `GET /a2a/agents`. */
export type A2aSurfaceList = z.output<typeof A2aSurfaceListSchema>;
