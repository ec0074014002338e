/**
 * Serving an agent, whatever host its code is behind.
 *
 * @module
 */
import type { RunningAgent, ServeOptions } from "../define/serving.ts";
import { agentConfig } from "./config.ts";
import type { Environment } from "../base/environment.ts";
import type { Host } from "../boundary/host.ts";
import { listen, type Listener } from "./listen.ts";
import type { Log } from "../base/log.ts";
import { MeshNode } from "./node.ts";
import { fetchOnce } from "../base/fetch_once.ts";

/** A {@linkcode RunningAgent} inside the runtime. */
export interface ServedAgent extends RunningAgent {
  readonly node: MeshNode;
}

/** How long answers that are being sent may take at least once every call is over, in milliseconds. */
const CLOSE_MS = 300;

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
