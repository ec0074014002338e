/**
 * HTTP load over kept-alive connections, one request at a time on each. Far cheaper than `fetch`, so
 * that the server is what is measured; the server belongs in another process.
 *
 * @module
 */

/** What is asked, and how hard. */
export interface Load {
  hostname: string;
  port: number;
  request: {
    method: string;
    path: string;
    headers?: Readonly<Record<string, string>>;
    body?: string;
  };
  /** Text every answer must contain. */
  expects: string;
  /** @default 16 */
  connections?: number;
  /** How long to measure, milliseconds. @default 4000 */
  durationMs?: number;
  /** How long to load before measuring, milliseconds. @default 1000 */
  warmupMs?: number;
  /** Processor time the server has used, in seconds. */
  cpuSeconds?: () => Promise<number | undefined>;
  /** Memory the server holds, in bytes. */
  memoryBytes?: () => Promise<number | undefined>;
}

/** What a server did under load. */
export interface Measured {
  perSecond: number;
  /** Answers for each second of processor time the server used: what one core does. */
  perCoreSecond?: number;
  p50Ms: number;
  p99Ms: number;
  /** What a connection costs the server that had an answer and is kept for the next, KiB of memory. */
  kibPerConnection?: number;
}

/** Kept connections, so many that what they cost is told from what else a server does. */
const KEPT = 1_000;

/**
 * Puts a server under load.
 *
 * @throws {Error} When an answer is not a 200 with the expected text: then there is nothing to measure.
 */
export async function measure(load: Load): Promise<Measured> {
  const { connections = 16, durationMs = 4_000, warmupMs = 1_000 } = load;
  const cpuSeconds = async () => await load.cpuSeconds?.() ?? NaN;
  const sockets: Deno.TcpConn[] = [];
  try {
    sockets.push(...await connect(load, connections));
    await pound(sockets, load, warmupMs);
    const before = await cpuSeconds();
    const times = await pound(sockets, load, durationMs);
    const used = await cpuSeconds() - before;
    const kibPerConnection = await memoryPerConnection(load);
    return {
      perSecond: times.length / durationMs * 1000,
      ...(used > 0 ? { perCoreSecond: times.length / used } : {}),
      ...percentiles(times),
      ...(kibPerConnection === undefined ? {} : { kibPerConnection }),
    };
  } finally {
    for (const socket of sockets) socket.close();
  }
}

async function connect({ hostname, port }: Load, count: number): Promise<Deno.TcpConn[]> {
  const sockets: Deno.TcpConn[] = [];
  for (let number = 0; number < count; number++) {
    const socket = await Deno.connect({ hostname, port });
    socket.setNoDelay();
    sockets.push(socket);
  }
  return sockets;
}

/** What kept connections cost, KiB each; `undefined` where the server does not tell its memory. */
export async function memoryPerConnection(load: Load): Promise<number | undefined> {
  const before = await load.memoryBytes?.();
  if (before === undefined) return undefined;
  const sockets = await connect(load, KEPT);
  try {
    for (const socket of sockets) await ask(socket, requestBytes(load), load);
    const after = await load.memoryBytes?.();
    return after === undefined ? undefined : (after - before) / KEPT / 1024;
  } finally {
    for (const socket of sockets) socket.close();
  }
}

/** Sends the request over and over on each connection, and tells how long each answer took. */
async function pound(sockets: Deno.TcpConn[], load: Load, durationMs: number): Promise<number[]> {
  const bytes = requestBytes(load);
  const times: number[] = [];
  const end = performance.now() + durationMs;
  await Promise.all(sockets.map(async (socket) => {
    for (let before = performance.now(); before < end;) {
      await ask(socket, bytes, load);
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
  }));
  return times;
}

async function ask(socket: Deno.TcpConn, bytes: Uint8Array, { expects }: Load): Promise<void> {
  await send(socket, bytes);
  const answer = await receive(socket);
  if (!answer.startsWith("HTTP/1.1 200 ") || !answer.includes(expects)) {
    throw new Error(`expected 200 and ${expects}, got ${answer}`);
  }
}

/** Middle and tail of some durations; NaN when there are none. */
export function percentiles(times: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** What one caller that made one call after the other measured, times in milliseconds. */
export function oneByOne(times: readonly number[]): Measured {
  const total = times.reduce((sum, time) => sum + time, 0);
  return { perSecond: times.length / total * 1000, ...percentiles(times) };
}

function requestBytes({ hostname, port, request }: Load): Uint8Array {
  const body = new TextEncoder().encode(request.body ?? "");
  const headers = {
    host: `${hostname}:${port}`,
    "content-length": String(body.length),
    ...request.headers,
  };
  const head = [
    `${request.method} ${request.path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return new Uint8Array([...new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`), ...body]);
}

async function send(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
}

/** Reads one answer, as it is on the wire; one character a byte. */
async function receive(socket: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1 << 14);
  let answer = "";
  while (!isComplete(answer)) {
    const count = await socket.read(buffer);
    if (count === null) throw new Error(`the server closed the connection after ${answer}`);
    answer += String.fromCharCode(...buffer.subarray(0, count));
  }
  return answer;
}

/**
 * Whether an answer has arrived in full, by its length or its last chunk (RFC 9112 §6).
 *
 * @param answer What has arrived, one character a byte.
 */
export function isComplete(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = answer.slice(0, end);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return answer.endsWith("\r\n0\r\n\r\n");
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return answer.length >= end + 4 + length;
}
