/**
 * The tools of an agent as it describes them itself.
 *
 * @module
 */
import * as z from "zod";
import type { CliError } from "../base/exit.ts";
import { type McpTarget, sendMcpRequest } from "./mcp_request.ts";

const ToolListSchema = z.object({
  tools: z.array(z.object({
    name: z.string(),
    description: z.string().optional(),
    inputSchema: z.record(z.string(), z.unknown()).optional(),
    _meta: z.object({
      /** The schema of one chunk of a tool that streams. */
      "mesh/chunk": z.record(z.string(), z.unknown()).optional(),
    }).optional().catch(undefined),
  })),
  nextCursor: z.string().optional(),
});

/** A tool as its agent describes it. */
export type AgentTool = z.output<typeof ToolListSchema>["tools"][number];

/** Whom to ask, and how. */
export interface AgentQuestion {
  target: McpTarget;
  headers?: [string, string][];
  /** Limit of each request, seconds. */
  timeout: number;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The error for a registry that does not answer. */
  unreachable(cause: unknown): CliError;
}

/** Most pages of a list that are read. */
const MOST_PAGES = 100;

/**
 * Asks an agent for its tools, all pages of them.
 *
 * @returns An empty list when it has none to tell.
 * @throws {CliError} when the agent or the registry does not answer.
 */
export async function readAgentTools(question: AgentQuestion): Promise<AgentTool[]> {
  const tools: AgentTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await sendMcpRequest({
      ...question,
      method: "tools/list",
      params: cursor === undefined ? {} : { cursor },
    });
    if (answer.kind === "error") break;
    const { data } = ToolListSchema.safeParse(answer.result);
    tools.push(...data?.tools ?? []);
    cursor = data?.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}
