/**
 * The canonical schemas that agents have published, by hash. Whoever publishes a hash first fixes
 * what is stored under it; hashes are asserted by agents and not recomputed.
 *
 * | key | value |
 * |---|---|
 * | `["schema", key]` | `{hash, runtime_origin, created_at}`; the key is a digest of the hash |
 * | `["schema_body", key, part]` | the schema, JSON over as many values as it needs |
 *
 * @module
 */
import type { StoredSchema } from "../../runtime/protocol/stored_schema.ts";
import { fromParts, toParts } from "./parts.ts";
import { type AgentRecord, digestOf } from "./record.ts";

/** What is stored beside a schema's body. */
interface SchemaRow {
  readonly hash: string;
  readonly runtime_origin: string;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
}

/** Keys of one read; KV answers ten at a time. */
const KEYS_A_READ = 10;
/** Schemas one sweep forgets at most. */
const SWEPT_AT_ONCE = 1_000;

/** Stored schemas. */
export class Schemas {
  readonly #kv: Deno.Kv;
  /** Agents, as registered, whose schemas are known to be stored. */
  readonly #kept = new WeakSet<AgentRecord>();
  /** Digests nobody referred to when the last sweep looked. */
  #orphans = new Set<string>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /**
   * Stores what an agent has published and is not stored yet.
   *
   * @param now Milliseconds since the epoch.
   */
  async keep(record: AgentRecord, now: number): Promise<void> {
    if (this.#kept.has(record)) return;
    const published = publishedBy(record);
    const keys = [...published.keys()];
    for (let start = 0; start < keys.length; start += KEYS_A_READ) {
      const rows = await this.#kv.getMany<SchemaRow[]>(
        keys.slice(start, start + KEYS_A_READ).map((key) => ["schema", key]),
      );
      for (const { key: [, key], value } of rows) {
        const schema = value === null ? published.get(String(key)) : undefined;
        if (schema === undefined) continue;
        await this.#add(String(key), schema.canonical, {
          hash: schema.hash,
          runtime_origin: record.runtime || "unknown",
          created_at: now,
        });
      }
    }
    this.#kept.add(record);
  }

  /** The schema with this hash. */
  async get(hash: string): Promise<StoredSchema | undefined> {
    const { value } = await this.#kv.get<SchemaRow>(["schema", digestOf(hash)]);
    return value === null ? undefined : await this.#shown(value);
  }

  /**
   * The newest schemas.
   *
   * @param limit Most of them.
   */
  async list(limit: number): Promise<StoredSchema[]> {
    const rows = await this.#rows();
    rows.sort((a, b) => b.created_at - a.created_at || (a.hash < b.hash ? -1 : 1));
    const shown = await Promise.all(rows.slice(0, limit).map((row) => this.#shown(row)));
    return shown.flatMap((schema) => schema ?? []);
  }

  /**
   * Forgets schemas no agent refers to any more, and did not when this was last asked either: an
   * agent that has just registered with another instance may not be among these yet.
   *
   * @param agents All that are registered.
   */
  async sweep(agents: Iterable<{ readonly record: AgentRecord }>): Promise<void> {
    const referred = new Set<string>();
    for (const { record } of agents) {
      for (const key of publishedBy(record).keys()) referred.add(key);
    }
    const orphans = (await this.#rows()).map(({ hash }) => digestOf(hash))
      .filter((key) => !referred.has(key));
    for (const key of orphans.filter((key) => this.#orphans.has(key)).slice(0, SWEPT_AT_ONCE)) {
      const commit = this.#kv.atomic().delete(["schema", key]);
      for await (const part of this.#kv.list({ prefix: ["schema_body", key] })) {
        commit.delete(part.key);
      }
      await commit.commit();
    }
    this.#orphans = new Set(orphans);
  }

  async #add(key: string, canonical: Record<string, unknown>, row: SchemaRow): Promise<void> {
    const id = ["schema", key];
    // Somebody else may have been first since we looked: then theirs stays.
    const commit = this.#kv.atomic().check({ key: id, versionstamp: null }).set(id, row);
    toParts(canonical).forEach((part, index) => commit.set(["schema_body", key, index], part));
    await commit.commit();
  }

  async #rows(): Promise<SchemaRow[]> {
    const rows = this.#kv.list<SchemaRow>({ prefix: ["schema"] });
    return await Array.fromAsync(rows, ({ value }) => value);
  }

  async #shown({ hash, runtime_origin, created_at }: SchemaRow): Promise<StoredSchema | undefined> {
    const rows = this.#kv.list<Uint8Array>({ prefix: ["schema_body", digestOf(hash)] });
    const parts = await Array.fromAsync(rows, ({ value }) => value);
    // Swept between the two reads.
    if (parts.length === 0) return undefined;
    return {
      hash,
      // The database holds what this module wrote.
      canonical: fromParts(parts) as Record<string, unknown>,
      runtime_origin,
      created_at: new Date(created_at).toISOString(),
    };
  }
}

/** What an agent has published, by digest of the hash; of two bodies with one hash the first. */
function publishedBy({ tools }: AgentRecord) {
  const published = new Map<string, { hash: string; canonical: Record<string, unknown> }>();
  const add = (hash: string, canonical: Record<string, unknown> | null | undefined) => {
    if (hash === "" || !canonical) return;
    const key = digestOf(hash);
    if (!published.has(key)) published.set(key, { hash, canonical });
  };
  for (const tool of tools) {
    add(tool.inputSchemaHash, tool.inputSchemaCanonical);
    add(tool.outputSchemaHash, tool.outputSchemaCanonical);
  }
  return published;
}
