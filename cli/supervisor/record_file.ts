/**
 * Record files: JSON that one process writes about itself and others read.
 *
 * @module
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ZodType } from "zod";

/** What a record file says; `undefined` when it is not there or not whole. */
export async function readRecord<T>(path: string, schema: ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch {
    // Gone, or being replaced by a program that does not do so atomically: no record.
    return undefined;
  }
}

/** Writes a record file so that a reader sees all of it or nothing. */
export async function writeRecord(path: string, record: { pid: number }): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${record.pid}.tmp`;
  await writeFile(draft, JSON.stringify(record, null, 2));
  await rename(draft, path);
}
