/**
 * How a session learns of changes: told unasked by servers of 2025, over a subscription by those of
 * 2026.
 *
 * @module
 */
import { type Client, ProtocolError } from "@modelcontextprotocol/client";
import { sleep } from "../base/sleep.ts";
import { backoffMs } from "../base/backoff.ts";

/** First and longest wait before a subscription that ended is made again, in milliseconds. */
const AGAIN = { firstMs: 1_000, longestMs: 60_000 };
/** Most resources whose changes are followed. */
const MOST_RESOURCES = 100;

/** What is followed, and who is told. */
export interface FollowOptions {
  /** Resources whose contents are followed. */
  readonly uris: readonly string[];
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Changes may have been missed. */
  readonly onMissed: () => void;
}

/** Has the server tell of changes for as long as the signal allows. Never throws. */
export async function followChanges(client: Client, options: FollowOptions): Promise<void> {
  const isModern = client.getProtocolEra() === "modern";
  await (isModern ? listen(client, options) : subscribe(client, options));
}

async function subscribe(client: Client, { uris, signal }: FollowOptions): Promise<void> {
  if (client.getServerCapabilities()?.resources?.subscribe !== true) return;
  for (const uri of uris.slice(0, MOST_RESOURCES)) {
    if (signal.aborted) return;
    // One that cannot be followed can still be read.
    await client.subscribeResource({ uri }, { signal }).catch(() => {});
  }
}

async function listen(client: Client, options: FollowOptions): Promise<void> {
  const { uris, signal, onMissed } = options;
  const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
  const filter = {
    ...(tools?.listChanged && { toolsListChanged: true }),
    ...(prompts?.listChanged && { promptsListChanged: true }),
    ...(resources?.listChanged && { resourcesListChanged: true }),
    ...(resources?.subscribe && uris.length > 0 &&
      { resourceSubscriptions: uris.slice(0, MOST_RESOURCES) }),
  };
  if (Object.keys(filter).length === 0) return;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const subscription = await client.listen(filter, { signal });
      failures = 0;
      await subscription.closed;
    } catch (error) {
      // A server that refuses will refuse again.
      if (error instanceof ProtocolError) return;
    }
    failures += 1;
    await sleep(backoffMs(AGAIN, failures), signal);
    if (!signal.aborted) onMissed();
  }
}
