/**
 * Attempts on processes: to run programs, and to end or stop what runs. All are tried with signals that
 * change nothing where a success would reach beyond the mesh of the test.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const RUNNING: readonly Row[] = [
  ["run", "runs a program", 'return (await new Deno.Command("id").output()).code'],
  ["run-sync", "runs a program and waits", 'return new Deno.Command("id").outputSync().code'],
  [
    "run-deno",
    "runs Deno with all permissions",
    "return new Deno.Command(Deno.execPath(), { args: ['eval', '-p', '1'] }).outputSync().code",
  ],
  ["spawn", "runs a program in short", 'return (await Deno.spawnAndWait("id")).code'],
  [
    "node-spawn",
    "runs a program as Node does",
    'const child = (await import("node:child_process")).spawn("id");\n' +
    "await once(child, 'spawn'); return child.pid",
  ],
  [
    "node-exec",
    "runs a shell as Node does",
    'return String((await import("node:child_process")).execSync("id"))',
  ],
  [
    "node-fork",
    "runs a module in another process",
    'const child = (await import("node:child_process")).fork("/dev/null");\n' +
    "await once(child, 'spawn'); child.kill(); return child.pid",
  ],
  ["native", "loads a native library", 'Deno.dlopen("libc.so.6", {}); return "loaded"'],
  [
    "native-node",
    "loads a native library as Node does",
    '(await import("node:process")).default.dlopen({ exports: {} }, "libc.so.6"); return "loaded"',
  ],
  [
    "native-import",
    "imports a native add-on",
    'return String(await import("file:///usr/lib/x.node"))',
  ],
  [
    "set-user",
    "becomes another user",
    '(await import("node:process")).default.setuid(65534); return "became"',
  ],
  [
    "priority",
    "slows a neighbour down",
    '(await import("node:os")).setPriority(at.victimPid, 19); return "slowed"',
  ],
];

/** Signals to processes that are not the attacker's; `CONT` changes nothing. */
const OTHERS: readonly Row[] = [
  ["neighbour-kill", "ends a neighbour", 'Deno.kill(at.victimPid, "SIGKILL"); return "ended"'],
  ["neighbour-stop", "stops a neighbour", 'Deno.kill(at.victimPid, "SIGSTOP"); return "stopped"'],
  ["registry-kill", "ends the registry", 'Deno.kill(at.registryPid, "SIGKILL"); return "ended"'],
  [
    "neighbour-node",
    "ends a neighbour as Node does",
    '(await import("node:process")).default.kill(at.victimPid, "SIGKILL"); return "ended"',
  ],
  [
    "neighbour-probe",
    "asks whether a neighbour runs",
    '(await import("node:process")).default.kill(at.victimPid, 0); return "it runs"',
  ],
  ["parent", "signals its parent", 'Deno.kill(Deno.ppid, "SIGCONT"); return "signalled"'],
  ["init", "signals process 1", 'Deno.kill(1, "SIGCONT"); return "signalled"'],
  ["everything", "signals all processes", 'Deno.kill(-1, "SIGCONT"); return "signalled"'],
  ["group", "signals its group", 'Deno.kill(0, "SIGCONT"); return "signalled"'],
  [
    "group-own",
    "signals the group it leads",
    'Deno.kill(-Deno.pid, "SIGCONT"); return "signalled"',
  ],
  [
    "group-runtime",
    "signals the group of the runtime",
    'Deno.kill(-at.runtimePid, "SIGCONT"); return "signalled"',
  ],
  [
    "node-group",
    "signals its group as Node does",
    '(await import("node:process")).default.kill(0, "SIGCONT"); return "signalled"',
  ],
  [
    "runtime-own",
    "signals the runtime by its number",
    'Deno.kill(at.runtimePid, "SIGCONT"); return "signalled"',
  ],
];

/** Ways to end or stop the process that the attacker runs in. */
const OWN: readonly Row[] = [
  ["own-kill", "ends its process", 'Deno.kill(Deno.pid, "SIGKILL"); await wait(500)'],
  ["own-terminate", "tells its process to end", 'Deno.kill(Deno.pid, "SIGTERM"); await wait(500)'],
  ["own-hang-up", "hangs up on its process", 'Deno.kill(Deno.pid, "SIGHUP"); await wait(500)'],
  [
    "own-abort",
    "has its process dump its memory",
    'Deno.kill(Deno.pid, "SIGABRT"); await wait(500)',
  ],
  ["own-segment", "has its process crash", 'Deno.kill(Deno.pid, "SIGSEGV"); await wait(500)'],
  [
    "own-node",
    "ends its process as Node does",
    'const { default: process } = await import("node:process");\n' +
    'process.kill(process.pid, "SIGKILL"); await wait(500)',
  ],
];

/** Ways to end the attacker's code, which should end nothing else. */
const ENDINGS: readonly Row[] = [
  ["exit", "exits", "Deno.exit(0)"],
  ["exit-failure", "exits with a code", "Deno.exit(70)"],
  ["exit-node", "exits as Node does", '(await import("node:process")).default.exit(1)'],
  [
    "exit-really",
    "exits without a word",
    '(await import("node:process")).default.reallyExit(1)',
  ],
  ["abort", "aborts", '(await import("node:process")).default.abort()'],
  [
    "throw",
    "throws where nothing catches",
    "setTimeout(() => { throw new Error(at.mark) }); await wait(200)",
  ],
  [
    "throw-null",
    "throws null where nothing catches",
    "setTimeout(() => { throw null }); await wait(200)",
  ],
  [
    "reject",
    "rejects where nothing catches",
    "void Promise.reject(new Error(at.mark)); await wait(200)",
  ],
  ["report-error", "reports an error", "reportError(new Error(at.mark)); await wait(200)"],
  ["close", "closes its scope", "globalThis.close?.(); await wait(200)"],
  [
    "stack",
    "exhausts its stack where nothing catches",
    "setTimeout(function deep() { deep() }); await wait(200)",
  ],
  [
    "exit-loop",
    "exits again while it exits",
    'const { default: process } = await import("node:process");\n' +
    'process.on("exit", () => process.exit(1)); process.exit(0)',
  ],
];

/** Changes of the process that the attacker runs in. */
const CHANGES: readonly Row[] = [
  [
    "umask",
    "has all new files open to everybody",
    'Deno.umask(0o077); return toRuntime(at, "changed")',
  ],
  [
    "umask-node",
    "has all new files open to everybody as Node does",
    '(await import("node:process")).default.umask(0o077); return toRuntime(at, "changed")',
  ],
  [
    "chdir",
    "changes the folder of its process",
    'Deno.chdir(at.data); return toRuntime(at, "changed")',
  ],
  [
    "listen-signal",
    "takes the signals of its process",
    'const ignore = () => {}; Deno.addSignalListener("SIGUSR2", ignore);\n' +
    'Deno.removeSignalListener("SIGUSR2", ignore); return toRuntime(at, "taken")',
  ],
  [
    "exit-code",
    "sets the exit code of its process",
    'Deno.exitCode = 9; return toRuntime(at, "set")',
  ],
  [
    "title",
    "renames its process",
    '(await import("node:process")).default.title = "victim"; return toRuntime(at, "renamed")',
  ],
];

/** All attempts on processes. */
export const PROCESSES: readonly Attempt[] = [
  ...attemptsOf("processes", RUNNING),
  ...attemptsOf("processes", OTHERS),
  ...attemptsOf("processes", CHANGES),
  ...attemptsOf("processes", ENDINGS, { dealt: true }),
  ...attemptsOf("processes", OWN, { dealt: true }),
];

/** The last attempts: each keeps its thread busy, or its process stopped. */
export const LAST: readonly Attempt[] = attemptsOf("processes", [
  ["own-stop", "stops its process", 'Deno.kill(Deno.pid, "SIGSTOP"); await wait(500)'],
  ["spin", "never ends", "for (;;);"],
  [
    "spin-exit",
    "never ends once it exits",
    'addEventListener("unload", () => { for (;;); }); Deno.exit(0)',
  ],
  [
    "spin-promises",
    "never comes to an end of its promises",
    "const again = () => { void Promise.resolve().then(again) }; again()",
  ],
], { limitMs: 500, last: true, dealt: true });
