/**
 * Files in one piece, as `meshctl` carries them: each a line `<bytes> <path>` and its contents, one
 * after the other, compressed. The same files make the same bytes.
 *
 * @module
 */
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";

/** Contents by path; paths are relative, with `/`. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const LINE_END = "\n".charCodeAt(0);

/** Packs files, in the order of their paths. */
export function packArchive(files: Files): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = [...files]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .flatMap(([path, bytes]) => [encoder.encode(`${bytes.length} ${path}\n`), bytes]);
  return new Uint8Array(brotliCompressSync(joined(parts)));
}

/**
 * The files of an archive.
 *
 * @throws {Error} when it is cut short or no archive.
 */
export function unpackArchive(archive: Uint8Array): Files {
  const bytes = new Uint8Array(brotliDecompressSync(archive));
  const decoder = new TextDecoder();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(LINE_END, at);
    const [, size, path] = /^(\d+) (.+)$/.exec(decoder.decode(bytes.subarray(at, end))) ?? [];
    const next = end + 1 + Number(size);
    if (end < at || path === undefined || next > bytes.length) {
      throw new Error(`the archive is damaged at byte ${at}`);
    }
    files.set(path, bytes.subarray(end + 1, next));
    at = next;
  }
  return files;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
