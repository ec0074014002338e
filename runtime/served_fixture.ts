/**
 * Agents on ports of their own, wired by hand: for tests of what only shows on a real connection.
 *
 * @module
 */
import type { Servable } from "./servable.ts";
import { agentConfig } from "./config.ts";
import { hostInThread } from "./host/in_thread.ts";
import { listen } from "./listen.ts";
import { callTool, type ToolCall } from "./mcp/client.ts";
import { decodeResult } from "./mcp/result.ts";
import { MeshNode } from "./node.ts";

/** An agent that is served. */
export interface Served extends AsyncDisposable {
  readonly node: MeshNode;
  readonly endpoint: string;
  /** Calls one of its tools over HTTP. */
  call(tool: string, call?: Partial<ToolCall>): Promise<unknown>;
}

/** Serves `agent` on a free port of this machine. */
export async function served(
  agent: Servable,
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const node = new MeshNode({
    host: hostInThread(agent),
    config: agentConfig({ MCP_MESH_AGENT_ID: `${agent.name}-1`, ...env }, agent.manifest()),
    log: () => {},
    fetch,
  });
  const listener = listen("127.0.0.1", 0, (request) => node.fetch(request));
  await node.join(listener.port, { standalone: true });
  return {
    node,
    endpoint: node.endpoint,
    call: async (tool, call = {}) =>
      decodeResult(
        await callTool(fetch, {
          endpoint: node.endpoint,
          tool,
          args: {},
          signal: new AbortController().signal,
          remainingMs: 30_000,
          headers: {},
          ...call,
        }),
      ),
    async [Symbol.asyncDispose]() {
      await node.shutdown(0);
      await listener.close(0);
    },
  };
}

/** Wires every dependency of `consumer`'s tool to a tool of `provider`. */
export function wire(consumer: Served, tool: string, provider: Served, functionName: string): void {
  const declared = consumer.node.manifest.tools.find(({ name }) => name === tool);
  consumer.node.apply({
    dependencies_resolved: {
      [tool]: (declared?.dependencies ?? []).map(({ capability }) => ({
        agent_id: provider.node.config.agentId,
        function_name: functionName,
        endpoint: provider.endpoint,
        capability,
        status: "available",
        runtime: "deno",
      })),
    },
  });
}
