/**
 * The registry on a port of this machine.
 *
 * @module
 */
import { dirname } from "node:path";
import { errorText, MeshError } from "../../runtime/base/errors.ts";
import { within } from "../../runtime/base/within.ts";
import { carefulLog } from "../base/careful_log.ts";
import { openedFile } from "../base/database_watch.ts";
import { processEnvironment, readConfig, type RegistryConfig } from "../config/config.ts";
import { listen, type Listener, type ListenOptions, PortTaken } from "../../runtime/base/listen.ts";
import { urlHost } from "../../runtime/base/host_text.ts";
import { isLoopback } from "../../runtime/base/loopback.ts";
import { ownAddresses } from "../http/own_addresses.ts";
import { problem } from "../http/problem.ts";
import { startingHealth } from "../routes/health.ts";
import { createRegistry, type Registry } from "./registry.ts";

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
  /** How long a request's body may take to arrive, milliseconds. @default 30000 */
  arrivalMs?: number;
  /** Takes one line about something an operator should know. @default nothing is said */
  log?: (line: string) => void;
}

/** A registry that listens. */
export interface RunningRegistry extends AsyncDisposable {
  /** Where it answers, such as `http://localhost:8000`. */
  url: string;
  /** The port it is bound to. */
  port: number;
  /** Resolves when it has stopped. */
  finished: Promise<void>;
  /**
   * Ends streams; lets calls through it finish, for the time of `MCP_MESH_SHUTDOWN_TIMEOUT`; writes
   * what is left; closes the database.
   */
  shutdown(): Promise<void>;
}

/** How long answers that break off may take to do so, milliseconds. */
const CLOSE_MS = 500;

/** What is answered before the registry can: it is there, and asking again is worth it. */
function starting(request: Request): Response {
  return new URL(request.url).pathname === "/health"
    ? startingHealth()
    : problem(503, "the registry is starting; ask again in a moment");
}

/**
 * Starts a registry.
 *
 * @throws {MeshError} `bad_config`, `kv_unavailable` or `port_taken`.
 */
export async function serveRegistry(options: ServeOptions): Promise<RunningRegistry> {
  const { host, port } = options;
  const log = carefulLog(options.log ?? (() => {}));
  const settings = readConfig(options.env ?? processEnvironment());
  const config = guarded(settings.registry, host);
  let fetch: Registry["fetch"] = (request) => Promise.resolve(starting(request));
  await using stack = new AsyncDisposableStack();
  const listeners: Listener[] = [];
  let draining: Promise<unknown> | undefined;
  const drain = () =>
    draining ??= Promise.all(listeners.map((one) => one.close(config.drainMs + CLOSE_MS)));
  stack.defer(async () => void await within(CLOSE_MS, drain()));
  const open = (port: number, door: "main" | "admin") => {
    const listener = bound({
      hostname: host,
      port,
      handler: (request, remote) => fetch(request, { remote, door }),
      maxConnections: settings.maxConnections,
      onTrouble: log,
    });
    listeners.push(listener);
    return listener;
  };
  // The port first: a second registry must find it taken before it touches the first one's data.
  const { port: mainPort } = open(port, "main");
  if (config.adminPort > 0) open(config.adminPort, "admin");
  const location = options.kv ?? settings.kv;
  const kv = stack.adopt(await openDatabase(location), (kv) => kv.close());
  const lost = isFile(location) ? await openedFile(location) : undefined;
  const isOwn = ownAddresses({
    ports: listeners.map(({ port }) => port),
    hosts: [host, ...config.allowedHosts ?? [], ...machineName()],
  });
  const registry = stack.use(
    await createRegistry({
      kv,
      config,
      log,
      isOwn,
      ...(lost && { lost }),
      ...(options.arrivalMs !== undefined && { arrivalMs: options.arrivalMs }),
    }),
  );
  fetch = (request, peer) => registry.fetch(request, peer);
  const owned = stack.move();

  const stop = async () => {
    registry.endStreams();
    await within(config.drainMs, drain());
    // Ends what still streams; what is left after that is a caller that does not finish asking.
    await owned.disposeAsync();
  };
  const ended = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const shutdown = () => stopping ??= stop().finally(ended.resolve);
  return {
    url: `http://${urlHost(host)}:${mainPort}`,
    port: mainPort,
    finished: ended.promise,
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

/** The name of this machine, if this process may know it. */
function machineName(): string[] {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? [Deno.hostname()] : [];
}

/**
 * With the names it may be called by: on a network any, because agents call it by whatever name leads
 * to it there; on loopback only those of this machine, because nobody else has a reason to call it.
 */
function guarded(config: RegistryConfig, host: string): RegistryConfig {
  const allowedHosts = config.allowedHosts ?? (isLoopback(host) ? [] : undefined);
  return { ...config, allowedHosts };
}

/** Whether a database is a file, and not in memory or elsewhere. */
function isFile(location: string): boolean {
  return !/^https?:\/\//.test(location) && location !== ":memory:";
}

async function openDatabase(location: string): Promise<Deno.Kv> {
  try {
    if (isFile(location)) {
      await Deno.mkdir(dirname(location), { recursive: true });
    }
    return await Deno.openKv(location);
  } catch (error) {
    throw new MeshError(
      "kv_unavailable",
      `the database ${location} cannot be opened: ${
        errorText(error)
      }. Name another with --kv or MCP_MESH_KV.`,
      { cause: error },
    );
  }
}

/** Listens, or says why not. */
function bound(options: ListenOptions): Listener {
  const { hostname, port } = options;
  try {
    return listen(options);
  } catch (error) {
    if (error instanceof PortTaken) {
      throw new MeshError(
        "port_taken",
        `port ${port} of ${hostname} is taken by another program; stop it or choose another port.`,
        { cause: error },
      );
    }
    throw new MeshError(
      "bad_config",
      `cannot listen on ${urlHost(hostname)}:${port}: ${
        errorText(error)
      }. Choose an address of this machine and a port it allows.`,
      { cause: error },
    );
  }
}
