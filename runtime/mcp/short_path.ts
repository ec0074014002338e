/**
 * The short path of `/mcp` (design §4): plain `tools/call` and `tools/list` requests are answered
 * without the SDK, which builds a server for each. A request is plain when nothing about it needs a
 * decision; everything else, every refusal included, is the SDK's. What is answered here is answered
 * as the SDK would: short_path_test.ts holds the two paths equal.
 *
 * @module
 */
import { Deadlines } from "../deadline.ts";
import { type AgentServer, LARGEST_BODY, type McpServer } from "./agent_server.ts";
import { Exchange } from "./exchange.ts";
import { plainEra } from "./plain_request.ts";
import type { AgentMcp } from "./server.ts";
import { ToolLists } from "./tool_lists.ts";

/**
 * The MCP face of an agent.
 *
 * @param rest Answers what is not plain.
 * @param mcp Signs questions.
 * @param hasSessions Whether `rest` serves sessions, whose requests are all its own.
 */
export function shortPath(
  agent: AgentServer,
  rest: McpServer,
  mcp: AgentMcp,
  hasSessions = false,
): McpServer {
  const deadlines = new Deadlines();
  const path = { agent, rest, mcp, deadlines, lists: new ToolLists() };
  return {
    ...rest,
    fetch(request) {
      const { method, headers } = request;
      const isMine = method === "POST" && !(hasSessions && headers.has("mcp-session-id"));
      const era = isMine ? plainEra(headers, LARGEST_BODY) : undefined;
      return era === undefined ? rest.fetch(request) : new Exchange(path, request, era).answer;
    },
    async close() {
      deadlines[Symbol.dispose]();
      await rest.close();
    },
  };
}
