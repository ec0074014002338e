/**
 * Attempts to keep the runtime from its work by too much of something, and with too much memory.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** Repeats something for a while, and gives the runtime turns. */
const repeated = (code: string) =>
  `for (const end = Date.now() + 500; Date.now() < end;) { ${code}; await wait(0) }`;

const FLOODS: readonly Row[] = [
  ["log", "logs without end", repeated("for (let n = 0; n < 500; n++) console.log(at.mark)")],
  ["log-long", "logs long lines", repeated('console.log("x".repeat(4_000_000))')],
  [
    "stdout",
    "writes without a line's end",
    'const bytes = new TextEncoder().encode("x".repeat(65_536));\n' +
    repeated("for (let n = 0; n < 64; n++) Deno.stdout.writeSync(bytes)"),
  ],
  [
    "stderr-lines",
    "writes empty lines",
    'const bytes = new TextEncoder().encode("\\n".repeat(65_536));\n' +
    repeated("Deno.stderr.writeSync(bytes)"),
  ],
  [
    "refusals",
    "tries what it may not, again and again",
    repeated('for (let n = 0; n < 500; n++) { try { Deno.env.get("X" + n) } catch {} }'),
  ],
  [
    "messages",
    "posts without end",
    repeated('for (let n = 0; n < 500; n++) globalThis.postMessage([{ type: "pong" }])'),
  ],
  [
    "health",
    "asks for health checks without end",
    repeated('for (let n = 0; n < 500; n++) globalThis.postMessage([{ type: "check_health" }])'),
  ],
  [
    "message-large",
    "posts 128 MiB",
    "globalThis.postMessage([new Uint8Array(2 ** 27)]); await wait(100)",
  ],
  [
    "frames",
    "writes frames without end",
    'const { Socket } = await import("node:net"); const { Buffer } = await import("node:buffer");\n' +
    'const head = Buffer.from(\'{"type":"pong"}\'); const prefix = Buffer.alloc(8);\n' +
    "prefix.writeUInt32LE(head.length); const one = Buffer.concat([prefix, head]);\n" +
    "const many = Buffer.concat(Array.from({ length: 1_000 }, () => one));\n" +
    "const socket = new Socket({ fd: 3 }).on('error', () => {});\n" +
    repeated("for (let n = 0; n < 20; n++) socket.write(many)"),
    { leftOut: { worker: "there is no such channel" } },
  ],
  [
    "answer-deep",
    "answers with 5,000 levels",
    'return JSON.parse("[".repeat(5_000) + "]".repeat(5_000))',
    { bare: true },
  ],
  ["answer-large", "answers 40 MiB", 'return "x".repeat(40_000_000)', { bare: true }],
  ["answer-huge", "answers 300 MiB", 'return "x".repeat(300_000_000)', { bare: true }],
  ["error-large", "fails with 40 MiB of words", 'throw new Error("x".repeat(40_000_000))', {
    bare: true,
  }],
  [
    "microtasks",
    "makes promises without end for a while",
    "const end = Date.now() + 500; let turn = Promise.resolve();\n" +
    "while (Date.now() < end) { for (let n = 0; n < 999; n++) turn = turn.then(() => {}); await turn }",
  ],
  [
    "workers",
    "starts workers",
    "const url = 'data:text/javascript,';\n" +
    "const all = Array.from({ length: 8 }, () => new Worker(url, { type: 'module' }));\n" +
    "await wait(300); for (const worker of all) worker.terminate()",
  ],
  [
    "connections",
    "opens files of the system until there are none",
    "const files = []; try { while (files.length < 5_000) files.push(Deno.openSync(`${at.data}/many`, " +
    "{ create: true, write: true })); } catch { await wait(200) }\n" +
    "for (const file of files) file.close();\nreturn toRuntime(at, files.length > 100 ? 'taken' : undefined)",
  ],
];

/** Takes memory in steps up to the limit, holds it for a while, and says so. */
const taking = (name: string, says: string, step: string, bytes: string): Row => [
  name,
  says,
  `const held = []; const SIZE = ${bytes};\n` +
  "for (let taken = 0; taken < at.memory; taken += SIZE) {\n" +
  `  ${step};\n  await wait(0);\n}\n` +
  "await wait(1_500); globalThis.held = held; return `holds ${at.memory / 2 ** 20} MiB`",
];

const MEMORY: readonly Row[] = [
  taking("buffers", "takes buffers", "held.push(new Uint8Array(SIZE).fill(1))", "2 ** 26"),
  taking(
    "shared",
    "takes shared buffers",
    "held.push(new Uint8Array(new SharedArrayBuffer(SIZE)).fill(1))",
    "2 ** 26",
  ),
  taking(
    "wasm",
    "takes memory of WebAssembly",
    "const memory = new WebAssembly.Memory({ initial: SIZE / 65536 });\n" +
      "  new Uint8Array(memory.buffer).fill(1); held.push(memory)",
    "2 ** 26",
  ),
  taking(
    "grown",
    "grows one buffer",
    "held[0] ??= new ArrayBuffer(0, { maxByteLength: at.memory + SIZE });\n" +
      "  held[0].resize(taken + SIZE); new Uint8Array(held[0], taken).fill(1)",
    "2 ** 26",
  ),
  taking("heap", "takes its heap", "held.push(new Array(SIZE / 8).fill(0.5))", "2 ** 25"),
  taking(
    "native",
    "takes memory of Node's",
    "held.push((await import('node:buffer')).Buffer.alloc(SIZE, 1))",
    "2 ** 26",
  ),
  taking(
    "queue",
    "leaves messages unread",
    "held[0] ??= new MessageChannel(); held[0].port1.postMessage(new Uint8Array(SIZE).fill(1))",
    "2 ** 25",
  ),
];

/** All floods. */
export const FLOODS_ALL: readonly Attempt[] = attemptsOf("floods", FLOODS, {
  limitMs: 3_000,
  restarts: true,
  dealt: true,
});

/** All that take memory. */
export const MEMORY_ALL: readonly Attempt[] = attemptsOf("memory", MEMORY, {
  limitMs: 15_000,
  restarts: true,
  dealt: true,
  heavy: true,
});
