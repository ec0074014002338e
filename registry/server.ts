/**
 * The registry on a port of this machine.
 *
 * @module
 */
import { dirname } from "node:path";
import { processEnvironment, readConfig, type RegistryConfig } from "./config.ts";
import { RegistryError } from "./error.ts";
import { isLoopback } from "./guard.ts";
import { createRegistry } from "./registry.ts";

/** What {@linkcode serveRegistry} needs. */
export interface ServeOptions {
  /** Address to bind. */
  host: string;
  /** Port to bind; 0 lets the system choose. */
  port: number;
  /** Database: a file's path, or the address of a KV Connect server. @default MCP_MESH_KV */
  kv?: string;
  /** Variables to read instead of this process's. */
  env?: Record<string, string>;
  /** Takes one line about something an operator should know. @default nothing is said */
  log?: (line: string) => void;
}

/** A registry that listens. */
export interface RunningRegistry extends AsyncDisposable {
  /** Where it answers, such as `http://localhost:8000`. */
  url: string;
  port: number;
  /** Resolves when it has stopped. */
  finished: Promise<void>;
  /** Answers what is under way, writes what is left, closes the database. */
  shutdown(): Promise<void>;
}

/** How long requests under way may take once the registry is told to stop. */
const DRAIN_MS = 1_000;

/**
 * Starts a registry.
 *
 * @throws RegistryError `bad_config`, `kv_unavailable` or `port_taken`.
 */
export async function serveRegistry(options: ServeOptions): Promise<RunningRegistry> {
  const { host, port, log = () => {} } = options;
  const settings = readConfig(options.env ?? processEnvironment());
  const config = guarded(settings.registry, host);
  await using stack = new AsyncDisposableStack();
  const kv = stack.adopt(await openDatabase(options.kv ?? settings.kv), (kv) => kv.close());
  const registry = stack.use(await createRegistry({ kv, config, log }));
  const requests = new AbortController();
  const server = listen(host, port, requests.signal, (request) => registry.fetch(request));
  const owned = stack.move();

  let stopping: Promise<void> | undefined;
  const shutdown = () => stopping ??= stop();
  const stop = async () => {
    const drained = server.shutdown();
    const timer = setTimeout(() => requests.abort(), DRAIN_MS);
    await drained;
    clearTimeout(timer);
    await owned.disposeAsync();
  };
  const bound = server.addr.port;
  return {
    url: `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${bound}`,
    port: bound,
    finished: server.finished.then(() => shutdown()),
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

function guarded(config: RegistryConfig, host: string): RegistryConfig {
  const allowedHosts = config.allowedHosts ?? (isLoopback(host) ? [] : undefined);
  return { ...config, allowedHosts };
}

async function openDatabase(location: string): Promise<Deno.Kv> {
  try {
    if (!/^https?:\/\//.test(location) && location !== ":memory:") {
      await Deno.mkdir(dirname(location), { recursive: true });
    }
    return await Deno.openKv(location);
  } catch (error) {
    throw new RegistryError(
      "kv_unavailable",
      `the database ${location} cannot be opened: ${
        error instanceof Error ? error.message : String(error)
      }. Name another with --kv or MCP_MESH_KV.`,
      { cause: error },
    );
  }
}

function listen(
  host: string,
  port: number,
  signal: AbortSignal,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new RegistryError(
        "port_taken",
        `port ${port} of ${host} is taken by another program; stop it or choose another port.`,
        { cause: error },
      );
    }
    throw new RegistryError(
      "bad_config",
      `cannot listen on ${host}:${port}: ${
        error instanceof Error ? error.message : String(error)
      }. Choose an address of this machine and a port it allows.`,
      { cause: error },
    );
  }
}
