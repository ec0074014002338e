/**
 * The hash agents compare schemas by.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { canonicalSchema } from "./canonical.ts";
import type { Json } from "./definitions.ts";
import { printJson } from "./json_text.ts";

/** A schema as an agent publishes it beside the original. */
export interface PublishedSchema {
  /** The canonical form. */
  readonly canonical: Record<string, unknown>;
  /** `sha256:` and 64 hexadecimal digits of the canonical form's text. */
  readonly hash: string;
  /** What the canonical form does not say. */
  readonly warnings: readonly string[];
}

/** The canonical form of a schema, its hash, and what was lost. */
export function publishedSchema(schema: Json): PublishedSchema {
  const { schema: canonical, warnings } = canonicalSchema(schema);
  return { canonical, hash: schemaHash(canonical), warnings };
}

/** The hash of a canonical schema; a schema in another form has another hash. */
export function schemaHash(canonical: Json): string {
  return `sha256:${createHash("sha256").update(printJson(canonical)).digest("hex")}`;
}
