import { deepEqual, equal, rejects } from "node:assert/strict";
import { mock } from "node:test";
import { type BusyStreams, progressBar, type Say, whileBusy } from "./busy_line.ts";
import { createOutput } from "./output.ts";

interface Shown {
  /** Everything written to standard error since the last time. */
  taken(): string;
  /** Moves the time on. */
  pass(ms: number): void;
  streams: BusyStreams;
}

/** Runs a body with streams of a terminal and a clock that only it moves. */
async function shown(
  body: (shown: Shown) => Promise<void>,
  { live = { stdout: true, stderr: true }, columns = 40 } = {},
): Promise<void> {
  let written = "";
  const stream = (isLive: boolean, sink: (text: string) => void) =>
    createOutput({ sink, colours: false, columns: () => columns, isLive });
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    await body({
      taken: () => {
        const text = written;
        written = "";
        return text;
      },
      pass: (ms) => mock.timers.tick(ms),
      streams: {
        stdout: stream(live.stdout, () => {}),
        stderr: stream(live.stderr, (text) => written += text),
      },
    });
  } finally {
    mock.timers.reset();
  }
}

/** Begins to be busy, and stays so until told. */
function busy(streams: BusyStreams | undefined, text: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let say: Say = () => {};
  const ended = whileBusy(streams, text, (given) => {
    say = given;
    return promise;
  });
  return { say: (text: string) => say(text), resolve, reject, ended };
}

Deno.test("whileBusy() shows a line after a while, changes it, and takes it away", async () => {
  await shown(async ({ streams, taken, pass }) => {
    const work = busy(streams, "Waiting");
    pass(300);
    equal(taken(), "");
    pass(100);
    equal(taken(), "\r\x1b[K⠼ Waiting");
    pass(100);
    equal(taken(), "\r⠴");
    work.say("Nearly there");
    pass(100);
    equal(taken(), "\r\x1b[K⠦ Nearly there");
    work.resolve("done");
    equal(await work.ended, "done");
    equal(taken(), "\r\x1b[K");
    pass(1_000);
    equal(taken(), "");
  });
});

Deno.test("whileBusy() shows nothing of what is done soon", async () => {
  await shown(async ({ streams, taken, pass }) => {
    const work = busy(streams, "Waiting");
    pass(399);
    work.resolve("done");
    await work.ended;
    pass(1_000);
    equal(taken(), "");
  });
});

Deno.test("whileBusy() takes its line away before a failure is shown", async () => {
  await shown(async ({ streams, taken, pass }) => {
    const work = busy(streams, "Waiting");
    pass(400);
    taken();
    work.reject(new Error("own"));
    await rejects(work.ended, /own/);
    equal(taken(), "\r\x1b[K");
  });
});

Deno.test("whileBusy() keeps to one line, and does what no text says", async () => {
  await shown(async ({ streams, taken, pass }) => {
    const work = busy(streams, "Waiting for \x1b[2Ja\nb and others");
    pass(400);
    equal(taken(), "\r\x1b[K⠼ Waiting for \\x1b…");
    work.resolve("");
    await work.ended;
  }, { columns: 20 });
});

for (
  const [name, live] of [
    ["standard output is read by a program", { stdout: false, stderr: true }],
    ["standard error is", { stdout: true, stderr: false }],
    ["both are", { stdout: false, stderr: false }],
  ] as const
) {
  Deno.test(`whileBusy() shows nothing where ${name}`, async () => {
    await shown(async ({ streams, taken, pass }) => {
      const work = busy(streams, "Waiting");
      pass(1_000);
      work.say("Still");
      pass(1_000);
      work.resolve("done");
      equal(await work.ended, "done");
      equal(taken(), "");
    }, { live });
  });
}

Deno.test("whileBusy() shows nothing where it is given no streams", async () => {
  const work = busy(undefined, "Waiting");
  work.say("Still");
  work.resolve("done");
  equal(await work.ended, "done");
});

Deno.test("progressBar() is as full as something is done", () => {
  const full = (done: number) => progressBar(done, 500).indexOf("─");
  deepEqual([0, 24, 25, 250, 499].map(full), [0, 0, 1, 10, 19]);
  equal(progressBar(500, 500), "━".repeat(20));
  equal(progressBar(600, 500), "━".repeat(20));
});
