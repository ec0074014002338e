/**
 * Files of projects, for tests.
 *
 * @module
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * Runs `body` with a runtime in `mesh/`, and files beside it.
 *
 * @param files Texts, or what they say as JSON, by path.
 */
export async function withFiles(
  files: Record<string, unknown>,
  body: (folder: string, root: string) => Promise<void> | void,
): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "project-")));
  const runtime = { imports: { mesh: "./runtime/mod.ts", zod: "npm:zod@4.0.0" } };
  try {
    const all = { "mesh/deno.json": {}, "mesh/import_map.json": runtime, ...files };
    for (const [name, value] of Object.entries(all)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await writeFile(join(folder, name), text);
    }
    await body(folder, join(folder, "mesh"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
