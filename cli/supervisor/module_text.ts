/**
 * The text of a module, as Deno reads it: the byte order mark it may begin with says how it is encoded.
 *
 * @module
 */
import { readFile } from "node:fs/promises";

/** Returns the text of a module, or of its beginning, without byte order marks. */
export function moduleText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes).replace(/^\uFEFF+/, "");
}

/** Reads the text of a module. */
export async function readModuleText(file: string): Promise<string> {
  return moduleText(await readFile(file));
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
