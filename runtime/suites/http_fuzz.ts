/**
 * Throws requests at an agent and a gateway in a process of their own and watches what it makes of
 * them: no answer may be a server error, every refusal must say what is wrong, the process must live,
 * memory must stay flat.
 *
 * `deno task fuzz agent [requests] [seed]` prints the seed of a run, which repeats it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { AgentProcess } from "../process/process_fixture.ts";
import { anyRequest, bytesOf, type FuzzRequest, type Target } from "./http_fuzz_request.ts";

/** Options for {@linkcode fuzz}. */
export interface FuzzOptions {
  /** How many requests are sent. */
  readonly requests: number;
  /** Repeats a run. */
  readonly seed: number;
  /** Most connections at a time; a limit chooses the other way to listen. @default none */
  readonly connections?: number;
}

/** How a run went. */
export interface FuzzReport {
  /** Requests answered, by status; 0 for those whose connection was closed instead. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Memory of the process after the first quarter and at the end, bytes. */
  readonly memory: readonly [early: number, late: number];
  /** Lines of the process that tell of an error nobody caught. */
  readonly uncaught: readonly string[];
}

/** The agents of the process. */
const FILES: Readonly<Record<Target, string>> = {
  agent: fileURLToPath(new URL("../mcp/testdata/fuzzed_agent.ts", import.meta.url)),
  gateway: fileURLToPath(new URL("./testdata/fuzzed_gateway.ts", import.meta.url)),
};

/** Longest wait for an answer that goes on, such as a stream of changes, in milliseconds. */
const STREAM_MS = 100;
/** Longest wait for an answer to begin, in milliseconds. */
const ANSWER_MS = 10_000;

/**
 * Sends the requests of one seed.
 *
 * @throws With the request, shrunk to what matters, whose answer is not as it must be.
 */
export async function fuzz({ requests, seed, connections }: FuzzOptions): Promise<FuzzReport> {
  const process = await AgentProcess.plan([{ file: FILES.agent }, { file: FILES.gateway }], {
    MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1",
    MCP_MESH_HEALTH_INTERVAL: "5",
    ...(connections !== undefined && { MCP_MESH_MAX_CONNECTIONS: String(connections) }),
  });
  try {
    const listening = ({ phase }: { readonly phase: string }) => phase === "listening";
    const ports: Record<Target, number> = {
      agent: (await process.record(listening, 0)).port ?? 0,
      gateway: (await process.record(listening, 1)).port ?? 0,
    };
    const statuses = new Map<number, number>();
    let sent = 0;
    let early = 0;
    const property = fc.asyncProperty(anyRequest, async (request) => {
      const status = await judged(request, ports[request.target]);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (++sent === Math.ceil(requests / 4)) early = await memoryOf(ports.agent);
    });
    await fc.assert(property, { numRuns: requests, seed });
    const late = await memoryOf(ports.agent);
    const { output } = await process.stop("SIGTERM");
    const uncaught = output.split("\n").filter((line) => /nobody caught|Uncaught/.test(line));
    return { statuses, memory: [early, late], uncaught };
  } finally {
    await process[Symbol.asyncDispose]();
  }
}

/** Memory of the process that has a port, in bytes, as it says itself. */
async function memoryOf(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const [, bytes] = (await response.text()).match(/^process_memory_usage_bytes\S* (\S+)/m) ?? [];
  return Number(bytes);
}

/** The status of an answer, once it is found to be as it must be. */
async function judged(request: FuzzRequest, port: number): Promise<number> {
  const answer = await answerTo(request, port);
  if (answer === "") return 0;
  const [, digits = ""] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  const status = Number(digits);
  const [head = "", body = ""] = answer.split(/\r\n\r\n([^]*)/, 2);
  // A tool that has to ask its caller, and a WebSocket, are refused so.
  if (status >= 500 && status !== 501) throw new Error(`answered ${answer.slice(0, 500)}`);
  const isRefusal = status >= 400 && /^content-type: application\/(problem\+)?json/im.test(head);
  if (isRefusal && body !== "" && !/"[^"]{10,}"/.test(body)) {
    throw new Error(`answered ${status} without a word about what is wrong: ${body}`);
  }
  return status;
}

/** What is answered; nothing when the connection is closed instead. */
async function answerTo(request: FuzzRequest, port: number): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const writing = write(connection, bytesOf(request), request.framing === "cut");
  let text = "";
  const timeout = setTimeout(() => connection.close(), ANSWER_MS);
  let stream: ReturnType<typeof setTimeout> | undefined;
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
      clearTimeout(timeout);
      stream ??= setTimeout(() => connection.close(), STREAM_MS);
    }
  } catch {
    // The connection was reset, or has been open for long enough.
  }
  clearTimeout(timeout);
  clearTimeout(stream);
  await writing;
  return text;
}

async function write(
  connection: Deno.Conn,
  bytes: Uint8Array,
  isOver: boolean,
): Promise<void> {
  try {
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    if (isOver) await connection.closeWrite();
  } catch {
    // It was answered, or closed, before all of it was sent.
  }
}
