import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLines, linesIn, tailStart, timeStart } from "./log_file.ts";

/** An open file, and how much of it has been read. */
interface Counted {
  readonly file: FileHandle;
  readonly size: number;
  /** Bytes. */
  read: number;
}

async function withLog(
  text: string | Uint8Array,
  body: (log: Counted, path: string) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), "log-"));
  try {
    const path = join(folder, "a.log");
    await writeFile(path, text);
    await using file = await open(path);
    const counted: Counted = { file, size: (await file.stat()).size, read: 0 };
    const read = file.read.bind(file) as (...args: unknown[]) => Promise<{ bytesRead: number }>;
    Object.assign(file, {
      read: async (...args: unknown[]) => {
        const result = await read(...args);
        counted.read += result.bytesRead;
        return result;
      },
    });
    await body(counted, path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("lastLines() reads the end of a file of any length", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`);
  await withLog(`${lines.join("\n")}\n`, async (_, path) => {
    for (const count of [1, 3, 10_000, 20_000, 50_000]) {
      deepEqual(await lastLines(path, count), lines.slice(-count), String(count));
    }
    deepEqual(await lastLines(path, 0), []);
    await writeFile(path, "no end");
    deepEqual(await lastLines(path, 5), ["no end"]);
    await writeFile(path, "one\nno end");
    deepEqual(await lastLines(path, 1), ["no end"]);
    await writeFile(path, "\n\n");
    deepEqual(await lastLines(path, 1), [""]);
    await writeFile(path, "");
    deepEqual(await lastLines(path, 5), []);
    await rejects(lastLines(`${path}.none`, 5));
  });
});

Deno.test("tailStart() is where the last lines begin, wherever pieces that are read end", async () => {
  const lines = Array.from({ length: 9 }, (_, index) => String(index).repeat(100_000));
  await withLog(`${lines.join("\n")}\n`, async ({ file, size }) => {
    for (let count = 0; count <= 10; count++) {
      const expected = Math.max(0, lines.length - count) * 100_001;
      equal(await tailStart(file, count, size), expected, String(count));
    }
  });
});

Deno.test("a line of any length is read once, and its beginning is kept", async () => {
  const bytes = new Uint8Array(32 * 1024 * 1024).fill(120);
  await withLog(bytes, async (log, path) => {
    const part = { file: log.file, from: await tailStart(log.file, 100, log.size), to: log.size };
    const lines = (await Array.fromAsync(linesIn(part))).flat();
    equal(lines.length, 1);
    equal(lines[0], `${"x".repeat(65_536)}… (${bytes.length - 65_536} characters more)`);
    equal(log.read, 2 * log.size, "once for where it begins, once for what it is");
    equal((await lastLines(path, 1))[0]?.length, lines[0]?.length);
  });
});

const SECOND = 1_000;
const BEGIN = Date.UTC(2026, 5, 1);
const stamp = (second: number) => new Date(BEGIN + second * SECOND).toISOString();
const pretty = (second: number) =>
  `${stamp(second).replace("T", " ").slice(0, 23)} INFO  ${second}`;

/** Lines of a log, a second each. */
const FORMS: [name: string, line: (second: number) => string][] = [
  ["for people", pretty],
  ["of JSON", (second) => JSON.stringify({ time: stamp(second), level: "info", message: second })],
  [
    "of JSON that are long",
    (second) =>
      JSON.stringify({ time: stamp(second), message: "x".repeat(second % 500 === 7 ? 9_000 : 1) }),
  ],
  ["with stacks", (second) => `${pretty(second)}\n    at one\n    at two\n\n`],
  [
    "with a long one",
    (second) => second === 30_000 ? `${pretty(second)} ${"y".repeat(3e6)}` : pretty(second),
  ],
];

for (const [name, line] of FORMS) {
  Deno.test(`timeStart() finds lines ${name} without reading those before`, async () => {
    const seconds = Array.from({ length: 60_000 }, (_, second) => second);
    const lines = seconds.map((second) => `${line(second)}\n`);
    const offsets: number[] = [];
    let at = 0;
    for (const each of lines) {
      offsets.push(at);
      at += new TextEncoder().encode(each).length;
    }
    await withLog(lines.join(""), async (log) => {
      for (const second of [0, 1, 12_345, 29_999, 30_000, 30_001, 59_998, 59_999]) {
        log.read = 0;
        equal(await timeStart(log.file, BEGIN + second * SECOND, log.size), offsets[second]);
        ok(log.read < 20e6, `read ${log.read} of ${log.size}`);
      }
      equal(await timeStart(log.file, BEGIN - SECOND, log.size), 0);
      equal(await timeStart(log.file, BEGIN + 60_000 * SECOND, log.size), log.size);
      // Between two lines.
      equal(await timeStart(log.file, BEGIN + 17_000.5 * SECOND, log.size), offsets[17_001]);
    });
  });
}

Deno.test("timeStart() reads a small part of a large log", async () => {
  const words = " word".repeat(60);
  const line = (_: unknown, second: number) => pretty(second) + words;
  const text = Array.from({ length: 60_000 }, line).join("\n");
  await withLog(text, async (log) => {
    ok(log.size > 18e6, String(log.size));
    const start = await timeStart(log.file, BEGIN + 40_000 * SECOND, log.size);
    equal(start, text.indexOf(pretty(40_000)));
    ok(log.read < 4e6, `read ${log.read} of ${log.size}`);
  });
});

Deno.test("timeStart() of a log without times is all of it", async () => {
  await withLog("no time\n".repeat(200_000), async ({ file, size }) => {
    equal(await timeStart(file, BEGIN, size), 0);
  });
  await withLog("", async ({ file }) => equal(await timeStart(file, BEGIN, 0), 0));
  await withLog(`no time\n${pretty(5)}\n`, async ({ file, size }) => {
    equal(await timeStart(file, BEGIN, size), 0, "what comes before any time may be of any time");
    equal(await timeStart(file, BEGIN + 9 * SECOND, size), size);
  });
});
