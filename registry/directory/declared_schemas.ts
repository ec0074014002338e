/**
 * The schemas that agents declare under the hash of a canonical form. A canonical form has no properties
 * named `title` or `default`, so that types which differ in such a property share one hash; the original
 * schemas, which agents publish beside it, show the difference.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { KnownSchema } from "../../runtime/protocol/resolve/known_schemas.ts";
import type { StoredSchema } from "../../runtime/protocol/stored_schema.ts";
import type { Snapshot } from "./snapshot.ts";

/** Most different schemas shown for one hash, and most tools inspected for them. */
const MOST = { shown: 5, inspected: 100 };

interface Declared {
  readonly schemas: Record<string, unknown>[];
  inspected: number;
}

/** The schemas declared under some hashes, from a snapshot. */
export class DeclaredSchemas {
  readonly #byHash: ReadonlyMap<string, Declared>;

  /** @param stored The canonical schemas to find declarations for. */
  constructor(snapshot: Snapshot, stored: readonly StoredSchema[]) {
    this.#byHash = new Map(stored.map(({ hash }) => [hash, { schemas: [], inspected: 0 }]));
    const { schemas } = snapshot.known;
    for (const { tool } of snapshot.tools()) {
      this.#inspect(tool.inputSchemaHash, () => schemas.input(tool));
      this.#inspect(tool.outputSchemaHash, () => schemas.output(tool));
    }
  }

  /** Returns a stored schema with the declarations under its hash, if these have more properties. */
  of(stored: StoredSchema): StoredSchema {
    const declared = this.#byHash.get(stored.hash)?.schemas ?? [];
    const saysMore = declared.some((schema) => !isDeepStrictEqual(schema, stored.canonical));
    return saysMore ? { ...stored, declared } : stored;
  }

  #inspect(hash: string, schemaOf: () => KnownSchema | undefined): void {
    const declared = this.#byHash.get(hash);
    if (declared === undefined || declared.inspected === MOST.inspected) return;
    declared.inspected += 1;
    const { schemas } = declared;
    const known = schemaOf();
    if (known?.isExact !== true || schemas.length === MOST.shown) return;
    if (schemas.every((other) => !isDeepStrictEqual(other, known.schema))) {
      schemas.push(known.schema);
    }
  }
}
