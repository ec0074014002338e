/**
 * The short path of `/mcp` (design §4): plain `tools/call` and `tools/list` requests are answered
 * without the SDK, which builds a server for each. A request is plain when nothing about it needs a
 * decision; everything else is the SDK's, every refusal included but those of messages that do not
 * arrive, or are too large or too deep: no path gets to see them. What is answered here is answered as
 * the SDK would: short_path_test.ts holds the two paths equal.
 *
 * @module
 */
import { Deadlines } from "../base/deadline.ts";
import { answerForm, withUsualAccept } from "../base/answer_form.ts";
import { Arrivals } from "../base/arrivals.ts";
import type { AgentServer, McpServer } from "./agent_server.ts";
import { Exchange } from "./exchange.ts";
import { plainEra } from "./plain_request.ts";
import type { AgentMcp } from "./server.ts";

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
  const arrivals = new Arrivals();
  const path = { agent, rest, mcp, deadlines, arrivals, lists: mcp.lists };
  return {
    ...rest,
    fetch(request) {
      const { method, headers } = request;
      if (method !== "POST") {
        const usual = withUsualAccept(headers);
        return rest.fetch(usual === headers ? request : new Request(request, { headers: usual }));
      }
      const form = answerForm(headers.get("accept"));
      const isPlain = form !== undefined && !(hasSessions && headers.has("mcp-session-id"));
      const era = isPlain ? plainEra(headers) : undefined;
      return new Exchange(path, request, era, form).answer;
    },
    async close() {
      deadlines[Symbol.dispose]();
      await rest.close();
    },
  };
}
