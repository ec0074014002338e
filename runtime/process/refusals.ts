/**
 * What agent code was refused by its sandbox: read from what Deno says, and counted.
 *
 * @module
 */
import type { Refusal } from "./plan.ts";

/** Most different refusals that are kept. */
const MOST_REFUSALS = 50;

/** What was refused. */
export type RefusedAccess = Pick<Refusal, "permission" | "resource">;

/** Reads the message of a `NotCapable`: `Requires read access to "/etc/passwd", run again with …`. */
export function readRefusal(message: string): RefusedAccess {
  const match = /Requires (?:all )?(\w+) access(?: to (?:"((?:[^"\\]|\\.)*)"|<(\w+)>))?/.exec(
    message,
  );
  const [, permission = "unknown", quoted, named] = match ?? [];
  return { permission, resource: quoted ?? named ?? null };
}

/** The list with one refusal more: known ones are counted, and the latest stands first. */
export function addRefusal(
  refusals: readonly Refusal[],
  { permission, resource }: RefusedAccess,
  at: Date,
): Refusal[] {
  const isSame = (each: Refusal) => each.permission === permission && each.resource === resource;
  const count = (refusals.find(isSame)?.count ?? 0) + 1;
  const others = refusals.filter((each) => !isSame(each));
  return [{ permission, resource, count, last_at: at.toISOString() }, ...others]
    .slice(0, MOST_REFUSALS);
}
