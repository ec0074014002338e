/**
 * The registry as a value: a `fetch` function over a database, with the timers it needs. Binds no
 * port and reads no environment.
 *
 * @module
 */
import { createApp } from "./app.ts";
import type { RegistryConfig } from "./config.ts";
import { Members } from "./directory/members.ts";

/** What {@linkcode createRegistry} needs. */
export interface RegistryOptions {
  /** Where all state lives; stays open when the registry is disposed of. */
  kv: Deno.Kv;
  /** Its settings; `readConfig` makes them. */
  config: RegistryConfig;
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number;
  /** Calls agents, for the proxy. @default fetch */
  fetch?: typeof fetch;
  /** Takes one line about something an operator should know. @default nothing is said */
  log?: (line: string) => void;
}

/**
 * A running registry. Disposing of it stops its timers, ends proxied calls under way and writes the
 * last beats.
 */
export interface Registry extends AsyncDisposable {
  /** Answers one request. */
  fetch(request: Request): Promise<Response>;
}

/** Beats are collected this long and written together. */
const FLUSH_MS = 1_000;

/** A registry over a database, with all the agents the database has. */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const { kv, config, now = Date.now, fetch = globalThis.fetch, log = () => {} } = options;
  const members = await Members.load({ kv, config, now, log });

  const closing = new AbortController();
  let sweeping: Promise<void> | undefined;
  const sweep = () => {
    sweeping ??= members.sweep()
      .catch((error) => log(`the sweep failed: ${error}`))
      .finally(() => sweeping = undefined);
  };
  sweep();
  const timers = [
    setInterval(() => members.observe(), config.scanMs),
    setInterval(() => members.flush(), FLUSH_MS),
    setInterval(sweep, config.sweepMs),
  ];
  return {
    fetch: createApp({ members, config, now, fetch, log, closing: closing.signal }),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error("the registry is stopping"));
      timers.forEach(clearInterval);
      await sweeping;
      await members.flush();
      await members.settled();
    },
  };
}
