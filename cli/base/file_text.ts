/**
 * Reading files that people wrote.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileText } from "../../runtime/base/file_text.ts";

/** Reads the text of a file, in whichever encoding its byte order mark names. */
export async function readText(file: string): Promise<string> {
  return fileText(await readFile(file));
}
