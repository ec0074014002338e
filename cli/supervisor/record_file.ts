/**
 * Record files: JSON that one process writes about itself and others read.
 *
 * By Deno itself: loading `node:fs` takes longer than all else that reads them.
 *
 * @module
 */
import { dirname } from "node:path";
import type { ZodType } from "zod";

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
export async function writeRecord(path: string, record: { pid: number }): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${record.pid}.tmp`;
  await Deno.writeTextFile(draft, JSON.stringify(record, null, 2));
  await Deno.rename(draft, path);
}
