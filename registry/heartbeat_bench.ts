/**
 * How many heartbeats and listings a second one registry process answers over loopback with 1,000
 * agents, or as many as the argument says, beside a `Deno.serve` that only says 200: the limit of
 * this machine and of this client.
 *
 * Run: `deno run -A registry/heartbeat_bench.ts [agents]`
 *
 * @module
 */
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const AGENTS = Number(Deno.args[0] ?? 1_000);
const CONNECTIONS = 16;
const SECONDS = 3;
/** Agents that offer the same capability: what a dependency has to choose from. */
const REPLICAS = 10;
const BARE = "Deno.serve({ port: Number(Deno.args[0]), onListen() {} }, () => new Response())";

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

/** An agent with three tools, each with a schema and one dependency. */
function agentOf(index: number): string {
  const group = Math.floor(index / REPLICAS);
  const tool = (number: number) => ({
    function_name: `tool_${number}`,
    capability: `capability_${group}_${number}`,
    version: "1.2.0",
    tags: ["bench", `group-${group}`],
    description: "A tool that exists to be registered, with a description of usual length.",
    inputSchema: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
      required: ["city"],
    },
    dependencies: [{
      capability: `capability_${(group + 1) % (AGENTS / REPLICAS)}_${number}`,
      tags: ["+bench"],
      version: ">=1",
    }],
  });
  return JSON.stringify({
    agent_id: `agent-${index}`,
    name: `agent-${group}`,
    http_host: "127.0.0.1",
    http_port: 10_000 + index,
    tools: [1, 2, 3].map(tool),
  });
}

function request(line: string, body = ""): Uint8Array {
  const length = new TextEncoder().encode(body).length;
  const head = `${line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;
  return new TextEncoder().encode(head + body);
}

/** One kept-alive connection; far cheaper than `fetch`, so that the server is what is measured. */
class Connection {
  readonly #decoder = new TextDecoder("latin1");
  readonly #buffer = new Uint8Array(1 << 16);

  /** Bytes of the last answer's body. */
  received = 0;

  constructor(readonly socket: Deno.TcpConn) {}

  /** Sends a request and reads its whole answer; the status. */
  async send(bytes: Uint8Array, headOnly: boolean): Promise<number> {
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.socket.write(bytes.subarray(sent));
    }
    let head = "";
    let end = -1;
    while (end === -1) {
      head += await this.#read();
      end = head.indexOf("\r\n\r\n");
    }
    const length = headOnly ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    this.received = length;
    let rest = end + 4 + length - head.length;
    while (rest > 0) rest -= (await this.socket.read(this.#buffer)) ?? rest;
    return Number(head.slice(9, 12));
  }

  async #read(): Promise<string> {
    const count = await this.socket.read(this.#buffer);
    if (count === null) throw new Error("the server closed the connection");
    return this.#decoder.decode(this.#buffer.subarray(0, count));
  }
}

/** Sends requests in turn over all connections for a while. */
async function measure(
  connections: Connection[],
  requests: Uint8Array[],
  headOnly = false,
): Promise<Measured> {
  const times: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  let next = 0;
  await Promise.all(connections.map(async (connection) => {
    while (performance.now() < end) {
      const bytes = requests[next++ % requests.length];
      if (bytes === undefined) return;
      const start = performance.now();
      const status = await connection.send(bytes, headOnly);
      if (status !== 200) throw new Error(`answered ${status}`);
      times.push(performance.now() - start);
    }
  }));
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
  return { perSecond: times.length / SECONDS, p50: at(0.5), p99: at(0.99) };
}

async function freePort(): Promise<number> {
  const listening = Promise.withResolvers<number>();
  const server = createServer().listen(0, () => {
    const address = server.address();
    listening.resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
  const port = await listening.promise;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Runs a server in a process of its own and connects to it. */
async function started(
  args: (port: number) => string[],
): Promise<AsyncDisposable & { connections: Connection[]; pid: number }> {
  const port = await freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: args(port),
    // Joining takes longer than silence may when there are many agents.
    env: { DEFAULT_TIMEOUT_THRESHOLD: "3600" },
    stdout: "null",
  }).spawn();
  const connect = async (attempts = 200): Promise<Connection> => {
    try {
      return new Connection(await Deno.connect({ hostname: "127.0.0.1", port }));
    } catch (error) {
      if (attempts === 0) throw error;
      await new Promise((wait) => setTimeout(wait, 25));
      return connect(attempts - 1);
    }
  };
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect()));
  return {
    connections,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.close();
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function memory(pid: number): string {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return `${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)} MB`;
  } catch {
    return "unknown";
  }
}

function report(what: string, { perSecond, p50, p99 }: Measured): string {
  const columns = [perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2)];
  return what.padEnd(34) + columns.map((column) => column.padStart(10)).join("");
}

async function run(): Promise<string[]> {
  const lines = [`${"".padEnd(34)}     per s    p50 ms    p99 ms`];
  {
    await using bare = await started((port) => ["eval", BARE, String(port)]);
    lines.push(
      report("bare Deno.serve", await measure(bare.connections, [request("HEAD /")], true)),
    );
  }
  const folder = await Deno.makeTempDir();
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const flags = ["run", "-A", "--unstable-kv", main, "--host", "127.0.0.1"];
  {
    await using registry = await started((
      port,
    ) => [...flags, "--port", String(port), "--kv", `${folder}/bench.kv`]);
    const { connections } = registry;
    const [first] = connections;
    const posts = Array.from(
      { length: AGENTS },
      (_, index) => request("POST /heartbeat", agentOf(index)),
    );
    const heads = Array.from(
      { length: AGENTS },
      (_, index) => request(`HEAD /heartbeat/agent-${index}`),
    );
    const start = performance.now();
    for (const post of posts) await first?.send(post, false);
    const joined = performance.now() - start;
    // Everyone asks once more, so that all know their wiring before beats are counted.
    for (const post of posts) await first?.send(post, false);
    lines.push(report("HEAD /heartbeat/{id}", await measure(connections, heads, true)));
    lines.push(report("POST /heartbeat, nothing new", await measure(connections, posts)));
    const beating = memory(registry.pid);
    lines.push(
      report("GET /agents", await measure(connections.slice(0, 1), [request("GET /agents")])),
    );
    lines.push(`one listing is ${Math.round((first?.received ?? 0) / 1000)} KB`);
    lines.push(`${AGENTS} agents joined one after another in ${joined.toFixed(0)} ms`);
    lines.push(`registry memory: ${beating} after the beats, ${memory(registry.pid)} at the end`);
  }
  await Deno.remove(folder, { recursive: true });
  return lines;
}

if (import.meta.main) {
  for (const line of await run()) {
    await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  }
}
