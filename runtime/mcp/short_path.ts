/**
 * The short path of `/mcp` (design §4): plain `tools/call` and `tools/list` requests are answered
 * without the SDK, which builds a server for each. A request is plain when nothing about it needs a
 * decision; everything else, every refusal included, is the SDK's. What is answered here is answered
 * as the SDK would: short_path_test.ts holds the two paths equal.
 *
 * @module
 */
import { Deadlines } from "../deadline.ts";
import { isMeshError } from "../errors.ts";
import { type AgentServer, LARGEST_BODY, type McpServer } from "./agent_server.ts";
import { Exchange } from "./exchange.ts";
import { type Era, plainEra, plainRequest } from "./plain_request.ts";
import type { AgentMcp } from "./server.ts";
import { ToolLists } from "./tool_lists.ts";
import { whole } from "./whole_answer.ts";

/** Longest time a request may take to arrive, in milliseconds. */
const BODY_MS = 30_000;

/**
 * The MCP face of an agent.
 *
 * @param rest Answers what is not plain.
 * @param mcp Signs questions.
 */
export function shortPath(agent: AgentServer, rest: McpServer, mcp: AgentMcp): McpServer {
  const lists = new ToolLists();
  const deadlines = new Deadlines();
  const answer = (request: Request, text: string, era: Era): Promise<Response> => {
    const plain = plainRequest(text, era, request.headers);
    const { manifest } = agent;
    if (plain === undefined || (plain.isModern && lists.hasHeaders(manifest, plain.name))) {
      return rest.fetch(again(request, text));
    }
    if (plain.method === "tools/list") {
      return Promise.resolve(whole(plain, lists.of(manifest, plain.isModern)));
    }
    const exchange = new Exchange({ agent, mcp, deadlines, request, plain });
    return exchange.answer.catch((error) => {
      // A tool that does not exist is the SDK's to refuse.
      if (isMeshError(error, "not_found")) return rest.fetch(again(request, text));
      throw error;
    });
  };
  const tooLate = new Response(null, { status: 408 });
  return {
    ...rest,
    fetch(request) {
      const era = request.method === "POST" ? plainEra(request.headers, LARGEST_BODY) : undefined;
      if (era === undefined) return rest.fetch(request);
      const deadline = deadlines.start(BODY_MS);
      return new Promise((resolve, reject) => {
        deadline.onEnd = () => resolve(tooLate.clone());
        request.text().then((text) => {
          deadline[Symbol.dispose]();
          resolve(answer(request, text, era));
        }, reject);
      });
    },
    async close() {
      deadlines[Symbol.dispose]();
      await rest.close();
    },
  };
}

/** The request as it was before its body was read. */
function again(request: Request, body: string): Request {
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, body, signal });
}
