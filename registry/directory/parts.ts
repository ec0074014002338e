/**
 * A JSON document over several KV values: a value holds 64 KiB, an agent with hundreds of tools
 * needs more. All parts of a document are written in one commit, so none is ever half there.
 *
 * @module
 */

/** Bytes of one part; under KV's 65,536 with room for its own framing. */
export const PART_BYTES = 60_000;

/** Bytes of a whole document; under KV's 819,200 a commit, with room for keys and events. */
export const DOCUMENT_BYTES = 700_000;

/** The UTF-8 JSON of a document, cut into parts; always at least one. */
export function toParts(document: unknown): Uint8Array[] {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    parts.push(bytes.subarray(start, start + PART_BYTES));
  }
  return parts;
}

/** How many bytes a document's parts hold together. */
export function partsBytes(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

/** The document its parts, in order, hold. */
export function fromParts(parts: readonly Uint8Array[]): unknown {
  const bytes = new Uint8Array(partsBytes(parts));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return JSON.parse(new TextDecoder().decode(bytes));
}
