/**
 * The module of an agent that `meshctl start --mcp` starts: the same as a file with `mcpAgent()` in
 * it, except that a server that is not there at first is told at once instead of waited for.
 *
 * @module
 */
import { readVariables } from "../base/environment.ts";
import { errorText, MeshError } from "../base/errors.ts";
import { mcpAgentWith } from "./mcp_agent.ts";
import { SERVER_PLAN_VARIABLE, type ServerPlan, ServerPlanSchema } from "./server_plan.ts";

function readPlan(): ServerPlan {
  const text = readVariables([SERVER_PLAN_VARIABLE])[SERVER_PLAN_VARIABLE];
  try {
    return ServerPlanSchema.parse(JSON.parse(text ?? ""));
  } catch (error) {
    // Without what it holds, and without a cause that may quote it.
    const what = error instanceof SyntaxError ? "is no JSON" : errorText(error);
    throw new MeshError(
      "bad_config",
      `${SERVER_PLAN_VARIABLE}, which meshctl sets, cannot be used: ${what}`,
    );
  }
}

/** The agent. */
export default mcpAgentWith(readPlan(), { mustConnect: true });
