/**
 * The time that calls of a well-behaved agent take while another one in the same trusted process floods
 * it, answers very much, or is frozen with calls waiting, and the memory of that process. Part of
 * `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
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

/** Time from the beginning of trouble until calls are measured, milliseconds. */
const SETTLE_MS = 10_000;

/** Something that an agent does to its neighbour; returns what undoes it. */
type Trouble = (rogue: Rogue) => Promise<() => Promise<void>>;

/** The agent that makes trouble. */
interface Rogue {
  /** Calls a tool over and over, until it is stopped. */
  keepCalling(tool: string, options?: Calls): () => Promise<void>;
  /** Returns the process id of its code. */
  pid(): Promise<number>;
}

interface Calls {
  readonly args?: Record<string, unknown>;
  /** How many at once. @default 1 */
  readonly count?: number;
}

const calls = (tool: string, options?: Calls): Trouble => (rogue) =>
  Promise.resolve(rogue.keepCalling(tool, options));

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "does nothing": () => Promise.resolve(() => Promise.resolve()),
  "floods messages": calls("flood_messages"),
  "floods log lines": calls("flood_log"),
  "floods its output": calls("flood_output"),
  "answers 32 MiB": calls("answer", { args: { length: ANSWER_LENGTH } }),
  "is frozen, 10,000 calls wait": async (rogue) => {
    const pid = await rogue.pid();
    Deno.kill(pid, "SIGSTOP");
    return rogue.keepCalling("answer", { args: { length: 10 }, count: WAITING });
  },
};

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
  const planned = (name: string, path: string, port: number) => ({
    file: fileURLToPath(new URL(path, import.meta.url)),
    name,
    record: join(own, `${name}.json`),
    permissions: {},
    port,
    log: join(own, `${name}.log`),
    code,
  });
  const plan = (port: number): HostPlan => ({
    agents: [
      planned("rogue", "./testdata/rogue_agent.ts", roguePort),
      planned("adder", "../mcp/testdata/adder_agent.ts", port),
    ],
    prefix: false,
    commands: false,
    tied: false,
    watched: false,
  });
  const main = fileURLToPath(new URL("../process/main.ts", import.meta.url));
  const server = await startServer(
    (port) => ["run", "--quiet", "-A", "--no-prompt", main, JSON.stringify(plan(port))],
    // Nothing listens there. Each agent has a port by the plan.
    { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9", MCP_MESH_HTTP_PORT: "", ...CONCURRENCY },
  );
  const rogue = rogueAt(roguePort, join(own, "rogue.json"));
  return { server, rogue, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function rogueAt(port: number, record: string): Rogue {
  return {
    keepCalling(tool, { args = {}, count = 1 } = {}) {
      const params = { name: tool, arguments: args, _meta: { progressToken: 1 } };
      const body = JSON.stringify({ ...JSON.parse(CALL.body), params });
      const program = new URL("./testdata/calling_program.ts", import.meta.url);
      const callers = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-net", program.href, String(port), String(count), body],
        stdout: "null",
        // It is ended in the middle of its calls.
        stderr: "null",
      }).spawn();
      return async () => {
        callers.kill("SIGKILL");
        await callers.status;
      };
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
    await delay(SETTLE_MS);
    measured = await measure({ ...load, durationMs: TROUBLE_MS });
  } finally {
    clearInterval(watch);
    await stop();
  }
  const mib = (bytes: number) => (bytes / MIB).toFixed(0);
  return { what: `${what} (${mib(before)} MiB, then up to ${mib(most)})`, ...measured };
}
