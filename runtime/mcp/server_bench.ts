/**
 * Tool calls a second through one agent's `/mcp`, in both hosts, beside the handlers of both versions
 * of the SDK with the same tool and a bare JSON handler. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "../../.ci/bench/load.ts";
import type { Row, Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import type { HostPlan } from "../process/plan.ts";

/** A call of the tool `add`, as MCP 2025-11-25 clients send it. */
const CALL = {
  method: "POST",
  path: "/mcp",
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "add", arguments: { a: 19, b: 23 } },
  }),
};

/** Arguments of `deno` that run a module of this folder. */
function program(name: string): string[] {
  return ["run", "--quiet", "-A", "--no-prompt", fileURLToPath(new URL(name, import.meta.url))];
}

/** Arguments of `deno` that run an agent module with its code in a sandbox. */
export function sandboxed(url: URL, folder: string, env: string[] = []): string[] {
  const file = fileURLToPath(url);
  const plan: HostPlan = {
    agents: [{
      file,
      name: "bench",
      record: join(folder, `${crypto.randomUUID()}.json`),
      permissions: { net: true, env },
    }],
    prefix: false,
    commands: false,
    tied: false,
    watched: false,
  };
  return [...program("../process/main.ts"), JSON.stringify(plan)];
}

function traced(on: boolean): Record<string, string> {
  return { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: String(on) };
}

/** Runs `body` with a registry that takes spans and forgets them. */
async function withSink<T>(body: (url: string) => Promise<T>): Promise<T> {
  await using server = await startServer((port) => [
    ...program("./testdata/span_sink.ts"),
    String(port),
  ]);
  return await body(`http://127.0.0.1:${server.port}`);
}

/** Runs the benchmark, with the memory a kept connection costs; about 40 s. */
export async function benchToolCalls(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const agent = new URL("./testdata/adder_agent.ts", import.meta.url);
  // Nothing listens there: the agent serves without a registry.
  const alone = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9", ...traced(false) };
  const row = async (
    row: Pick<Row, "what" | "role">,
    args: (port: number) => string[],
    env: Record<string, string> = alone,
  ) => {
    await using server = await startServer(args, env);
    const { port, cpuSeconds, memoryBytes } = server;
    const expects = '"structuredContent":{"sum":42}';
    const load = { hostname: "127.0.0.1", port, request: CALL, expects, cpuSeconds, memoryBytes };
    return { ...row, ...await measure(load) };
  };
  const bare = (name: string) => (port: number) => [...program(name), String(port)];
  try {
    return [{
      title: "Tool calls through /mcp",
      rows: [
        await row({ what: "agent, code in sandbox" }, () => sandboxed(agent, folder)),
        await row({ what: "agent, code in thread" }, () => program("./testdata/adder_agent.ts")),
        await row({ what: "MCP SDK v2 handler", role: "peer" }, bare("./testdata/adder_sdk.ts")),
        await row({ what: "MCP SDK v1 handler" }, bare("./testdata/adder_sdk_v1.ts")),
        await row({ what: "bare JSON handler", role: "limit" }, bare("./testdata/adder_bare.ts")),
      ],
    }, {
      title: "Tool calls through /mcp, all recorded",
      rows: await withSink(async (MCP_MESH_REGISTRY_URL) => [
        await row({ what: "agent, tracing off", role: "peer" }, () => sandboxed(agent, folder), {
          MCP_MESH_REGISTRY_URL,
          ...traced(false),
        }),
        await row({ what: "agent, tracing on" }, () => sandboxed(agent, folder), {
          MCP_MESH_REGISTRY_URL,
          ...traced(true),
        }),
      ]),
    }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
