/**
 * What calls from agent to agent cost, timed inside the calling handler: one hop over the same fetch
 * written by hand, two hops, giving up a call, streams. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneByOne } from "../../.ci/bench/load.ts";
import type { Row, Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { sandboxed } from "../mcp/server_bench.ts";

const ROUNDS = 2_000;
/** Calls before those that count. */
const WARMUP_ROUNDS = 500;
const ABORTS = 50;
const CHUNKS = 20_000;
/** Nobody waits longer for one answer of a benchmark, milliseconds. */
const PATIENCE_MS = 60_000;

const program = (
  path: string,
) => ["run", "--quiet", "-A", "--no-prompt", fileURLToPath(fromHere(path))];

function fromHere(path: string): URL {
  return new URL(path, import.meta.url);
}

/** Runs the benchmark, two sections a host; about 30 s. */
export async function benchHop(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const database = join(folder, "registry.kv");
  try {
    await using registry = await startServer((port) => [
      ...program("../../registry/main.ts"),
      ...["--host", "127.0.0.1", "--port", String(port), "--kv", database],
    ]);
    const env = { MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.port}` };
    const inSandbox = (path: string) => sandboxed(fromHere(path), folder);
    const inThread = (path: string) => program(path);
    return [
      ...await sections("sandbox", inSandbox, env),
      ...await sections("thread", inThread, env),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function sections(
  host: string,
  args: (path: string) => string[],
  env: Record<string, string>,
): Promise<Section[]> {
  await using adder = await startServer(() => args("../mcp/testdata/adder_agent.ts"), env);
  await using _far = await startServer(() => args("./testdata/far_agent.ts"), env);
  await using _middle = await startServer(() => args("./testdata/middle_agent.ts"), env);
  await using caller = await startServer(() => args("./testdata/caller_agent.ts"), env);
  const ask = async (tool: string, args: Record<string, unknown>) =>
    decodeResult(
      await callTool(fetch, {
        endpoint: `http://127.0.0.1:${caller.port}`,
        tool,
        args,
        signal: AbortSignal.timeout(PATIENCE_MS),
        remainingMs: PATIENCE_MS,
        headers: {},
      }),
    );
  // What the tools' output schemas say.
  const calls = async (rounds: number) =>
    await ask("time_calls", { url: `http://127.0.0.1:${adder.port}/mcp`, rounds }) as {
      mesh: number[];
      byHand: number[];
    };
  const times = async (tool: string, rounds: number) => await ask(tool, { rounds }) as number[];
  const streams = async (chunks: number) =>
    await ask("time_streams", { chunks }) as { straight: number; over: number };
  await calls(WARMUP_ROUNDS);
  const { mesh, byHand } = await calls(ROUNDS);
  await times("time_two_hops", WARMUP_ROUNDS);
  await streams(CHUNKS / 10);
  const { straight, over } = await streams(CHUNKS);
  return [
    {
      title: `Calls, agent to agent, code in ${host}`,
      rows: [
        { what: "one hop", ...oneByOne(mesh) },
        { what: "two hops", ...oneByOne(await times("time_two_hops", ROUNDS)) },
        { what: "fetch by hand, one hop", role: "limit", ...oneByOne(byHand) },
        { what: "abort, two hops away", ...oneByOne(await times("time_aborts", ABORTS)) },
      ],
    },
    {
      title: `Chunks of a stream, code in ${host}`,
      rows: [chunkRow("one hop", straight), chunkRow("two hops", over)],
    },
  ];
}

function chunkRow(what: string, ms: number): Row {
  return { what, perSecond: CHUNKS / ms * 1000, p50Ms: ms / CHUNKS, p99Ms: NaN };
}
