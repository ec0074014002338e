/**
 * Throws requests at a registry in this process and watches what it makes of them: no answer may be
 * a server error, every refusal must say what is wrong, memory must stay flat.
 *
 * `deno task fuzz registry [requests] [seed]` prints the seed of a run, which repeats it.
 *
 * @module
 */
import fc from "fast-check";
import { readConfig } from "../config/config.ts";
import { anyRequest, type FuzzRequest } from "./http_fuzz_request.ts";
import { createRegistry, type Registry } from "../app/registry.ts";

/** What a run is. */
export interface FuzzOptions {
  /** How many requests are sent. */
  requests: number;
  /** Repeats a run. */
  seed: number;
}

/** How a run went. */
export interface FuzzReport {
  /** Requests answered, by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Memory in use after the first quarter and at the end, bytes. */
  readonly heap: readonly [early: number, late: number];
  /** Lines the registry wrote for its operator. */
  readonly log: readonly string[];
}

/** Statuses that carry no body by the protocol. */
const SILENT = new Set([202, 204, 301, 410]);

/**
 * Sends the requests of one seed.
 *
 * @throws With the request, shrunk to what matters, whose answer is not as it must be.
 */
export async function fuzz({ requests, seed }: FuzzOptions): Promise<FuzzReport> {
  using kv = await Deno.openKv(":memory:");
  const log: string[] = [];
  const env = { MCP_MESH_EVENT_MAX_ROWS: "1000", MCP_MESH_SWEEP_INTERVAL: "1" };
  await using registry = await createRegistry({
    kv,
    config: readConfig(env).registry,
    fetch: () => Promise.resolve(new Response("upstream")),
    log: (line) => log.push(line),
  });
  const statuses = new Map<number, number>();
  let sent = 0;
  let early = 0;
  const property = fc.asyncProperty(anyRequest, async (request) => {
    const status = await judged(registry, request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (++sent === Math.ceil(requests / 4)) early = heapUsed();
  });
  await fc.assert(property, { numRuns: requests, seed });
  return { statuses, heap: [early, heapUsed()], log };
}

/** Memory in use, without what only waits to be collected where that can be asked for. */
function heapUsed(): number {
  // There with --v8-flags=--expose-gc.
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  return Deno.memoryUsage().heapUsed;
}

/** The status of an answer, once it is found to be as it must be. */
async function judged(registry: Registry, request: FuzzRequest): Promise<number> {
  const url = `http://registry.test${request.path}`;
  const stop = new AbortController();
  const response = await registry.fetch(
    new Request(url, {
      method: request.method,
      headers: request.headers,
      body: request.method === "POST" ? request.body : null,
      signal: stop.signal,
    }),
    request.remote === undefined ? {} : { remote: request.remote },
  );
  const { status } = response;
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    stop.abort();
    return status;
  }
  const body = await response.text();
  if (status >= 500) throw new Error(`answered ${status}: ${body}`);
  if (status >= 400 && request.method !== "HEAD" && !SILENT.has(status) && !names(body)) {
    throw new Error(`answered ${status} without a word about what is wrong: ${body}`);
  }
  return status;
}

/** Whether a refusal says what is wrong, in one of the protocol's shapes. */
function names(body: string): boolean {
  if (body === "404 page not found") return true;
  const { error, msg }: Record<string, unknown> = JSON.parse(body);
  return [error, msg].some((text) => typeof text === "string" && text.length > 10);
}
