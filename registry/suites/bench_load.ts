/**
 * Load for the registry's benchmarks: agents to register, connections that cost less than the server
 * they measure, and servers in processes of their own.
 *
 * @module
 */
import { createServer } from "node:net";

/** Connections a load is sent over. */
export const CONNECTIONS = 16;
/** How long one thing is measured, seconds. */
const SECONDS = 3;
/** Agents that offer the same capability: what a dependency has to choose from. */
const REPLICAS = 10;

/** How fast something is answered. */
export interface Measured {
  /** Answers a second. */
  perSecond: number;
  /** Time half of the answers take, milliseconds. */
  p50: number;
  /** Time one of a hundred answers exceeds, milliseconds. */
  p99: number;
}

/**
 * The registration of an agent with three tools, each with a schema and one dependency.
 *
 * @param agents How many there are in all.
 * @param runtime As which it registers.
 */
export function agentOf(index: number, agents: number, runtime = "deno"): string {
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
      capability: `capability_${(group + 1) % (agents / REPLICAS)}_${number}`,
      tags: ["+bench"],
      version: ">=1",
    }],
  });
  return JSON.stringify({
    agent_id: `agent-${index}`,
    name: `agent-${group}`,
    runtime,
    http_host: "127.0.0.1",
    http_port: 10_000 + index,
    tools: [1, 2, 3].map(tool),
  });
}

/** A request as it goes over the wire. */
export function request(line: string, body = ""): Uint8Array {
  const length = new TextEncoder().encode(body).length;
  const head = `${line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;
  return new TextEncoder().encode(head + body);
}

/** One kept-alive connection; far cheaper than `fetch`, so that the server is what is measured. */
export class Connection {
  readonly #decoder = new TextDecoder("latin1");
  readonly #buffer = new Uint8Array(1 << 16);

  /** Bytes of the last answer's body. */
  received = 0;

  /** @param socket Stays the caller's to close. */
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
    const status = Number(head.slice(9, 12));
    const body = head.slice(end + 4);
    if (headOnly) return status;
    if (/transfer-encoding: chunked/i.test(head.slice(0, end))) {
      this.received = await this.#chunks(body);
      return status;
    }
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    this.received = length;
    let rest = length - body.length;
    while (rest > 0) rest -= (await this.socket.read(this.#buffer)) ?? rest;
    return status;
  }

  /** Reads a chunked body to its end, given what has come of it; its size in bytes. */
  async #chunks(text: string): Promise<number> {
    for (let size = 0;;) {
      const line = text.indexOf("\r\n");
      if (line === -1) {
        text += await this.#read();
        continue;
      }
      const chunk = parseInt(text.slice(0, line), 16);
      let rest = line + 2 + chunk + 2 - text.length;
      while (rest > 0) {
        text = await this.#read();
        rest -= text.length;
      }
      // What is left of the text lies behind the chunk.
      text = rest === 0 ? "" : text.slice(rest);
      if (chunk === 0) return size;
      size += chunk;
    }
  }

  async #read(): Promise<string> {
    const count = await this.socket.read(this.#buffer);
    if (count === null) throw new Error("the server closed the connection");
    return this.#decoder.decode(this.#buffer.subarray(0, count));
  }
}

/**
 * Sends requests in turn over all connections for a while.
 *
 * @param headOnly Whether answers have no body, whatever length they name.
 * @throws When an answer is neither 200 nor 202.
 */
export async function measure(
  connections: readonly Connection[],
  requests: readonly Uint8Array[],
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
      if (status !== 200 && status !== 202) throw new Error(`answered ${status}`);
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

/** A server in a process of its own, and connections to it. */
export interface Started extends AsyncDisposable {
  readonly connections: readonly Connection[];
  readonly port: number;
  readonly pid: number;
}

/** How a server is run, given the port it is to listen on. */
export interface Launch {
  readonly program: string;
  args(port: number): string[];
  /** @default only what counts for all */
  env?(port: number): Record<string, string>;
}

/** Runs a server and connects to it. */
export async function started({ program, args, env = () => ({}) }: Launch): Promise<Started> {
  const port = await freePort();
  const child = new Deno.Command(program, {
    args: args(port),
    // Joining takes longer than silence may when there are many agents.
    env: { DEFAULT_TIMEOUT_THRESHOLD: "3600", ...env(port) },
    stdout: "null",
    stderr: "null",
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
  // Somebody else may have taken the port meanwhile, and would be measured instead.
  let ended = false;
  child.status.then(() => ended = true);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect()));
  if (ended) throw new Error(`${program} did not start on port ${port}; run it again`);
  // A registry says 503 until it has read its database.
  while (await connections[0]?.send(request("GET /health"), false) === 503);
  return {
    connections,
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.close();
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** Memory of a process, as a person reads it. */
export function memory(pid: number): string {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return `${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)} MB`;
  } catch {
    return "unknown";
  }
}

/** One line of a table. */
export function report(what: string, { perSecond, p50, p99 }: Measured): string {
  const columns = [perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2)];
  return what.padEnd(34) + columns.map((column) => column.padStart(10)).join("");
}
