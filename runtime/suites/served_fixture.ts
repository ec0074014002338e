/**
 * Agents on ports of their own, wired by hand: for tests of what only shows on a real connection.
 *
 * @module
 */
import type { Servable } from "../define/servable.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import type { Host } from "../boundary/host.ts";
import { listen } from "../node/listen.ts";
import { operationsOf } from "../define/manifest.ts";
import type { Log } from "../base/log.ts";
import { callTool, type ToolCall } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { MeshNode } from "../node/node.ts";

/** An agent that is served. */
export interface Served extends AsyncDisposable {
  readonly node: MeshNode;
  readonly endpoint: string;
  /** Calls one of its tools over HTTP. */
  call(tool: string, call?: Partial<ToolCall>): Promise<unknown>;
}

/** Serves an agent, or what is behind a host, on a free port of this machine. */
export async function served(
  agent: Servable | Host,
  env: Readonly<Record<string, string>> = {},
  log: Log = () => {},
): Promise<Served> {
  const host = "invoke" in agent ? agent : hostInThread(agent);
  const { manifest } = host;
  const node = new MeshNode({
    host,
    config: agentConfig({ MCP_MESH_AGENT_ID: `${manifest.name}-1`, ...env }, manifest),
    log,
    fetch,
  });
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    maxConnections: node.config.maxConnections,
    handler: (request) => node.fetch(request),
  });
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

/** Wires every dependency of some tools or routes of `consumer` to a tool of `provider`, and no others. */
export function wire(
  consumer: Served,
  keys: string | readonly string[],
  provider: Served,
  functionName: string,
): void {
  const wired = operationsOf(consumer.node.manifest).filter(({ key }) =>
    [keys].flat().includes(key)
  );
  consumer.node.apply({
    dependencies_resolved: Object.fromEntries(wired.map(({ key, dependencies }) => [
      key,
      dependencies.map(({ capability }) => ({
        agent_id: provider.node.config.agentId,
        function_name: functionName,
        endpoint: provider.endpoint,
        capability,
        status: "available",
        runtime: "deno",
      })),
    ])),
  });
}
