/**
 * The time that calls of a well-behaved agent take while another one in the same trusted process floods
 * it, answers very much, or is frozen with calls waiting, and the memory of that process. Part of
 * `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure, type Measured } from "../../.ci/bench/load.ts";
import type { Row, Section } from "../../.ci/bench/section.ts";
import { freePort, type ServerProcess, startServer } from "../../.ci/bench/server_process.ts";
import type { HostPlan } from "../process/plan.ts";
import { CALL } from "../mcp/server_bench.ts";
import { CODE_ARGS, codeCaches } from "./hosts_fixture.ts";

/** How long each kind of trouble lasts, milliseconds. */
const TROUBLE_MS = 8_000;
const MIB = 2 ** 20;
const ANSWER_LENGTH = 32 * MIB - 1_024;
/** Calls of the agent that is frozen. */
const WAITING = 10_000;
/** An agent refuses calls over its limit; this one may have all of them. */
const CONCURRENCY = { MCP_MESH_MAX_CONCURRENCY: String(2 * WAITING) };

/** Something that an agent does to its neighbour; returns what undoes it. */
type Trouble = (rogue: Rogue) => Promise<() => void>;

/** The agent that makes trouble. */
interface Rogue {
  /** Calls a tool until it is stopped. */
  keepCalling(tool: string, args?: Record<string, unknown>): () => void;
  /** Process id of its code. */
  pid(): Promise<number>;
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "nothing": () => Promise.resolve(() => {}),
  "floods messages": (rogue) => Promise.resolve(rogue.keepCalling("flood_messages")),
  "floods log lines": (rogue) => Promise.resolve(rogue.keepCalling("flood_log")),
  "floods its output": (rogue) => Promise.resolve(rogue.keepCalling("flood_output")),
  "answers 32 MiB": (rogue) =>
    Promise.resolve(rogue.keepCalling("answer", { length: ANSWER_LENGTH })),
  "is frozen, 10,000 calls wait": freeze,
};

async function freeze(rogue: Rogue): Promise<() => void> {
  const pid = await rogue.pid();
  Deno.kill(pid, "SIGSTOP");
  const stops = Array.from({ length: WAITING }, () => rogue.keepCalling("answer", { length: 10 }));
  return () => {
    for (const stop of stops) stop();
    Deno.kill(pid, "SIGCONT");
  };
}

/** Runs the benchmark; about 90 s. */
export async function benchNeighbours(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  const rows: Row[] = [];
  try {
    for (const [what, trouble] of Object.entries(TROUBLES)) {
      await using pair = await startPair(folder);
      rows.push(await measureBeside(what, trouble, pair));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return [{ title: "Calls of an agent, one at a time, whose neighbour …", rows }];
}

interface Pair extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly rogue: Rogue;
}

/** Starts one trusted process with two agents, each with its code in a process. */
async function startPair(folder: string): Promise<Pair> {
  const own = await Deno.makeTempDir({ dir: folder });
  const roguePort = freePort();
  const code = {
    args: CODE_ARGS,
    deno_dir: await codeCaches(),
    cwd: own,
    closed: [],
    unwritable: [],
  };
  const planned = (name: string, path: string) => ({
    file: fileURLToPath(new URL(path, import.meta.url)),
    name,
    record: join(own, `${name}.json`),
    permissions: { env: ["ROGUE_PORT"] },
    log: join(own, `${name}.log`),
    code,
  });
  const plan: HostPlan = {
    agents: [
      planned("rogue", "./testdata/rogue_agent.ts"),
      planned("adder", "../mcp/testdata/adder_agent.ts"),
    ],
    prefix: false,
    commands: false,
    tied: false,
    watched: false,
  };
  const main = fileURLToPath(new URL("../process/main.ts", import.meta.url));
  const args = ["run", "--quiet", "-A", "--no-prompt", main, JSON.stringify(plan)];
  const server = await startServer(() => args, {
    // Nothing listens there.
    MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9",
    ROGUE_PORT: String(roguePort),
    ...CONCURRENCY,
  });
  const rogue = rogueAt(roguePort, join(own, "rogue.json"));
  return { server, rogue, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function rogueAt(port: number, record: string): Rogue {
  return {
    keepCalling(tool, args = {}) {
      const stop = new AbortController();
      const body = JSON.stringify({
        ...JSON.parse(CALL.body),
        params: { name: tool, arguments: args, _meta: { progressToken: 1 } },
      });
      const { method, headers } = CALL;
      const url = `http://127.0.0.1:${port}/mcp`;
      const keep = async () => {
        while (!stop.signal.aborted) {
          const answer = await fetch(url, { method, headers, body, signal: stop.signal });
          // Read and forgotten.
          await answer.body?.pipeTo(new WritableStream());
        }
      };
      // It is stopped in the middle.
      keep().catch(() => {});
      return () => stop.abort();
    },
    async pid() {
      const { code } = JSON.parse(await Deno.readTextFile(record));
      return code[0].pid;
    },
  };
}

async function measureBeside(
  what: string,
  trouble: Trouble,
  { server, rogue }: Pair,
): Promise<Row> {
  const load = {
    hostname: "127.0.0.1",
    port: server.port,
    request: CALL,
    expects: '"structuredContent":{"sum":42}',
    connections: 1,
  };
  await measure({ ...load, durationMs: 500 });
  const before = await server.ownMemoryBytes() ?? NaN;
  const stop = await trouble(rogue);
  let measured: Measured;
  let most = before;
  const watch = setInterval(async () => {
    most = Math.max(most, await server.ownMemoryBytes() ?? NaN);
  }, 500);
  try {
    measured = await measure({ ...load, durationMs: TROUBLE_MS });
  } finally {
    clearInterval(watch);
    stop();
  }
  const mib = (bytes: number) => (bytes / MIB).toFixed(0);
  return { what: `${what} (${mib(before)} MiB, then up to ${mib(most)})`, ...measured };
}
