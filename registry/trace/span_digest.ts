/**
 * What is known of some spans without reading them: enough to pass over traces that cannot be what is
 * looked for. Pure.
 *
 * @module
 */
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";

/** A digest, with short names because there is one for each trace of each commit. */
export interface SpanDigest {
  /** Names and ids of agents; `null` when there are too many to list. */
  readonly a: readonly string[] | null;
  /** Operations; `null` when there are too many to list. */
  readonly o: readonly string[] | null;
  /** Namespaces; `null` when there are too many to list. */
  readonly n: readonly string[] | null;
  /** Whether one failed. */
  readonly e: boolean;
}

/** The namespace of agents that name none. */
export const DEFAULT_NAMESPACE = "default";

/** Names of a list, and their characters together, at most. */
const NAMES_MAX = 16;
const CHARACTERS_MAX = 256;
/** Around the members of a digest, and around one name. */
const FRAME_BYTES = 64;

/** The digest of spans. */
export function digestOf(measured: readonly MeasuredSpan[]): SpanDigest {
  return {
    a: named(measured.flatMap(({ agent }) => [agent.name, agent.id])),
    o: named(measured.map(({ span }) => span.name)),
    n: named(measured.map(({ agent }) => agent.namespace ?? DEFAULT_NAMESPACE)),
    e: measured.some(({ span }) => span.error !== undefined),
  };
}

/** Whether `names` may have one. */
export function mayHave(names: readonly string[] | null, name: string): boolean {
  return names === null || names.includes(name);
}

/** Bytes of a digest in the database, at most: a character is one or two. */
export function digestBytes({ a, o, n }: SpanDigest): number {
  return [a, o, n].flatMap((names) => names ?? []).reduce(
    (bytes, name) => bytes + 2 * name.length + 8,
    FRAME_BYTES,
  );
}

function named(names: readonly string[]): readonly string[] | null {
  const distinct = [...new Set(names)];
  const characters = distinct.reduce((sum, name) => sum + name.length, 0);
  return distinct.length > NAMES_MAX || characters > CHARACTERS_MAX ? null : distinct;
}
