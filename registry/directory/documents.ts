/**
 * The JSON documents of agents in Deno KV: registrations and last answers, each over as many values
 * as it needs.
 *
 * @module
 */
import { fromParts, PART_BYTES } from "./parts.ts";

/** What is kept of an agent as a document. */
export type DocumentKind = "agent" | "answered";

/** Reads and writes documents; writing goes into the commit it is given. */
export class Documents {
  readonly #kv: Deno.Kv;
  /** How many values each document of more than one takes; needed to delete what is left over. */
  readonly #long = new Map<string, number>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** All documents of a kind, by agent. */
  async all(kind: DocumentKind): Promise<Map<string, unknown>> {
    const parts = new Map<string, Uint8Array[]>();
    for await (const { key, value } of this.#kv.list<Uint8Array>({ prefix: [kind] })) {
      const id = String(key[1]);
      const found = parts.get(id);
      if (found === undefined) parts.set(id, [value]);
      else found.push(value);
    }
    const documents = new Map<string, unknown>();
    for (const [id, found] of parts) {
      this.#note(kind, id, found.length);
      documents.set(id, fromParts(found));
    }
    return documents;
  }

  /**
   * The document whose first part has been read already.
   *
   * @param first Its first part; `null` where there is none.
   */
  async after(kind: DocumentKind, id: string, first: Uint8Array | null): Promise<unknown> {
    if (first === null) {
      this.#note(kind, id, 0);
      return undefined;
    }
    if (first.length < PART_BYTES) {
      this.#note(kind, id, 1);
      return fromParts([first]);
    }
    // One list of so few rows is one read: all parts are of the same commit.
    const rows = this.#kv.list<Uint8Array>({ prefix: [kind, id] });
    const parts = await Array.fromAsync(rows, ({ value }) => value);
    this.#note(kind, id, parts.length);
    return parts.length === 0 ? undefined : fromParts(parts);
  }

  /** Sets a document's parts and deletes those it no longer has; no parts delete it. */
  set(
    commit: Deno.AtomicOperation,
    kind: DocumentKind,
    id: string,
    parts: readonly Uint8Array[],
  ): void {
    const before = this.#long.get(`${kind} ${id}`) ?? 1;
    parts.forEach((part, index) => commit.set([kind, id, index], part));
    for (let index = parts.length; index < before; index++) commit.delete([kind, id, index]);
  }

  /** Notes that a document now has so many parts. */
  written(kind: DocumentKind, id: string, parts: number): void {
    this.#note(kind, id, parts);
  }

  #note(kind: DocumentKind, id: string, parts: number): void {
    const name = `${kind} ${id}`;
    if (parts > 1) this.#long.set(name, parts);
    else this.#long.delete(name);
  }
}
