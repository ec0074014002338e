import { deepEqual } from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundLog } from "../../runtime/base/log_files.ts";
import type { LineStream } from "./log_stream.ts";
import { FollowedLog } from "./followed_log.ts";

async function textsOf(stream: LineStream): Promise<string[]> {
  return (await Array.fromAsync(stream)).flat().map(({ text }) => text);
}

interface Followed {
  readonly log: FollowedLog;
  readonly path: string;
  /** Moves the log out of the way, as a start does. */
  rotate(): Promise<void>;
  /** The texts that came since the last time. */
  appended(): Promise<string[]>;
}

async function withFollowed(before: string, body: (followed: Followed) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "followed-"));
  try {
    const path = join(folder, "a.log");
    await writeFile(path, before);
    await using log = await FollowedLog.open({ name: "a", path }, {});
    await body({
      log,
      path,
      rotate: () => rename(path, join(folder, "a.1.log")),
      appended: async () => (await log.appended()).map(({ text }) => text),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("FollowedLog gives what was there and then what comes, in whole lines", async () => {
  await withFollowed("one\ntwo\n", async ({ log, path, appended }) => {
    await appendFile(path, "three\nfo");
    deepEqual(await textsOf(log.before(0)), ["one", "two"]);
    deepEqual(await textsOf(log.before(1)), ["two"]);
    deepEqual(await appended(), ["three"]);
    await appendFile(path, "ur\n");
    deepEqual(await appended(), ["four"]);
    deepEqual(await appended(), []);
  });
});

Deno.test("FollowedLog loses nothing that was written just before a rotation", async () => {
  await withFollowed("old\n", async ({ log, path, rotate, appended }) => {
    await appendFile(path, "last words\ncut off");
    await rotate();
    await writeFile(path, "new run\n");
    deepEqual(await appended(), ["last words", "cut off", "new run"]);
    deepEqual(await textsOf(log.before(0)), []);
  });
});

Deno.test("FollowedLog waits where a log was moved away and the next is not there yet", async () => {
  await withFollowed("old\n", async ({ path, rotate, appended }) => {
    await rotate();
    deepEqual(await appended(), []);
    await writeFile(path, "new run\n");
    deepEqual(await appended(), ["new run"]);
  });
});

Deno.test("FollowedLog begins again where a log was emptied", async () => {
  await withFollowed("a long line\n", async ({ path, appended }) => {
    await truncate(path);
    await appendFile(path, "short\n");
    deepEqual(await appended(), ["short"]);
  });
});

Deno.test("FollowedLog loses nothing where a log was copied and emptied", async () => {
  await withFollowed("old\n", async ({ path, appended }) => {
    await appendFile(path, "one\n");
    deepEqual(await appended(), ["one"]);
    await appendFile(path, "two\nthr");
    boundLog(path, 10);
    await appendFile(path, "new\n");
    deepEqual(await appended(), ["two", "new"]);
  });
});

Deno.test("FollowedLog reads what is a lot piece by piece", async () => {
  await withFollowed("", async ({ log, path, appended }) => {
    const line = "x".repeat(99);
    await appendFile(path, `${line}\n`.repeat(100_000));
    const first = await appended();
    deepEqual([first.length < 50_000, log.hasMore], [true, true]);
    let count = first.length;
    while (log.hasMore) count += (await appended()).length;
    deepEqual(count, 100_000);
  });
});

Deno.test("FollowedLog may be looked at while a log is rotated", async () => {
  await withFollowed("", async ({ path, rotate, appended }) => {
    const seen: string[] = [];
    const rotations = Array.from({ length: 200 }, (_, index) => `run ${index}`);
    for (const run of rotations) {
      const rotating = rotate().then(() => writeFile(path, `${run}\n`));
      seen.push(...await appended());
      await rotating;
      seen.push(...await appended());
    }
    deepEqual(seen, rotations);
  });
});
