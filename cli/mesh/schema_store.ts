/**
 * The canonical schemas a registry stores, and which one a hash or the beginning of one means.
 *
 * @module
 */
import {
  type StoredSchema,
  type StoredSchemaList,
  StoredSchemaListSchema,
  StoredSchemaSchema,
} from "../../runtime/protocol/stored_schema.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { formatAge } from "../output/duration.ts";
import { renderTable, type TablePlace } from "../output/table.ts";
import type { RegistryClient } from "./registry_client.ts";
import { shortened } from "../../runtime/base/cut_text.ts";

/** Most schemas a registry lists. */
export const SCHEMAS_MAX = 1_000;
const ALGORITHM = "sha256:";
/** Hexadecimal digits of a full hash, and of one as tables show it. */
const DIGITS = { full: 64, shown: 12 };
/** Characters of the CANONICAL_PREVIEW column. */
const PREVIEW_WIDTH = 60;

/**
 * The newest schemas.
 *
 * @param limit At most so many, 1 to {@linkcode SCHEMAS_MAX}.
 * @throws {CliError} as {@linkcode RegistryClient.ask} does.
 */
export function listSchemas(client: RegistryClient, limit: number): Promise<StoredSchemaList> {
  return client.ask({ path: `/schemas?limit=${limit}`, schema: StoredSchemaListSchema });
}

/**
 * The one schema that `reference` names.
 *
 * @param reference A hash or its beginning, with or without `sha256:` in front.
 * @throws {CliError} exit 3 when there is none, exit 2 when several begin so or it is no hash.
 */
export async function findSchema(client: RegistryClient, reference: string): Promise<StoredSchema> {
  const digits = reference.replace(/^sha256:/i, "").toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(digits)) {
    throw usageError(
      `"${reference}" is no hash of a schema`,
      `Write it like ${ALGORITHM}4f2a91…, or only the first digits of that; ` +
        "`list --schemas` shows what there is.",
    );
  }
  if (digits.length === DIGITS.full) {
    return await client.ask({
      path: `/schemas/${ALGORITHM}${digits}`,
      schema: StoredSchemaSchema,
      refusal: (status) => status === 404 ? notFound(reference) : undefined,
    });
  }
  const { schemas } = await listSchemas(client, SCHEMAS_MAX);
  const matches = schemas.filter(({ hash }) => hash.startsWith(ALGORITHM + digits));
  const [match, ...others] = matches;
  if (match === undefined) throw notFound(reference);
  if (others.length > 0) {
    throw usageError(
      `"${reference}" fits several schemas:\n${matches.map(({ hash }) => `  ${hash}`).join("\n")}`,
      "Give more digits.",
    );
  }
  return match;
}

function notFound(reference: string): CliError {
  return new CliError(EXIT.notFound, `schema not found: ${reference}`, {
    hint:
      "List what there is with `list --schemas`; a schema that no agent uses any more is dropped.",
  });
}

/** A hash as tables show it: enough of it to be told from the others. */
export function shortHash(hash: string): string {
  return hash.slice(0, ALGORITHM.length + DIGITS.shown);
}

/**
 * Lines of the table that `list --schemas` shows.
 *
 * @param now Milliseconds since the epoch.
 */
export function schemaTable(schemas: StoredSchema[], place: TablePlace, now: number): string[] {
  if (schemas.length === 0) {
    return [
      "No schemas found",
      "Agents publish the schemas of their tools when they register; those of agents that do not",
      "are not stored.",
    ];
  }
  const rows = schemas.map((schema) => [
    shortHash(schema.hash),
    schema.runtime_origin,
    formatAge(schema.created_at, now),
    preview(JSON.stringify(schemaOf(schema))),
  ]);
  const columns = ["HASH", "ORIGIN", "CREATED", "CANONICAL_PREVIEW"].map((title) => ({ title }));
  return [...renderTable(columns, rows, place), "", `${schemas.length} schema(s) found`];
}

/** Returns a schema as agents declare it, or the stored form if the registry has no declaration. */
export function schemaOf({ canonical, declared }: StoredSchema): Record<string, unknown> {
  return declared?.[0] ?? canonical;
}

function preview(text: string): string {
  return shortened(text, PREVIEW_WIDTH);
}
