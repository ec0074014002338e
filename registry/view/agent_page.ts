/**
 * Listings page by page. A page goes on after the last agent of the one before, by first
 * registration and id: agents that come, go or change meanwhile neither repeat nor hide others.
 * Pure.
 *
 * @module
 */
import * as z from "zod";
import type { Entry } from "../directory/entry.ts";

/** Where a page ended. */
export interface PagePlace {
  /** First registration of the last agent, milliseconds since the epoch. */
  readonly createdAt: number;
  readonly id: string;
}

/** One page. */
export interface AgentPage {
  readonly entries: readonly Entry[];
  /** Where the next one begins; `null` when there is none. */
  readonly next: string | null;
}

const PlaceSchema = z.tuple([z.number(), z.string()]);

/** What a cursor says; `undefined` when it is none of ours. */
export function readCursor(cursor: string): PagePlace | undefined {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const [createdAt, id] = PlaceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { createdAt, id };
  } catch {
    return undefined;
  }
}

/**
 * A page.
 *
 * @param entries In order of first registration.
 * @param after Where the page before ended; `undefined` for the first.
 * @param limit Most agents; `undefined` for all that are left.
 */
export function agentPage(
  entries: readonly Entry[],
  after: PagePlace | undefined,
  limit = Infinity,
): AgentPage {
  const left = after === undefined
    ? entries
    : entries.filter(({ id, record: { createdAt } }) =>
      createdAt > after.createdAt || (createdAt === after.createdAt && id > after.id)
    );
  if (left.length <= limit) return { entries: left, next: null };
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return { entries: page, next: last === undefined ? null : cursorAfter(last) };
}

function cursorAfter({ id, record }: Entry): string {
  const text = JSON.stringify([record.createdAt, id]);
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}
