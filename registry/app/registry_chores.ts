/**
 * The work a registry does by itself: how often, and what each piece is called in the log.
 *
 * @module
 */
import type { Chore } from "../base/chores.ts";
import type { DatabaseWatch } from "../base/database_watch.ts";
import type { RegistryConfig } from "../config/config.ts";
import type { Members } from "../directory/members.ts";
import type { Schemas } from "../directory/schemas.ts";

/** Beats are collected this long and written together. */
const FLUSH_MS = 1_000;
/** How far what other instances do may be ahead of what this one answers from memory. */
const FOLLOW_MS = 250;

/** Returns what keeps the directory true, in the order in which one round does it. */
export function choresOf(
  database: Pick<DatabaseWatch, "look">,
  members: Members,
  { thresholdMs, scanMs }: RegistryConfig,
): readonly Chore[] {
  return [
    {
      name: "looking after the database",
      everyMs: FOLLOW_MS,
      work: () => database.look(),
    },
    {
      name: "following other instances",
      everyMs: FOLLOW_MS,
      work: () => members.follow(),
    },
    {
      name: "listening to other instances",
      everyMs: thresholdMs / 4,
      work: () => members.listen(),
    },
    {
      name: "looking for silent agents",
      everyMs: scanMs,
      work: () => members.observe(),
    },
    {
      name: "writing beats",
      everyMs: Math.min(FLUSH_MS, thresholdMs / 4),
      work: () => members.flushAged(),
    },
  ];
}

/** Returns the chore that forgets dead agents, and schemas that nothing has published for long. */
export function sweepOf(
  members: Members,
  schemas: Schemas,
  { sweepMs, retentionMs }: RegistryConfig,
): Chore {
  return {
    name: "the sweep",
    everyMs: sweepMs,
    work: async () => {
      await members.sweep();
      if (retentionMs > 0) await schemas.sweep(members.snapshot.entries());
    },
  };
}
