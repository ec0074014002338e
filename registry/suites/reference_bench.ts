/**
 * This registry beside the reference's published binary, in the same run on the same machine, at
 * 100, 1,000 and 10,000 agents. The binary comes from npm into an ignored folder; where it cannot
 * be had, only this registry is measured and a word says so.
 *
 * Run: `deno task bench:reference [agents…]`
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { errorText } from "../../runtime/base/errors.ts";
import {
  agentOf,
  type Launch,
  measure,
  type Measured,
  memory,
  request,
  type Started,
  started,
} from "./bench_load.ts";

const PACKAGE = "@mcpmesh/cli-linux-x64@3.7.1";
const SIZES = [100, 1_000, 10_000];
/** Longest time agents may take to join, seconds; who has not joined by then is left out. */
const JOINING_SECONDS = 60;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What was measured of one registry at one size. */
interface Result {
  readonly agents: number;
  readonly joinMs: number;
  readonly head: Measured;
  readonly post: Measured;
  readonly listing: Measured;
  readonly listingKb: number;
  readonly memory: string;
  readonly coldMs: number;
}

interface Subject {
  readonly name: string;
  /** How it is run over the database in a folder. */
  launch(folder: string): Launch;
}

const OURS: Subject = {
  name: "here",
  launch: (folder) => ({
    program: Deno.execPath(),
    args: (port) => [
      "run",
      "-A",
      "--no-prompt",
      `${ROOT}registry/main.ts`,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--kv",
      `${folder}/registry.kv`,
    ],
  }),
};

/** The reference's registry, fetched unless it is there; or why it cannot be had. */
async function reference(): Promise<Subject | { missing: string }> {
  const home = `${ROOT}.mesh/reference`;
  const program = `${home}/package/bin/mcp-mesh-registry`;
  try {
    await Deno.stat(program).catch(() => fetched(home));
    await Deno.stat(program);
  } catch (error) {
    return { missing: errorText(error) };
  }
  return {
    name: "reference",
    launch: (folder) => ({
      program,
      args: () => [],
      env: (port) => ({
        HOST: "127.0.0.1",
        PORT: String(port),
        DATABASE_URL: `${folder}/registry.db`,
        MCP_MESH_LOG_LEVEL: "ERROR",
      }),
    }),
  };
}

async function fetched(home: string): Promise<void> {
  await Deno.mkdir(home, { recursive: true });
  await ran("npm", ["pack", PACKAGE, "--pack-destination", home], home);
  for await (const { name } of Deno.readDir(home)) {
    if (name.endsWith(".tgz")) await ran("tar", ["-xzf", name], home);
  }
}

async function ran(program: string, args: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (!success) {
    throw new Error(`${program} ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  }
}

async function measured({ launch }: Subject, size: number): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    return await over(launch(folder), size);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function over(launch: Launch, size: number): Promise<Result> {
  let result: Omit<Result, "coldMs">;
  {
    await using server = await started(launch);
    result = await loaded(server, size);
  }
  const start = performance.now();
  await using again = await started(launch);
  await again.connections[0]?.send(request("GET /agents"), false);
  return { ...result, coldMs: performance.now() - start };
}

async function loaded(
  { connections, pid }: Started,
  size: number,
): Promise<Omit<Result, "coldMs">> {
  const [first] = connections;
  if (first === undefined) throw new Error("no connection");
  const posts = Array.from(
    { length: size },
    (_, index) => request("POST /heartbeat", agentOf(index, size, "typescript")),
  );
  const start = performance.now();
  let agents = 0;
  for (const post of posts) {
    if (performance.now() - start > JOINING_SECONDS * 1000) break;
    await first.send(post, false);
    agents++;
  }
  const joinMs = (performance.now() - start) / agents;
  const joined = posts.slice(0, agents);
  // Everyone asks once more, so that all know their wiring before beats are counted.
  const settling = performance.now();
  for (const post of joined) {
    if (performance.now() - settling > JOINING_SECONDS * 1000) break;
    await first.send(post, false);
  }
  const heads = joined.map((_, index) => request(`HEAD /heartbeat/agent-${index}`));
  const head = await measure(connections, heads, true);
  const beating = memory(pid);
  const post = await measure(connections, joined);
  const listing = await measure([first], [request("GET /agents")]);
  return { agents, joinMs, head, post, listing, listingKb: first.received / 1000, memory: beating };
}

function rows(size: number, ours: Result, theirs: Result | undefined): string[] {
  const speed = (what: string, of: (result: Result) => Measured) => {
    const [a, b] = [of(ours), theirs && of(theirs)];
    return row(what, written(a), b && written(b), b && a.perSecond / b.perSecond);
  };
  const time = (what: string, of: (result: Result) => number) => {
    const [a, b] = [of(ours), theirs && of(theirs)];
    return row(what, inMs(a), b === undefined ? undefined : inMs(b), b && b / a);
  };
  return [
    `${size} agents${theirs && theirs.agents < size ? ` (reference: ${theirs.agents})` : ""}`,
    speed("HEAD /heartbeat/{id}", ({ head }) => head),
    speed("POST /heartbeat", ({ post }) => post),
    time("GET /agents, p50", ({ listing }) => listing.p50),
    row(
      "GET /agents, size",
      `${ours.listingKb.toFixed(0)} KB`,
      theirs && `${theirs.listingKb.toFixed(0)} KB`,
    ),
    time("one join", ({ joinMs }) => joinMs),
    time("cold start to a listing", ({ coldMs }) => coldMs),
    row("memory after beats", ours.memory, theirs?.memory),
  ];
}

function inMs(time: number): string {
  return `${time.toFixed(1)} ms`;
}

function written({ perSecond, p50, p99 }: Measured): string {
  return `${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)} ms`;
}

function row(what: string, ours: string, theirs = "", ratio?: number): string {
  const times = ratio === undefined ? "" : `${ratio.toFixed(1)} ×`;
  return `  ${what.padEnd(26)}${ours.padEnd(38)}${theirs.padEnd(38)}${times}`.trimEnd();
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  const sizes = Deno.args.length > 0 ? Deno.args.map(Number) : SIZES;
  const other = await reference();
  if ("missing" in other) {
    await print(`without the reference, which cannot be had: ${other.missing}`);
  }
  await print(row("", OURS.name, "missing" in other ? "" : other.name));
  const beats = new Map<number, number>();
  for (const size of sizes) {
    const ours = await measured(OURS, size);
    const theirs = "missing" in other ? undefined : await measured(other, size);
    beats.set(size, ours.head.perSecond);
    for (const line of rows(size, ours, theirs)) await print(line);
  }
  const [few, many] = [beats.get(100), beats.get(10_000)];
  if (few !== undefined && many !== undefined) {
    await print(`HEAD/s at 10,000 agents: ${(100 * many / few).toFixed(0)} % of that at 100`);
  }
}
