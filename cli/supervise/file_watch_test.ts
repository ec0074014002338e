import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileWatch } from "./file_watch.ts";

/** Watches a folder of its own; what it is told, in order. */
async function withWatch(
  body: (watched: {
    folder: string;
    watch: FileWatch;
    changes: string[];
    /** The next time that all is quiet. */
    quiet(): Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "watch-"));
  const changes: string[] = [];
  let heard = Promise.withResolvers<string[]>();
  const name = (path: string) => path.slice(folder.length + 1);
  const watch = new FileWatch({
    quietMs: 30,
    wants: (path) => path.endsWith(".ts"),
    onChange: (path) => changes.push(name(path)),
    onQuiet: (paths) => heard.resolve(paths.map(name)),
  });
  try {
    await body({
      folder,
      watch,
      changes,
      quiet: async () => {
        const paths = await heard.promise;
        heard = Promise.withResolvers();
        return paths.toSorted();
      },
    });
  } finally {
    watch[Symbol.dispose]();
    await rm(folder, { recursive: true });
  }
}

Deno.test("FileWatch tells of changes at once and of all together once it is quiet", async () => {
  await withWatch(async ({ folder, watch, changes, quiet }) => {
    await writeFile(join(folder, "a.md"), "1");
    watch.watch({ files: [join(folder, "a.md")], folders: [folder], trees: [] });
    await writeFile(join(folder, "a.md"), "2");
    await writeFile(join(folder, "new.ts"), "1");
    await writeFile(join(folder, "other.md"), "1");
    deepEqual(await quiet(), ["a.md", "new.ts"]);
    deepEqual([...new Set(changes)].toSorted(), ["a.md", "new.ts"]);
  });
});

Deno.test("FileWatch sees files that are replaced, as editors do, and removed", async () => {
  await withWatch(async ({ folder, watch, quiet }) => {
    const file = join(folder, "a.ts");
    await writeFile(file, "1");
    watch.watch({ files: [file], folders: [], trees: [] });
    await writeFile(join(folder, "a.ts~"), "2");
    await rename(join(folder, "a.ts~"), file);
    deepEqual(await quiet(), ["a.ts"]);
    await rm(file);
    deepEqual(await quiet(), ["a.ts"]);
  });
});

Deno.test("FileWatch is silent about files that are touched or written as they were", async () => {
  await withWatch(async ({ folder, watch, changes, quiet }) => {
    const [same = "", other = ""] = ["same.ts", "other.ts"].map((name) => join(folder, name));
    await writeFile(same, "1");
    watch.watch({ files: [same, other], folders: [], trees: [] });
    await utimes(same, 1, 1);
    await writeFile(same, "1");
    await writeFile(other, "1");
    deepEqual(await quiet(), ["other.ts"]);
    equal(changes.includes("same.ts"), false);
  });
});

Deno.test("FileWatch.look() finds what changed before it was watched", async () => {
  await withWatch(async ({ folder, watch, quiet }) => {
    const file = join(folder, "below", "a.ts");
    watch.watch({ files: [file], folders: [], trees: [] });
    await mkdir(join(folder, "below"));
    await writeFile(file, "1");
    watch.look();
    deepEqual(await quiet(), [join("below", "a.ts")]);
  });
});

Deno.test("FileWatch watches trees to their leaves, and follows what it is to watch", async () => {
  await withWatch(async ({ folder, watch, quiet }) => {
    await mkdir(join(folder, "tree", "below"), { recursive: true });
    watch.watch({ files: [], folders: [], trees: [join(folder, "tree")] });
    await writeFile(join(folder, "tree", "below", "a.ts"), "1");
    deepEqual(await quiet(), [join("tree", "below", "a.ts")]);
    watch.watch({ files: [], folders: [folder], trees: [] });
    await writeFile(join(folder, "tree", "below", "a.ts"), "2");
    await writeFile(join(folder, "b.ts"), "1");
    const paths = await quiet();
    equal(paths.includes("b.ts"), true);
  });
});
