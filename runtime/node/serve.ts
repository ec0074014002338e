/**
 * Serving an agent in this process, with its code in this thread.
 *
 * @module
 */
import type { Servable } from "../define/servable.ts";
import { agentConfig, type Environment, readEnvironment } from "./config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import type { Host } from "../boundary/host.ts";
import { listen, type Listener } from "./listen.ts";
import { type Log, standardErrorLog } from "../base/log.ts";
import { MeshNode, type RunningMember } from "./node.ts";
import { fetchOnce } from "../base/fetch_once.ts";

/** Options of `Agent.serve`. */
export interface ServeOptions {
  /**
   * Environment variables to use instead of the process's.
   *
   * @default the process's environment
   */
  readonly env?: Environment;
  /**
   * Whether to bind a port. Without one the agent joins the mesh when `join` is called.
   *
   * @default true
   */
  readonly listen?: boolean;
  /**
   * Whether SIGTERM and SIGINT shut the agent down; a second one cuts off the calls under way.
   *
   * @default false
   */
  readonly handleSignals?: boolean;
}

/** An agent that is being served. */
export interface RunningAgent extends AsyncDisposable {
  /** Its visible state. */
  readonly node: RunningMember;
  readonly port: number;
  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response>;
  /** Joins the mesh from an address somebody else listens on. */
  join(address: Deno.Addr): Promise<void>;
  /**
   * Unregisters, lets calls under way finish, closes. Takes at most the time of
   * `MCP_MESH_SHUTDOWN_TIMEOUT` and a few seconds.
   *
   * @param drainMs How long calls may go on, milliseconds. @default as configured
   */
  shutdown(drainMs?: number): Promise<void>;
  /** Cuts off the calls that a shutdown waits for. */
  hurry(): void;
  /** Resolves when the agent has shut down. */
  readonly finished: Promise<void>;
}

/** A {@linkcode RunningAgent} inside the runtime. */
export interface ServedAgent extends RunningAgent {
  readonly node: MeshNode;
}

/** How long answers that are being sent may take at least once every call is over, in milliseconds. */
const CLOSE_MS = 300;

/** Serves `agent` with its code in this thread. See `Agent.serve`. */
export async function serveInThread(agent: Servable, options: ServeOptions): Promise<ServedAgent> {
  const environment = options.env ?? readEnvironment();
  const config = agentConfig(environment, agent.manifest());
  const log = standardErrorLog(config);
  return await serveHost(hostInThread(agent), environment, log, options);
}

/**
 * Serves whatever code a host has behind it.
 *
 * @throws {MeshError} `port_taken`, `bad_config`; the host is closed then.
 */
export async function serveHost(
  host: Host,
  environment: Environment,
  log: Log,
  options: Pick<ServeOptions, "listen" | "handleSignals">,
): Promise<ServedAgent> {
  let node: MeshNode;
  let listener: Listener | undefined;
  try {
    const config = agentConfig(environment, host.manifest);
    node = new MeshNode({ host, config, log, fetch: fetchOnce(fetch) });
    if (options.listen ?? true) {
      listener = listen({
        hostname: config.bindHost,
        port: config.port,
        maxConnections: config.maxConnections,
        handler: (request) => node.fetch(request),
        onTrouble: (message) => log("error", message),
      });
      await node.join(listener.port);
      log("info", `listening on ${node.endpoint}`);
    }
  } catch (error) {
    await listener?.close(0);
    await host[Symbol.asyncDispose]();
    throw error;
  }
  const finished = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const hurried = new AbortController();
  const stop = async (drainMs: number) => {
    const until = performance.now() + drainMs;
    await node.shutdown(drainMs, hurried.signal);
    const left = hurried.signal.aborted ? 0 : until - performance.now();
    await listener?.close(Math.max(left, CLOSE_MS));
    removeSignals();
    finished.resolve();
  };
  const shutdown = (drainMs = node.config.drainMs) => stopping ??= stop(drainMs);
  const hurry = () => hurried.abort();
  const removeSignals = options.handleSignals === true
    ? onSignals(() => stopping === undefined ? void shutdown() : hurry())
    : () => {};
  return {
    node,
    get port() {
      return node.port;
    },
    fetch: (request) => node.fetch(request),
    async join(address) {
      await node.join(address.transport === "tcp" ? address.port : 0);
    },
    shutdown,
    hurry,
    finished: finished.promise,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

/** Runs `handler` on SIGTERM and SIGINT until the returned function is called. */
export function onSignals(handler: () => void): () => void {
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, handler);
  };
}
