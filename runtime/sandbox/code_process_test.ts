import { deepEqual, equal, match, ok } from "node:assert/strict";
import process from "node:process";
import { once } from "node:events";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { sleep } from "../base/sleep.ts";
import { type CodeProcess, type CodeProcessOptions, startCodeProcess } from "./code_process.ts";
import { LOG_LINES_PER_SECOND } from "./log_budget.ts";
import { Reaper } from "./reaper.ts";

const MIB = 1024 ** 2;
const GONE_MS = 3_000;

/** Connects standard input and output of the module to the test. */
const CHANNEL = `
  import net from "node:net";
  const channel = new net.Socket({ fd: 3 });
  channel.on("close", () => Deno.exit(0));
`;

class Trial implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly reaper = new Reaper({
    log: (_level, message) => this.warnings.push(message),
    lookMs: 50,
  });
  readonly code: CodeProcess;

  constructor(source: string, options: Partial<CodeProcessOptions> = {}) {
    this.code = startCodeProcess({
      flags: ["--no-prompt", "--no-config", "--no-lock", "--cached-only"],
      program: [`data:application/javascript,${encodeURIComponent(source)}`],
      env: { PATH: "/usr/bin:/bin", NO_COLOR: "1" },
      cwd: Deno.cwd(),
      memoryBytes: 512 * MIB,
      reaper: this.reaper,
      onLine: (source, line) => this.lines.push(`${source}: ${line}`),
      ...options,
    });
  }

  /** Resolves with what the code says over its channel. */
  async word(): Promise<string> {
    const [bytes] = await once(this.code.channel, "data");
    return String(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.code.kill();
    await this.code.exited;
    await this.code.gone;
    await this.reaper[Symbol.asyncDispose]();
  }
}

/** Whether a process runs, and is not only waiting to be noticed as ended. */
async function runs(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function isGone(pid: number): Promise<boolean> {
  const until = Date.now() + GONE_MS;
  while (await runs(pid)) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}

processTest(
  "startCodeProcess() connects file descriptor 3 and leads a group of its own",
  async () => {
    await using trial = new Trial(
      `${CHANNEL} channel.on("data", (bytes) => channel.write("heard " + bytes)); channel.write("hi");`,
    );
    equal(await trial.word(), "hi");
    trial.code.channel.write("you");
    equal(await trial.word(), "heard you");
    process.kill(-trial.code.pid, 0);
    match(await trial.code.birth ?? "", /\d/);
    equal(await trial.reaper.birthOf(999_999_999), undefined);
  },
);

processTest(
  "startCodeProcess() gives exactly the environment, the folder and an empty input",
  async () => {
    await using trial = new Trial(
      // Deno itself sets two where no node is in the path.
      `const { PATH: _, DENO_NODE_SHIM_ACTIVE: __, ...env } = Deno.env.toObject();
     console.log(JSON.stringify([env, Deno.cwd()]));
     console.log(String(await Deno.stdin.read(new Uint8Array(1))));`,
      {
        flags: ["--no-prompt", "--no-config", "--allow-env", "--allow-read"],
        env: { A: "1" },
        cwd: "/",
      },
    );
    await trial.code.exited;
    deepEqual(trial.lines, ['stdout: [{"A":"1"},"/"]', "stdout: null"]);
  },
);

processTest(
  "CodeProcess.exited settles with the exit, after the last lines, however they end",
  async () => {
    await using trial = new Trial(
      `await Deno.stdout.write(new TextEncoder().encode("one\\r\\n\\x1b[31mred\\nunfinished"));
     console.error("why"); Deno.exit(7);`,
    );
    const { code, signal, text } = await trial.code.exited;
    deepEqual({ code, signal, text }, { code: 7, signal: null, text: "exited with code 7" });
    deepEqual(trial.lines.toSorted(), [
      "stderr: why",
      "stdout: \\x1b[31mred",
      "stdout: one",
      "stdout: unfinished",
    ]);
  },
);

processTest(
  "CodeProcess.exited does not wait for programs that hold the channel and the output",
  async () => {
    await using trial = new Trial(
      `const child = new Deno.Command("sleep", { args: ["60"], stdout: "inherit", stderr: "inherit" }).spawn();
     console.log(child.pid); Deno.exit(3);`,
      { flags: ["--no-prompt", "--no-config", "--allow-run"] },
    );
    equal((await trial.code.exited).text, "exited with code 3");
    await trial.code.gone;
    const pid = Number(trial.lines[0]?.replace("stdout: ", ""));
    ok(pid > 1);
    ok(await isGone(pid), "the program ends with the code");
  },
);

const ENDLESS = {
  "loops": "for (;;);",
  "waits": "setInterval(() => {}, 1e6);",
  "ignores signals": `for (const name of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    Deno.addSignalListener(name, () => {}); } setInterval(() => {}, 1e6);`,
  "has stopped itself": `Deno.kill(Deno.pid, "SIGSTOP"); setInterval(() => {}, 1e6);`,
  "has started programs":
    `new Deno.Command("sh", { args: ["-c", "trap '' TERM HUP; sleep 61 & wait"] })
    .spawn(); setInterval(() => {}, 1e6);`,
};
/** It writes its id and that of a program of its, if it may start one, before it turns bad. */
const ready = (code: string) =>
  `${CHANNEL} const others = [];
   if ((await Deno.permissions.query({ name: "run" })).state === "granted") {
     others.push(new Deno.Command("sleep", { args: ["60"] }).spawn().pid);
   }
   await new Promise((done) => channel.write(JSON.stringify(others), done));
   ${code}`;

for (const [what, code] of Object.entries(ENDLESS)) {
  processTest(`CodeProcess.kill() ends code that ${what}, with its group`, async () => {
    await using trial = new Trial(ready(code), {
      flags: ["--no-prompt", "--no-config", "--allow-run"],
    });
    const others: number[] = JSON.parse(await trial.word());
    await sleep(100);
    trial.code.kill("has kept its thread busy for 30 s");
    const { signal, text } = await trial.code.exited;
    deepEqual({ signal, text }, { signal: "SIGKILL", text: "has kept its thread busy for 30 s" });
    await trial.code.gone;
    for (const pid of [trial.code.pid, ...others]) ok(await isGone(pid), `${pid} is gone`);
  });

  processTest(`Reaper ends code that ${what} when the trusted process is killed`, async () => {
    const trusted = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-config", "--allow-read", "--allow-env"],
        `--allow-run=${Deno.execPath()},/bin/sh`,
        ...["--import-map", new URL("../../import_map.json", import.meta.url).pathname],
        new URL("testdata/trusted.ts", import.meta.url).pathname,
        `data:application/javascript,${encodeURIComponent(ready(code))}`,
      ],
      stdout: "piped",
    }).spawn();
    const reader = trusted.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) text += (await reader.read()).value ?? "\n";
    const { pid, others }: { pid: number; others: number[] } = JSON.parse(text);
    await sleep(100);
    ok(await runs(pid));
    trusted.kill("SIGKILL");
    await trusted.status;
    await reader.cancel();
    for (const each of [pid, ...others]) ok(await isGone(each), `${each} is gone`);
  });
}

const HUNGRY = {
  "buffers": "const kept = []; for (;;) kept.push(new Uint8Array(16 << 20).fill(1));",
  "many small buffers": "const kept = []; for (;;) kept.push(new Uint8Array(1 << 16).fill(1));",
  "a shared buffer": "new Uint8Array(new SharedArrayBuffer(600 << 20)).fill(1); for (;;);",
  "wasm memory":
    "new Uint8Array(new WebAssembly.Memory({ initial: 9600 }).buffer).fill(1); for (;;);",
  "blobs": `const part = new Uint8Array(16 << 20).fill(1); const kept = [];
    for (;;) { kept.push(new Blob([part])); await 0; }`,
  "heaps of workers":
    `const url = URL.createObjectURL(new Blob(["const kept = []; for (;;) kept.push({ a: Math.random() + '' })"]));
    for (let i = 0; i < 4; i++) new Worker(url, { type: "module" }); setInterval(() => {}, 1e6);`,
};
for (const [what, code] of Object.entries(HUNGRY)) {
  processTest(`startCodeProcess() limits the resident size of ${what}`, async () => {
    await using trial = new Trial(code, { memoryBytes: 256 * MIB });
    const { signal, text } = await trial.code.exited;
    equal(signal, "SIGKILL", `${text}: ${trial.lines.join()}`);
    match(text, /^used [\d,]+ MiB, more than its limit of 256 MiB$/);
  });
}

processTest("startCodeProcess() limits the heap, whatever the flags before say", async () => {
  const code = "const kept = []; for (;;) kept.push({ a: Math.random() });";
  await using trial = new Trial(code, {
    flags: ["--no-prompt", "--no-config", "--v8-flags=--max-old-space-size=4000"],
    memoryBytes: 256 * MIB,
  });
  const { text } = await trial.code.exited;
  match(text, /^filled its heap of 192 MiB$|^used [\d,]+ MiB, more than its limit of 256 MiB$/);
});

processTest(
  "startCodeProcess() drops lines of code that writes without end, and counts them",
  async () => {
    await using trial = new Trial(
      `const lines = new TextEncoder().encode("x\\n".repeat(20_000));
     for (let i = 0; i < 20; i++) await Deno.stdout.write(lines);`,
    );
    await trial.code.exited;
    const written = trial.lines.filter((line) => line === "stdout: x").length;
    const dropped = trial.lines.flatMap((line) =>
      /^stderr: ([\d,]+) lines? with ([\d,]+) characters dropped: /.exec(line)?.[1] ?? []
    ).map((count) => Number(count.replaceAll(",", ""))).reduce((a, b) => a + b, 0);
    ok(written >= 2 * LOG_LINES_PER_SECOND && written < 20 * LOG_LINES_PER_SECOND, `${written}`);
    equal(written + dropped, 400_000);
  },
);

processTest("CodeProcess.exited settles after the last bytes of the channel", async () => {
  const size = 4 * MIB;
  await using trial = new Trial(
    `import net from "node:net";
     const channel = new net.Socket({ fd: 3 });
     channel.write(new Uint8Array(${size}), () => Deno.exit(5));`,
  );
  let received = 0;
  trial.code.channel.on("data", (bytes: Uint8Array) => received += bytes.length);
  equal((await trial.code.exited).code, 5);
  equal(received, size);
});

processTest("startCodeProcess() keeps the beginning of a line without an end", async () => {
  await using trial = new Trial(
    `const part = new TextEncoder().encode("y".repeat(1 << 20));
     for (let i = 0; i < 8; i++) await Deno.stderr.write(part);`,
  );
  await trial.code.exited;
  equal(trial.lines.length, 1);
  match(trial.lines[0] ?? "", /^stderr: y{65536}… \(8323072 characters more\)$/);
});

processTest("startCodeProcess() lets code leave no core file", async () => {
  await using trial = new Trial(
    `new Deno.Command("sh", { args: ["-c", "ulimit -c; ulimit -Hc"] }).outputSync().stdout
       .forEach((byte) => byte > 32 && console.log(String.fromCharCode(byte)));`,
    { flags: ["--no-prompt", "--no-config", "--allow-run"] },
  );
  await trial.code.exited;
  deepEqual(trial.lines, ["stdout: 0", "stdout: 0"]);
});

processTest("startCodeProcess() hands on variables that no shell can have", async () => {
  await using trial = new Trial(`console.log(Deno.env.get("a.b-c"), Deno.env.get("PWD"));`, {
    flags: ["--no-prompt", "--no-config", "--allow-env"],
    env: { "a.b-c": "1" },
  });
  await trial.code.exited;
  deepEqual(trial.lines, ["stdout: 1 undefined"]);
});

processTest("startCodeProcess() says why code could not be started", async () => {
  await using trial = new Trial("", { cwd: "/not/there" });
  equal(trial.code.pid, 0);
  match((await trial.code.exited).text, /^could not be started \(.+\)$/);
});

processTest("Reaper without a shell says so once; code is ended all the same", async () => {
  const warnings: string[] = [];
  await using reaper = new Reaper({
    log: (_level, message) => warnings.push(message),
    shell: "/not/there",
  });
  await using trial = new Trial("for (;;);", { reaper });
  trial.code.kill();
  equal((await trial.code.exited).text, "was ended by SIGKILL");
  equal(await reaper.birthOf(Deno.pid), undefined);
  equal(warnings.length, 1);
  match(
    warnings[0] ?? "",
    /^the memory of agent code is limited by its heap alone, because \/not\/there cannot be run/,
  );
});

processTest("Reaper takes another shell when one is killed, and loses nothing", async () => {
  const warnings: string[] = [];
  await using reaper = new Reaper({ log: (_level, message) => warnings.push(message), lookMs: 50 });
  await using trial = new Trial(
    "setTimeout(() => globalThis.kept = new Uint8Array(600 << 20).fill(1), 1000); setInterval(() => {}, 1e6);",
    { reaper },
  );
  ok(await reaper.birthOf(trial.code.pid));
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=", "-o", "ppid=", "-o", "args="],
  }).output();
  const shells = new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const [, pid, parent] = /^\s*(\d+)\s+(\d+)\s+\/bin\/sh -c/.exec(line) ?? [];
    return Number(parent) === Deno.pid ? [Number(pid)] : [];
  });
  equal(shells.length, 1);
  for (const pid of shells) process.kill(pid, "SIGKILL");
  match((await trial.code.exited).text, /^used /);
  deepEqual(warnings, [
    "the shell that looks after agent code was ended by SIGKILL; another takes over",
  ]);
});

processTest("Reaper asks ps where the system has no /proc", async () => {
  await using reaper = new Reaper({ log: () => {}, lookMs: 50, proc: "/not/there" });
  await using trial = new Trial(HUNGRY.buffers, { reaper, memoryBytes: 256 * MIB });
  match(await reaper.birthOf(Deno.pid) ?? "", /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  match((await trial.code.exited).text, /^used [\d,]+ MiB, more than its limit of 256 MiB$/);
});
