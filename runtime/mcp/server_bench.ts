/**
 * Tool calls a second through one agent's `/mcp`, in each isolation, beside the handlers of both versions
 * of the SDK with the same tool and a bare JSON handler. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Contender, measureInTurns } from "../../.ci/bench/in_turns.ts";
import { memoryPerConnection } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import type { HostPlan } from "../process/plan.ts";
import { CODE_ARGS, codeCaches, type Isolation } from "../suites/hosts_fixture.ts";

/** A call of the tool `add`, as MCP 2025-11-25 clients send it. */
export const CALL = {
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

/**
 * Returns arguments of `deno` that run an agent module with its code isolated.
 *
 * @param folder For its record and Deno's caches.
 */
export async function isolatedAgent(
  isolation: Isolation,
  url: URL,
  folder: string,
  env: string[] = [],
): Promise<string[]> {
  // Alone in its folder: what the records in it name is a port of the mesh, which agents do not reach.
  const own = await Deno.makeTempDir({ dir: folder });
  const code = {
    args: CODE_ARGS,
    deno_dir: await codeCaches(),
    cwd: folder,
    closed: [],
    unwritable: [],
  };
  const plan: HostPlan = {
    agents: [{
      file: fileURLToPath(url),
      name: "bench",
      record: join(own, "record.json"),
      permissions: { net: true, env },
      ...(isolation === "process" && { code }),
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

/** Nothing listens there: the agent serves without a registry. */
const ALONE = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9", ...traced(false) };

/** Runs the benchmark, with the memory a kept connection costs; about 80 s. */
export async function benchToolCalls(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const agent = new URL("./testdata/adder_agent.ts", import.meta.url);
  const asked = { request: CALL, expects: '"structuredContent":{"sum":42}' };
  const isolated = (isolation: Isolation) => () => isolatedAgent(isolation, agent, folder);
  const bare = (name: string) => (port: number) => [...program(name), String(port)];
  const contenders: Contender[] = [
    { what: "agent, code in a process", args: isolated("process") },
    { what: "agent, code in a worker", args: isolated("worker") },
    { what: "agent, code in thread", args: () => program("./testdata/adder_agent.ts") },
    { what: "MCP SDK v2 handler", role: "peer", args: bare("./testdata/adder_sdk.ts") },
    { what: "MCP SDK v1 handler", args: bare("./testdata/adder_sdk_v1.ts") },
    { what: "bare JSON handler", role: "limit", args: bare("./testdata/adder_bare.ts") },
  ];
  try {
    const rows = await measureInTurns(contenders.map((one) => ({ env: ALONE, ...one })), asked);
    for (const [index, row] of rows.entries()) {
      const contender = contenders[index];
      if (contender === undefined) continue;
      await using server = await startServer(contender.args, ALONE);
      const { port, memoryBytes } = server;
      const kib = await memoryPerConnection({ hostname: "127.0.0.1", port, memoryBytes, ...asked });
      if (kib !== undefined) row.kibPerConnection = kib;
    }
    return [{ title: "Tool calls through /mcp", rows }, {
      title: "Tool calls through /mcp, all recorded",
      rows: await withSink((MCP_MESH_REGISTRY_URL) =>
        measureInTurns([
          {
            what: "agent, tracing off",
            role: "peer",
            args: isolated("process"),
            env: { MCP_MESH_REGISTRY_URL, ...traced(false) },
          },
          {
            what: "agent, tracing on",
            args: isolated("process"),
            env: { MCP_MESH_REGISTRY_URL, ...traced(true) },
          },
        ], asked)
      ),
    }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
