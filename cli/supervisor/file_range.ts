/**
 * A part of a file.
 *
 * @module
 */
import { open } from "node:fs/promises";

/**
 * Reads some bytes of a file.
 *
 * @param from The first byte.
 * @returns Fewer than `length` where the file ends before.
 * @throws when there is no such file.
 */
export async function readRange(path: string, from: number, length: number): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}
