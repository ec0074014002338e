/**
 * What `meshctl start --mcp` tells the agent it starts: plain JSON in a variable of that agent's
 * process alone, because headers and variables may be secrets and command lines can be read by
 * everybody on a machine.
 *
 * @module
 */
import * as z from "zod";

/** The variable that holds a {@linkcode ServerPlan}. */
export const SERVER_PLAN_VARIABLE = "MCP_MESH_MCP_SERVER";

const strings = z.record(z.string(), z.string());

/** An MCP server to make an agent of. */
export const ServerPlanSchema = z.object({
  name: z.string(),
  tags: z.array(z.string()),
  /** The URL or command line as messages may show it. */
  label: z.string(),
  url: z.string().optional(),
  headers: strings.optional(),
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  env: strings.optional(),
});
/** An MCP server to make an agent of. */
export type ServerPlan = z.output<typeof ServerPlanSchema>;
