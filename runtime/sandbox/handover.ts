/**
 * Bytes on their way to another thread. Cloning them costs several times what copying them does, so
 * those that are many are handed over: whoever sends them has no use of them any more.
 *
 * @module
 */

/** From how many bytes on handing over pays. */
const MANY = 16 * 1024;

/** Bytes to send, and the memory that is handed over with them. */
export interface Handover {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly transfer: readonly ArrayBuffer[];
}

const NOTHING: readonly ArrayBuffer[] = [];

/**
 * Prepares bytes.
 *
 * @param isOwn Whether nobody else holds on to them.
 */
export function handover(given: Uint8Array, isOwn: boolean): Handover {
  const isMany = given.length >= MANY;
  const bytes = isWhole(given) && (isOwn || !isMany) ? given : new Uint8Array(given);
  return { bytes, transfer: isMany ? [bytes.buffer] : NOTHING };
}

/** Whether bytes are all of their memory: a clone of a part would be one of everything around it. */
function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
}
