/**
 * What one hop from agent to agent costs over the same fetch written by hand: timed inside the
 * calling handler, both in turn. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, percentiles } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../mcp/result.ts";
import { sandboxed } from "../mcp/server_bench.ts";

const ROUNDS = 2_000;
/** Calls before those that count. */
const WARMUP_ROUNDS = 500;
/** Nobody waits longer for one answer of a benchmark, milliseconds. */
const PATIENCE_MS = 60_000;

const program = (
  path: string,
) => ["run", "--quiet", "-A", "--no-prompt", fileURLToPath(fromHere(path))];

function fromHere(path: string): URL {
  return new URL(path, import.meta.url);
}

/** Runs the benchmark, a section a host; about 10 s. */
export async function benchHop(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const database = join(folder, "registry.kv");
  try {
    await using registry = await startServer((port) => [
      ...program("../../registry/main.ts"),
      ...["--host", "127.0.0.1", "--port", String(port), "--kv", database],
    ]);
    const env = { MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.port}` };
    const provider = fromHere("../mcp/testdata/adder_agent.ts");
    await using adder = await startServer(() => sandboxed(provider, folder), env);
    const url = `http://127.0.0.1:${adder.port}/mcp`;
    const section = async (host: string, args: string[]): Promise<Section> => {
      await using caller = await startServer(() => args, env);
      const { mesh, byHand } = await timeCalls(caller.port, url);
      return {
        title: `One hop, agent to agent, code in ${host}`,
        rows: [
          { what: "dependency call", ...mesh },
          { what: "fetch by hand", role: "limit", ...byHand },
        ],
      };
    };
    return [
      await section("sandbox", sandboxed(fromHere("./testdata/caller_agent.ts"), folder)),
      await section("thread", program("./testdata/caller_agent.ts")),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function timeCalls(
  port: number,
  url: string,
): Promise<{ mesh: Measured; byHand: Measured }> {
  const call = async (rounds: number) =>
    decodeResult(
      await callTool(fetch, {
        endpoint: `http://127.0.0.1:${port}`,
        tool: "time_calls",
        args: { url, rounds },
        signal: AbortSignal.timeout(PATIENCE_MS),
        remainingMs: PATIENCE_MS,
        headers: {},
      }),
    ) as { mesh: number[]; byHand: number[] }; // The tool's output schema.
  await call(WARMUP_ROUNDS);
  const { mesh, byHand } = await call(ROUNDS);
  return { mesh: measured(mesh), byHand: measured(byHand) };
}

function measured(times: number[]): Measured {
  const total = times.reduce((sum, time) => sum + time, 0);
  return { perSecond: times.length / total * 1000, ...percentiles(times) };
}
