/**
 * Tool calls through the registry's `/mcp`, beside the same agent called directly, through `/proxy`,
 * and through the SDK's handler in front of the same gateway. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "../../.ci/bench/load.ts";
import type { Row, Section } from "../../.ci/bench/section.ts";
import { type ServerProcess, startServer } from "../../.ci/bench/server_process.ts";

const LEGACY = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2025-11-25",
};
const MODERN = {
  ...LEGACY,
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "add",
};
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
/** Ten rows are measured: each for less long than usual, milliseconds. */
const TIMES = { durationMs: 2_000, warmupMs: 500 };
/** Between two looks whether the agent has joined, milliseconds. */
const LOOK_EVERY_MS = 50;

function body(meta?: Record<string, unknown>): string {
  const params = { name: "add", arguments: { a: 19, b: 23 }, ...(meta && { _meta: meta }) };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

function program(path: string): string[] {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return ["run", "--quiet", "-A", "--no-prompt", file];
}

async function joined(registry: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${registry}/agents?status=healthy`);
    if ((await response.json()).count > 0) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Runs the benchmark; about 30 s. */
export async function benchGateway(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const database = join(folder, "registry.kv");
  try {
    await using registry = await startServer((port) => [
      ...program("../main.ts"),
      ...["--host", "127.0.0.1", "--port", String(port), "--kv", database],
    ]);
    const url = `http://127.0.0.1:${registry.port}`;
    await using agent = await startServer(
      () => program("../../runtime/mcp/testdata/adder_agent.ts"),
      { MCP_MESH_REGISTRY_URL: url },
    );
    await joined(url);
    const section = async (title: string, connections: number): Promise<Section> => {
      const row = async (
        row: Pick<Row, "what" | "role">,
        server: ServerProcess,
        path: string,
        headers: Record<string, string> = LEGACY,
        meta?: Record<string, unknown>,
      ): Promise<Row> => ({
        ...row,
        ...await measure({
          hostname: "127.0.0.1",
          port: server.port,
          cpuSeconds: server.cpuSeconds,
          connections,
          ...TIMES,
          request: { method: "POST", path, headers, body: body(meta) },
          expects: '"structuredContent":{"sum":42}',
        }),
      });
      const proxy = `/proxy/127.0.0.1:${agent.port}/mcp`;
      // A spelling that leaves something to decide, and is therefore the SDK's.
      const sdk = { ...LEGACY, "content-type": "application/json; charset=utf-8" };
      return {
        title,
        rows: [
          await row({ what: "/mcp, 2025-11-25" }, registry, "/mcp"),
          await row({ what: "/mcp, 2026-07-28" }, registry, "/mcp", MODERN, ENVELOPE),
          await row({ what: "/mcp by the SDK", role: "peer" }, registry, "/mcp", sdk),
          await row({ what: "/proxy" }, registry, proxy),
          await row({ what: "the agent itself", role: "limit" }, agent, "/mcp"),
        ],
      };
    };
    return [
      await section("Calls through the registry, 16 at a time", 16),
      await section("Calls through the registry, one at a time", 1),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
