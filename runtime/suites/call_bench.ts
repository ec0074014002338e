/**
 * What calls from agent to agent cost, timed inside the calling handler: one hop over the same fetch
 * written by hand, two hops, giving up a call, streams. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { medians } from "../../.ci/bench/in_turns.ts";
import { type Measured, oneByOne } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { isolatedAgent } from "../mcp/server_bench.ts";
import type { Isolation } from "./hosts_fixture.ts";

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

/** Rounds of streams; the hosts take turns. */
const STREAM_ROUNDS = 5;

/** Runs the benchmark, a section of calls a host and one of streams; about 90 s. */
export async function benchHop(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  try {
    await using running = new AsyncDisposableStack();
    const meshes: SmallMesh[] = [];
    for (const host of ["process", "worker", "thread"] as const) {
      meshes.push(running.use(await startMesh(host, folder)));
    }
    const sections: Section[] = [];
    for (const mesh of meshes) sections.push(await callSection(mesh));
    return [...sections, await streamSection(meshes)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A registry and four agents that call each other. */
interface SmallMesh extends AsyncDisposable {
  readonly host: Isolation | "thread";
  /** Calls a tool of the agent that times its calls. */
  ask(tool: string, args: Record<string, unknown>): Promise<unknown>;
  /** Where the agent listens that the others call. */
  readonly adder: string;
}

async function startMesh(host: SmallMesh["host"], folder: string): Promise<SmallMesh> {
  const running = new AsyncDisposableStack();
  const registry = running.use(
    await startServer((port) => [
      ...program("../../registry/main.ts"),
      ...["--host", "127.0.0.1", "--port", String(port)],
      ...["--kv", join(folder, `${host}.kv`)],
    ]),
  );
  const env = { MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.port}` };
  const agent = async (path: string) =>
    running.use(
      await startServer(
        () => host === "thread" ? program(path) : isolatedAgent(host, fromHere(path), folder),
        env,
      ),
    );
  const adder = await agent("../mcp/testdata/adder_agent.ts");
  await agent("./testdata/far_agent.ts");
  await agent("./testdata/middle_agent.ts");
  const caller = await agent("./testdata/caller_agent.ts");
  return {
    host,
    adder: `http://127.0.0.1:${adder.port}/mcp`,
    ask: async (tool, args) =>
      decodeResult(
        await callTool(fetch, {
          endpoint: `http://127.0.0.1:${caller.port}`,
          tool,
          args,
          signal: AbortSignal.timeout(PATIENCE_MS),
          remainingMs: PATIENCE_MS,
          headers: {},
        }),
      ),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function callSection({ host, adder, ask }: SmallMesh): Promise<Section> {
  // What the tools' output schemas say.
  const calls = async (rounds: number) =>
    await ask("time_calls", { url: adder, rounds }) as { mesh: number[]; byHand: number[] };
  const times = async (tool: string, rounds: number) => await ask(tool, { rounds }) as number[];
  await calls(WARMUP_ROUNDS);
  const { mesh, byHand } = await calls(ROUNDS);
  await times("time_two_hops", WARMUP_ROUNDS);
  return {
    title: `Calls, agent to agent, code in a ${host}`,
    rows: [
      { what: "one hop", ...oneByOne(mesh) },
      { what: "two hops", ...oneByOne(await times("time_two_hops", ROUNDS)) },
      { what: "fetch by hand, one hop", role: "limit", ...oneByOne(byHand) },
      { what: "abort, two hops away", ...oneByOne(await times("time_aborts", ABORTS)) },
    ],
  };
}

async function streamSection(meshes: readonly SmallMesh[]): Promise<Section> {
  // What the tool's output schema says.
  const streams = async ({ ask }: SmallMesh, chunks: number) =>
    await ask("time_streams", { chunks }) as { straight: number; over: number };
  for (const mesh of meshes) await streams(mesh, CHUNKS / 10);
  const straight = meshes.map((): Measured[] => []);
  const over = meshes.map((): Measured[] => []);
  for (let round = 0; round < STREAM_ROUNDS; round++) {
    for (const [index, mesh] of meshes.entries()) {
      const took = await streams(mesh, CHUNKS);
      straight[index]?.push(chunkRate(took.straight));
      over[index]?.push(chunkRate(took.over));
    }
  }
  return {
    title: "Chunks of a stream",
    rows: meshes.flatMap(({ host }, index) => [
      { what: `one hop, code in a ${host}`, ...medians(straight[index] ?? []) },
      { what: `two hops, code in a ${host}`, ...medians(over[index] ?? []) },
    ]),
  };
}

function chunkRate(ms: number): Measured {
  return { perSecond: CHUNKS / ms * 1000, p50Ms: ms / CHUNKS, p99Ms: NaN };
}
