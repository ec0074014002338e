import { equal } from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitInFolder } from "./folder_watch.ts";

Deno.test("waitInFolder() returns what a change in the folder brings", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watch-"));
  const file = join(folder, "a");
  try {
    const looked = Promise.withResolvers<void>();
    const found = waitInFolder(folder, async () => {
      const text = await readFile(file, "utf8").catch(() => undefined);
      looked.resolve();
      return text === "ready" ? text : undefined;
    }, { signal: AbortSignal.timeout(10_000) });
    await looked.promise;
    await writeFile(file, "ready");
    equal(await found, "ready");
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("waitInFolder() looks again when woken, and gives up when told to", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watch-"));
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ready = false;
    const wake = promise.then(() => ready = true);
    const found = waitInFolder(folder, () => Promise.resolve(ready || undefined), {
      wake: [wake],
      signal: AbortSignal.timeout(10_000),
    });
    resolve();
    equal(await found, true);
    const never = () => Promise.resolve(undefined);
    equal(await waitInFolder(folder, never, { signal: AbortSignal.abort() }), undefined);
    const controller = new AbortController();
    const waiting = waitInFolder(folder, never, { signal: controller.signal });
    controller.abort();
    equal(await waiting, undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});
