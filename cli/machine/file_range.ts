/**
 * A part of a file.
 *
 * @module
 */
import type { FileHandle } from "node:fs/promises";

/**
 * Reads some bytes of a file.
 *
 * @param from The first byte.
 * @returns Fewer than `length` where the file ends before.
 */
export async function readRange(
  file: FileHandle,
  from: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}
