/**
 * An agent in front of an MCP server, as its callers see it.
 *
 * @module
 */
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import * as z from "zod";
import { callTool } from "../mcp/client.ts";
import { type TestAgent, testMesh } from "../testing/mesh.ts";
import { mcpAgent, type McpAgentDefinition } from "./mcp_agent.ts";

/** What must not be seen. */
export const SECRET = "Bearer a-secret";

/** An agent in front of a server, in a mesh of its own. */
export interface Bridged extends AsyncDisposable {
  readonly member: TestAgent;
  readonly lines: string[];
  /** Resolves with the first line from now on that contains `text`. */
  line(text: string): Promise<string>;
  /** An MCP client of the agent. */
  client(options?: ClientOptions): Promise<Client & AsyncDisposable>;
  /** A call as another agent makes it; the result as it is on the wire. */
  raw(tool: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<unknown>;
}

/** Puts an agent in front of a server. */
export async function bridged(
  definition: Omit<McpAgentDefinition, "name">,
  env: Record<string, string> = {},
): Promise<Bridged> {
  const lines: string[] = [];
  const waiting = new Map<string, (line: string) => void>();
  const mesh = testMesh();
  const member = await mesh.join(
    mcpAgent({ name: "foreign", ...definition } as McpAgentDefinition),
    {
      env: { MCP_MESH_LOG_LEVEL: "debug", ...env },
      log: (line) => {
        lines.push(line);
        for (const [text, resolve] of waiting) if (line.includes(text)) resolve(line);
      },
    },
  );
  const { node } = member;
  return {
    member,
    lines,
    line: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    client: async (options) => {
      const client = new Client({ name: "test", version: "1.0.0" }, options);
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
          fetch: (input, init) => node.fetch(new Request(input, init)),
        }),
      );
      return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
    },
    raw: (tool, args = {}, signal = new AbortController().signal) =>
      callTool((input, init) => node.fetch(onTheWire(input, init)), {
        endpoint: node.endpoint,
        tool,
        args,
        signal,
        remainingMs: 10_000,
        headers: { "x-mesh-own": "1", traceparent: "00-1-2-01" },
      }),
    [Symbol.asyncDispose]: () => mesh[Symbol.asyncDispose](),
  };
}

/** A request as it arrives, with its length, so that it is answered as other agents are. */
export function onTheWire(input: RequestInfo | URL, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  headers.set("content-length", String(String(init.body).length));
  return new Request(input, { ...init, headers });
}

/** A client of the 2026 era. */
export const MODERN: ClientOptions = { versionNegotiation: { mode: { pin: "2026-07-28" } } };
/** A client of each era. */
export const CLIENT_ERAS: ClientOptions[] = [{}, MODERN];

/** A result as it is on the wire: the client's own methods drop what they do not know. */
export async function rawResult(
  client: Client,
  method: string,
  params: Record<string, unknown>,
): Promise<{ result: Record<string, unknown> }> {
  return { result: await client.request({ method, params }, z.looseObject({})) };
}
