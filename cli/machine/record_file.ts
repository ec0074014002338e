/**
 * Record files: JSON that one process writes about itself and others read.
 *
 * @module
 */
import type { ZodType } from "zod";
import { writePrivate } from "./private_file.ts";

/** What a record file says; `undefined` when it is not there or not whole. */
export async function readRecord<T>(path: string, schema: ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await Deno.readTextFile(path))).data;
  } catch {
    // Gone, or being replaced by a program that does not do so atomically: no record.
    return undefined;
  }
}

/** Writes a record file so that a reader sees all of it or nothing. */
export function writeRecord(path: string, record: { pid: number }): void {
  writePrivate(path, JSON.stringify(record, null, 2));
}
