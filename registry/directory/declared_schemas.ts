/**
 * What agents declare under the hash of a canonical schema. A canonical form has no properties named
 * `title` or `default`, and types that differ in such a property share one hash; the schemas that
 * agents publish beside it tell them apart.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { KnownSchema } from "../../runtime/protocol/resolve/known_schemas.ts";
import type { StoredSchema } from "../../runtime/protocol/stored_schema.ts";
import type { Snapshot } from "./snapshot.ts";

/** Most different schemas that are shown of one hash, and most tools that are looked at for them. */
const MOST = { shown: 5, looked: 100 };

interface Declared {
  readonly schemas: Record<string, unknown>[];
  looked: number;
}

/** The schemas that agents of the mesh declare under some hashes, read off a snapshot. */
export class DeclaredSchemas {
  readonly #byHash: ReadonlyMap<string, Declared>;

  /** @param stored The canonical schemas that will be asked for. */
  constructor(snapshot: Snapshot, stored: readonly StoredSchema[]) {
    this.#byHash = new Map(stored.map(({ hash }) => [hash, { schemas: [], looked: 0 }]));
    const { schemas } = snapshot.known;
    for (const { tool } of snapshot.tools()) {
      this.#look(tool.inputSchemaHash, () => schemas.input(tool));
      this.#look(tool.outputSchemaHash, () => schemas.output(tool));
    }
  }

  /** Returns a stored schema with what is declared under its hash, if that says more. */
  of(stored: StoredSchema): StoredSchema {
    const declared = this.#byHash.get(stored.hash)?.schemas ?? [];
    const saysMore = declared.some((schema) => !isDeepStrictEqual(schema, stored.canonical));
    return saysMore ? { ...stored, declared } : stored;
  }

  #look(hash: string, schemaOf: () => KnownSchema | undefined): void {
    const declared = this.#byHash.get(hash);
    if (declared === undefined || declared.looked === MOST.looked) return;
    declared.looked += 1;
    const { schemas } = declared;
    const known = schemaOf();
    if (known?.isExact !== true || schemas.length === MOST.shown) return;
    if (schemas.every((other) => !isDeepStrictEqual(other, known.schema))) {
      schemas.push(known.schema);
    }
  }
}
