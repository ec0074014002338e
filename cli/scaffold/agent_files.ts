/**
 * From a plan to the files of an agent, with paths relative to its own folder.
 *
 * @module
 */
import type { AgentPlan, ScaffoldFile } from "./agent_plan.ts";
import { apiGatewayFiles } from "./api_gateway.ts";
import { llmAgentFiles } from "./llm_agent.ts";
import { llmProviderFiles } from "./llm_provider.ts";
import { toolAgentFiles } from "./tool_agent.ts";

/** The files of an agent. */
export function agentFiles(plan: AgentPlan): ScaffoldFile[] {
  switch (plan.kind) {
    case "tool":
      return toolAgentFiles(plan);
    case "llm-agent":
      return llmAgentFiles(plan);
    case "llm-provider":
      return llmProviderFiles(plan);
    case "api":
      return apiGatewayFiles(plan);
  }
}
