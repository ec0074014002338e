import { deepEqual, equal, throws } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackInto } from "./unpack.ts";

const FILES = new Map([
  ["deno.json", new TextEncoder().encode("{}")],
  ["cli/main.js", new TextEncoder().encode("main()")],
]);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "unpack-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("unpackInto() writes all files once, and leaves nothing else", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "runtime", "1.0.0-abc");
    unpackInto(folder, () => FILES);
    equal(await readFile(join(folder, "cli", "main.js"), "utf8"), "main()");
    deepEqual(await readdir(join(parent, "runtime")), ["1.0.0-abc"]);
    if (Deno.build.os !== "windows") {
      equal((await stat(join(parent, "runtime"))).mode & 0o777, 0o700, "its user's alone");
    }
    unpackInto(folder, () => {
      throw new Error("asked for its files again");
    });
  });
});

Deno.test("unpackInto() leaves nothing when it fails", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "1.0.0-abc");
    const damaged = () => {
      throw new Error("the archive is damaged");
    };
    throws(() => unpackInto(folder, damaged), /is damaged/);
    // A file cannot be a folder at once: the second write fails half-way.
    const impossible = new Map([["a", new Uint8Array(1)], ["a/b", new Uint8Array(1)]]);
    throws(() => unpackInto(folder, () => impossible));
    deepEqual(await readdir(parent), []);
  });
});

Deno.test("unpackInto() takes what somebody else has unpacked meanwhile", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "1.0.0-abc");
    unpackInto(folder, () => {
      unpackInto(folder, () => FILES);
      return FILES;
    });
    deepEqual(await readdir(parent), ["1.0.0-abc"]);
    equal(await readFile(join(folder, "deno.json"), "utf8"), "{}");
  });
});

Deno.test("unpackInto() removes what others left unfinished, once nobody can be at it", async () => {
  await inFolder(async (parent) => {
    for (const name of [".1.0.0-old.x", ".1.0.0-new.x"]) {
      await mkdir(join(parent, name));
      await writeFile(join(parent, name, "deno.json"), "{}");
    }
    await utimes(join(parent, ".1.0.0-old.x"), 0, 0);
    unpackInto(join(parent, "1.0.0-abc"), () => FILES);
    deepEqual((await readdir(parent)).toSorted(), [".1.0.0-new.x", "1.0.0-abc"]);
  });
});
