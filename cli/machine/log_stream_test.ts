import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogCriteria, type OwnedLine, selected } from "./log_selection.ts";
import { chosenLines, lastOf, type LineStream, mergedLines } from "./log_stream.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const LOG = [
  "2026-06-01 12:00:00.000 INFO  one",
  `2026-06-01 12:00:01.000 ERROR two {"trace":"${ID}"}`,
  "    at a stack",
  "2026-06-01 12:00:02.000 DEBUG three",
  "2026-06-01 12:00:03.000 INFO  four",
];
const at = (second: number) => Date.UTC(2026, 5, 1, 12, 0, second);

async function textsOf(stream: LineStream): Promise<string[]> {
  return (await Array.fromAsync(stream)).flat().map(({ text }) => text);
}

const CHOICES: [criteria: LogCriteria, tail: number, shown: number[]][] = [
  [{}, 0, [0, 1, 2, 3, 4]],
  [{}, 2, [3, 4]],
  [{ since: at(1) }, 0, [1, 2, 3, 4]],
  [{ until: at(1) }, 0, [0, 1, 2]],
  [{ since: at(1), until: at(2) }, 0, [1, 2, 3]],
  [{ since: at(1), until: at(2) }, 1, [3]],
  [{ until: at(1) }, 1, [2]],
  [{ level: "INFO" }, 0, [0, 1, 2, 4]],
  [{ level: "INFO" }, 1, [4]],
  [{ trace: ID.slice(0, 6) }, 0, [1, 2]],
  [{ since: at(9) }, 0, []],
];

for (const [criteria, tail, shown] of CHOICES) {
  Deno.test(`chosenLines() ${JSON.stringify(criteria)}, the last ${tail || "of all"}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "log-"));
    try {
      await writeFile(join(folder, "a.log"), `${LOG.join("\n")}\n`);
      await using file = await open(join(folder, "a.log"));
      const log = { name: "a", file, end: (await file.stat()).size };
      const texts = await textsOf(lastOf(chosenLines(log, criteria, tail), tail));
      deepEqual(texts, shown.map((index) => LOG[index]));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** A stream that gives so many lines at a time. */
async function* streamOf(lines: readonly OwnedLine[], step: number): LineStream {
  for (let from = 0; from < lines.length; from += step) {
    await Promise.resolve();
    yield lines.slice(from, from + step);
    yield [];
  }
}

Deno.test("mergedLines() puts logs in the order of time, and leaves each log's own order", async () => {
  const timed = (name: string, ...seconds: number[]) =>
    selected(name, seconds.map((second) => `2026-06-01 12:00:0${second}.000 INFO  ${name}`), {});
  for (const step of [1, 2, 9]) {
    const merged = await Array.fromAsync(mergedLines([
      streamOf(timed("a", 0, 3, 3, 8), step),
      streamOf([], step),
      streamOf(timed("b", 1, 2, 9), step),
      streamOf(timed("c", 3), step),
    ]));
    equal(merged.flat().map(({ name }) => name).join(""), "abbaacab");
  }
  deepEqual(await Array.fromAsync(mergedLines([])), []);
});

Deno.test("lastOf() keeps no more than it must", async () => {
  const lines = Array.from(
    { length: 1_000 },
    (_, index) => ({ name: "a", text: `${index}`, time: 0 }),
  );
  deepEqual(await textsOf(lastOf(streamOf(lines, 7), 3)), ["997", "998", "999"]);
  deepEqual((await textsOf(lastOf(streamOf(lines, 7), 0))).length, 1_000);
});
