/**
 * What a language model behind a capability costs over the vendor asked by hand: answers and tokens,
 * with a vendor that takes no time. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneByOne } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { isolatedAgent } from "../mcp/server_bench.ts";
import { TOKENS } from "../llm/testdata/instant_vendor.ts";

const ROUNDS = 500;
/** Rounds before those that count. */
const WARMUP_ROUNDS = 100;
const TOKEN = "token ";
/** Nobody waits longer for one answer of a benchmark, milliseconds. */
const PATIENCE_MS = 60_000;

/** Variables the provider may read. */
const READABLE = ["OPENAI_*", "LITELLM_*"];

const here = (path: string) => new URL(path, import.meta.url);
const program = (path: string) => [
  ...["run", "--quiet", "-A", "--no-prompt"],
  fileURLToPath(here(path)),
];

/** Runs the benchmark; about 15 s. */
export async function benchLlm(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  try {
    await using vendor = await startServer((port) => [
      ...program("./testdata/instant_vendor.ts"),
      String(port),
    ]);
    await using registry = await startServer((port) => [
      ...program("../../registry/main.ts"),
      ...["--host", "127.0.0.1", "--port", String(port), "--kv", join(folder, "registry.kv")],
    ]);
    const url = `http://127.0.0.1:${vendor.port}/v1`;
    const env = {
      MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.port}`,
      OPENAI_BASE_URL: url,
      OPENAI_API_KEY: "any",
    };
    const agent = (path: string) =>
      startServer(() => isolatedAgent("process", here(path), folder, READABLE), env);
    await using _provider = await agent("./testdata/bench_provider.ts");
    await using asking = await agent("./testdata/asking_agent.ts");
    return await sections(url, async (tool, args) => {
      const answer = await callTool(fetch, {
        endpoint: `http://127.0.0.1:${asking.port}`,
        tool,
        args,
        signal: AbortSignal.timeout(PATIENCE_MS),
        remainingMs: PATIENCE_MS,
        headers: {},
      });
      return decodeResult(answer);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Ask = (tool: string, args: Record<string, unknown>) => Promise<unknown>;

async function sections(url: string, ask: Ask): Promise<Section[]> {
  // What the tools' output schemas say.
  const answers = async (rounds: number) =>
    await ask("time_answers", { url, rounds }) as { mesh: number[]; byHand: number[] };
  const tokens = async () =>
    await ask("time_tokens", { url }) as { mesh: number; byHand: number; characters: number };
  await answers(WARMUP_ROUNDS);
  const { mesh, byHand } = await answers(ROUNDS);
  await tokens();
  const streams = await tokens();
  if (streams.characters !== TOKENS * TOKEN.length) {
    throw new Error(`expected ${TOKENS} tokens, got ${streams.characters} characters`);
  }
  return [
    {
      title: "Answers of a language model that takes no time",
      rows: [
        { what: "llm, through its provider", ...oneByOne(mesh) },
        { what: "vendor by hand", role: "limit", ...oneByOne(byHand) },
      ],
    },
    {
      title: "Tokens of a language model that takes no time",
      rows: [
        { what: "llm, through its provider", ...tokenRate(streams.mesh) },
        { what: "vendor by hand", role: "limit", ...tokenRate(streams.byHand) },
      ],
    },
  ];
}

function tokenRate(ms: number) {
  return { perSecond: TOKENS / ms * 1000, p50Ms: ms / TOKENS, p99Ms: NaN };
}
