/**
 * The registry as a value: a `fetch` function over a database, with the work it does by itself.
 * Binds no port and reads no environment.
 *
 * @module
 */
import { createApp } from "./app.ts";
import { carefulLog } from "../base/careful_log.ts";
import { Chores } from "../base/chores.ts";
import { fetchOnce } from "../../runtime/base/fetch_once.ts";
import type { RegistryConfig } from "../config/config.ts";
import { Connections } from "../http/connections.ts";
import { DatabaseWatch } from "../base/database_watch.ts";
import { Members } from "../directory/members.ts";
import { Schemas } from "../directory/schemas.ts";
import { measuredKv } from "./measured_kv.ts";
import { type Lookup, lookups } from "../base/lookups.ts";
import type { IsOwnAddress } from "../http/own_addresses.ts";
import type { Peer } from "../http/peer.ts";
import { choresOf, sweepOf } from "./registry_chores.ts";
import { RegistryMetrics } from "../base/registry_metrics.ts";
import { Traces } from "../trace/traces.ts";

/** What {@linkcode createRegistry} needs. */
export interface RegistryOptions {
  /** Where all state lives; stays open when the registry is disposed of. */
  kv: Deno.Kv;
  /** Its settings; `readConfig` makes them. */
  config: RegistryConfig;
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number;
  /** Calls agents, for the proxy and `/mcp`. @default fetch */
  fetch?: typeof fetch;
  /** Tells which addresses are the registry's own, so that it never calls itself. @default none is known */
  isOwn?: IsOwnAddress;
  /** Finds the addresses of names that agents of other machines register. @default the system's */
  lookup?: Lookup;
  /** Says why what is written into the database is lost although nothing fails, if so. @default it is not */
  lost?: () => Promise<string | undefined>;
  /** How long a request's body may take to arrive, milliseconds. @default 30000 */
  arrivalMs?: number;
  /** Takes one line about something an operator should know. @default nothing is said */
  log?: (line: string) => void;
  /**
   * Whether it may work between requests. Where a host freezes what has no request to answer, it
   * does its work before and after answering. @default true
   */
  background?: boolean;
  /** What tells it from other registries, such as its host and process. @default a random one */
  instance?: string;
}

/**
 * A running registry. Disposing of it stops its timers, ends proxied calls under way and writes the
 * last beats.
 */
export interface Registry extends AsyncDisposable {
  /**
   * Answers one request.
   *
   * @param peer Who sent it, which admin routes want to know. @default unknown
   */
  fetch(request: Request, peer?: Peer): Promise<Response>;
  /** Does all it does by itself now, once: for hosts that call at set times. Never throws. */
  tend(): Promise<void>;
  /** Ends the streams it serves, and serves no more: then connections can drain. */
  endStreams(): void;
}

/** A registry over a database, with all the agents the database has. */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const { config, now = Date.now, fetch = fetchOnce(globalThis.fetch) } = options;
  const log = carefulLog(options.log ?? (() => {}));
  const { background = true, instance = `registry-${crypto.randomUUID().slice(0, 8)}` } = options;
  const metrics = new RegistryMetrics(instance);
  const database = new DatabaseWatch({ kv: options.kv, lost: options.lost, log });
  const quiet = database.quiet(log);
  const kv = measuredKv(database.kv, metrics.database);
  const { resolutions } = metrics;
  const onResolved = (seconds: number) => resolutions.observe(seconds);
  const members = await Members.load({ kv, config, now, log: quiet, onResolved });
  const schemas = new Schemas(kv);

  const closing = new AbortController();
  const noStreams = new AbortController();
  const chores = new Chores({ now, log: quiet });
  // A stream is a request: while it lives, timers may.
  const onStreams = (any: boolean) => {
    if (background) return;
    streams += any ? 1 : -1;
    if (streams > 0) chores.start();
    else chores.stop();
  };
  let streams = 0;
  const traces = await Traces.open({
    kv,
    config: config.trace,
    instance,
    counts: metrics,
    now,
    fetch,
    log,
    onStreams,
    background,
  });
  const sweep = sweepOf(members, schemas, config);
  for (const chore of [...choresOf(database, members, config), sweep, ...traces.chores]) {
    chores.add(chore);
  }
  const statuses = () => members.snapshot.entries().map(({ status }) => status);
  metrics.observeAgents(statuses);
  metrics.observeWaiting(() => traces.waiting());
  if (config.trace.redis) metrics.observeStream(() => traces.consumer?.consuming === true);
  const eventLoop = background ? metrics.observeProcess() : undefined;
  if (background) {
    chores.start();
    void chores.run(sweep);
  }

  const connections = new Connections(fetch);
  const answer = createApp({
    kv,
    database,
    members,
    schemas,
    traces,
    metrics,
    config,
    now,
    connections,
    log,
    closing: closing.signal,
    noStreams: noStreams.signal,
    onStreams,
    isOwn: options.isOwn ?? (() => false),
    lookup: options.lookup ?? lookups(),
    ...(options.arrivalMs !== undefined && { arrivalMs: options.arrivalMs }),
  });
  const answerAlone = async (request: Request, peer?: Peer) => {
    await chores.due();
    const response = await answer(request, peer);
    // Nothing may run once the answer is out.
    await members.flush();
    await traces.export();
    return response;
  };
  return {
    fetch: background ? answer : answerAlone,
    tend: () => chores.all(),
    endStreams: () => noStreams.abort(),
    async [Symbol.asyncDispose]() {
      eventLoop?.[Symbol.dispose]();
      noStreams.abort();
      closing.abort(new Error("the registry is stopping"));
      await chores[Symbol.asyncDispose]();
      await traces[Symbol.asyncDispose]();
      await members.flush();
      await members.settled();
      connections[Symbol.dispose]();
    },
  };
}
