/**
 * Forgetting what is over: agents dead for long, the oldest of what happened, changes nobody can be
 * behind any more.
 *
 * @module
 */
import type { RegistryConfig } from "../config/config.ts";
import type { Entry } from "./entry.ts";
import type { Replica } from "./replica.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Store } from "./store.ts";

/** What a sweep works on. */
export interface SweepOptions {
  snapshot: Snapshot;
  store: Store;
  replica: Replica;
  config: RegistryConfig;
}

/**
 * Sweeps, unless another instance is at it.
 *
 * @param now Milliseconds since the epoch.
 */
export async function sweep(options: SweepOptions, now: number): Promise<void> {
  const { store, replica, config } = options;
  const release = await store.claimSweep(now);
  if (release === undefined) return;
  try {
    await replica.follow();
    await purge(options, now);
    await store.events.cap(config.eventMaxRows);
    await store.trimChanges(now);
  } finally {
    await release();
  }
}

async function purge({ snapshot, store, replica, config }: SweepOptions, now: number) {
  const { retentionMs } = config;
  if (retentionMs === 0) return;
  const isExpired = ({ status, seen }: Entry) => status !== "healthy" && seen < now - retentionMs;
  for (const { id } of snapshot.entries().filter(isExpired)) {
    const purged = await replica.decide(() => {
      const entry = snapshot.get(id);
      if (entry === undefined || !isExpired(entry)) {
        return { changes: [], at: now, apply: () => false };
      }
      return {
        changes: [{ record: entry.record, purge: true }],
        at: now,
        apply: () => {
          snapshot.delete(entry);
          return true;
        },
      };
    });
    if (purged) await store.events.forget(id);
  }
}
