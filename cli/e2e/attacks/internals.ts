/**
 * Attempts with what Deno, V8 and Node keep inside.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** The operations of Deno's core. */
const OPS = "const { core } = Deno[Deno.internal]; const { ops } = core;\n";

/** Its code has to be started again. */
const DEALT = { dealt: true };

const ROWS: readonly Row[] = [
  ["dock", "makes a dock of a desktop", `${OPS}new ops.Dock(); await wait(100)`, DEALT],
  ["tray", "makes a tray of a desktop", `${OPS}new ops.Tray(); await wait(100)`, DEALT],
  [
    "window",
    "makes a window of a desktop",
    `${OPS}new ops.BrowserWindow(); await wait(100)`,
    DEALT,
  ],
  [
    "notification",
    "makes a notification of a desktop",
    `${OPS}new ops.Notification("x"); await wait(100)`,
    DEALT,
  ],
  [
    "alert",
    "asks a person on a desktop",
    `${OPS}ops.op_desktop_alert?.("x", "y"); await wait(100)`,
  ],
  [
    "desktop-init",
    "begins a desktop",
    `${OPS}ops.op_desktop_init?.(); ops.op_desktop_recv_event?.().catch?.(() => {}); await wait(100)`,
  ],
  [
    "clipboard",
    "reads the clipboard",
    `${OPS}return await ops.op_desktop_read_clipboard_text?.() || undefined`,
  ],
  ["op-panic", "has Deno panic", `${OPS}ops.op_panic?.("x"); await wait(100)`, DEALT],
  ["op-exit", "exits by the core", `${OPS}ops.op_exit?.(3); await wait(100)`, DEALT],
  [
    "op-kill",
    "ends a neighbour by the core",
    `${OPS}ops.op_kill?.(at.victimPid, "SIGKILL", "x"); ops.op_node_process_kill?.(at.victimPid, 9)`,
  ],
  [
    "op-kill-own",
    "ends its process by the core",
    `${OPS}ops.op_node_process_kill?.(Deno.pid, 9); await wait(200)`,
    DEALT,
  ],
  [
    "op-env",
    "reads a variable by the core",
    `${OPS}return ops.op_get_env?.("VICTIM_SECRET") ?? core.ops.op_env?.().VICTIM_SECRET`,
  ],
  [
    "op-read",
    "reads a file by the core",
    `${OPS}return ops.op_fs_read_file_text_sync?.(\`\${at.outside}/secret.txt\`)`,
    { needs: ["read"] },
  ],
  [
    "op-close",
    "closes what its thread has open",
    `${OPS}for (let id = 0; id < 99; id++) { try { core.tryClose(id) } catch {} } await wait(100)`,
    { ...DEALT, restarts: true },
  ],
  [
    "op-dispatch",
    "throws by the core",
    `${OPS}core.reportUnhandledException?.(new Error(at.mark)); await wait(100)`,
  ],
  [
    "binding",
    "asks Node for a binding",
    '(await import("node:process")).default.binding("spawn_sync").spawn({ file: "/bin/id", args: ["id"] }); return "ran"',
  ],
  [
    "binding-files",
    "reads a file by a binding",
    'return (await import("node:process")).default.binding("fs").readFileUtf8(`${at.outside}/secret.txt`, 0)',
    { needs: ["read"] },
  ],
  [
    "binding-linked",
    "asks Node for a linked binding",
    '(await import("node:process")).default._linkedBinding("process_wrap").spawn(); return "ran"',
  ],
  [
    "v8-flags",
    "sets flags of V8 for everything in the process",
    '(await import("node:v8")).setFlagsFromString("--expose-gc"); return toRuntime(at, "set")',
  ],
  [
    "inspector",
    "opens an inspector",
    'const inspector = await import("node:inspector"); inspector.open(0, "127.0.0.1");\n' +
    "const url = inspector.url(); inspector.close(); return url",
    {
      needs: ["net"],
      leftOut: { worker: "the inspector is there or not with how Deno was started" },
    },
  ],
  [
    "inspector-session",
    "debugs the thread of the runtime",
    'const { Session } = await import("node:inspector"); const session = new Session();\n' +
    'session.connectToMainThread(); return "connected"',
    { leftOut: { worker: "the inspector is there or not with how Deno was started" } },
  ],
  [
    "gpu",
    "takes memory of a graphics card",
    "const adapter = await navigator.gpu?.requestAdapter();\n" +
    "const device = await adapter?.requestDevice(); device?.destroy()",
  ],
  [
    "permission",
    "asks for a permission",
    'const { state } = await Deno.permissions.request({ name: "run" });\nreturn state === "granted" ? state : undefined',
  ],
  [
    "permission-patch",
    "says itself that it has a permission",
    'Deno.permissions.querySync = () => ({ state: "granted" });\n' +
    "return Deno.readTextFileSync(`${at.outside}/secret.txt`)",
    { needs: ["read"], restarts: true },
  ],
  [
    "pollute",
    "gives all objects other members",
    'Object.prototype.type = "loaded"; Object.prototype.call = 1; Object.prototype.message = {};\n' +
    "Array.prototype.map = () => []; Array.prototype[Symbol.iterator] = function* () {};\n" +
    "JSON.stringify = () => at.mark; await wait(50)",
    { restarts: true, dealt: true },
  ],
  [
    "pollute-then",
    "makes every object a promise",
    "Object.prototype.then = function () {}; await new Promise((done) => setTimeout(done, 50))",
    { restarts: true, dealt: true },
  ],
  [
    "telemetry",
    "takes what the runtime records",
    "const { telemetry } = Deno; return telemetry?.tracerProvider?.secret",
  ],
  [
    "memory-usage",
    "asks for the memory of the machine",
    "return JSON.stringify(Deno.systemMemoryInfo())",
  ],
];

/** All attempts with what is inside. */
export const INTERNALS: readonly Attempt[] = attemptsOf("internals", ROWS);
