import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataSize, dataSize, type DataSizeOptions, LEAST_FILE_BYTES } from "./data_size.ts";

const MIB = 1024 ** 2;
const ALL: DataSizeOptions = { enoughBytes: 1024 * MIB, share: 1 };

async function sizeOf(
  fill: (folder: string) => Promise<unknown>,
  options: Partial<DataSizeOptions> = {},
): Promise<DataSize> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-data-"));
  try {
    await fill(folder);
    return await dataSize(folder, { ...ALL, ...options });
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("dataSize() counts the files of all folders, and each as something", async () => {
  const { bytes, isWhole } = await sizeOf(async (folder) => {
    await mkdir(join(folder, "a/b"), { recursive: true });
    await writeFile(join(folder, "a/b/large"), new Uint8Array(MIB));
    for (let file = 0; file < 100; file++) await writeFile(join(folder, `${file}`), "");
  });
  equal(isWhole, true);
  ok(bytes >= MIB + 102 * LEAST_FILE_BYTES && bytes < 2 * MIB, `${bytes}`);
});

Deno.test("dataSize() has nothing to count where no folder is", async () => {
  deepEqual(await dataSize("/no/such/folder", ALL), { bytes: 0, isWhole: true });
});

Deno.test("dataSize() follows no link", async () => {
  const outside = await mkdtemp(join(tmpdir(), "mesh-data-"));
  try {
    await writeFile(join(outside, "large"), new Uint8Array(MIB));
    const { bytes, isWhole } = await sizeOf(async (folder) => {
      await symlink(outside, join(folder, "folder"));
      await symlink(join(outside, "large"), join(folder, "file"));
      await symlink(folder, join(folder, "itself"));
      await symlink("nowhere", join(folder, "nowhere"));
    });
    deepEqual({ bytes, isWhole }, { bytes: 4 * LEAST_FILE_BYTES, isWhole: true });
  } finally {
    await rm(outside, { recursive: true });
  }
});

Deno.test("dataSize() counts what a sparse file holds", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { bytes } = await sizeOf(async (folder) => {
    await using file = await open(join(folder, "sparse"), "w");
    await file.truncate(512 * MIB);
  });
  ok(bytes < MIB, `${bytes}`);
});

Deno.test("dataSize() stops once there is enough, or it is told to", async () => {
  const fill = async (folder: string) => {
    for (let file = 0; file < 50; file++) await writeFile(join(folder, `${file}`), "");
  };
  const { bytes, isWhole } = await sizeOf(fill, { enoughBytes: 10 * LEAST_FILE_BYTES });
  deepEqual({ bytes, isWhole }, { bytes: 11 * LEAST_FILE_BYTES, isWhole: false });
  equal((await sizeOf(fill, { signal: AbortSignal.abort() })).isWhole, false);
});

Deno.test("dataSize() reports what is too deep to be looked at", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { isWhole, problem } = await sizeOf(async (folder) => {
    // No path may have more than 4,096 characters; a folder that is moved may get one that has.
    const half = Array.from({ length: 10 }, () => "x".repeat(200)).join("/");
    for (const part of ["a", "b", "c"]) await mkdir(join(folder, part, half), { recursive: true });
    await rename(join(folder, "c"), join(folder, "b", half, "c"));
    await rename(join(folder, "b"), join(folder, "a", half, "b"));
  });
  equal(isWhole, false);
  match(problem ?? "", /too long/i);
});

Deno.test("dataSize() reports a folder that is something else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mesh-data-"));
  try {
    await writeFile(join(folder, "file"), "");
    const { isWhole, problem } = await dataSize(join(folder, "file"), ALL);
    equal(isWhole, false);
    ok(problem);
  } finally {
    await rm(folder, { recursive: true });
  }
});
