/**
 * Attempts with the standard streams and other open files of the process.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const READING: readonly Row[] = [
  [
    "stdin",
    "reads what its process is told",
    "const bytes = new Uint8Array(999);\n" +
    "const read = await Promise.race([Deno.stdin.read(bytes), wait(200)]);\n" +
    "return read ? new TextDecoder().decode(bytes.subarray(0, read)) : undefined",
  ],
  [
    "stdin-stream",
    "reads what its process is told as a stream",
    "const reader = Deno.stdin.readable.getReader();\n" +
    "const read = await Promise.race([reader.read(), wait(200)]);\n" +
    "return read?.value === undefined ? undefined : new TextDecoder().decode(read.value)",
  ],
  [
    "stdin-node",
    "reads what its process is told as Node does",
    'const { default: process } = await import("node:process");\n' +
    "return await Promise.race([\n" +
    '  new Promise((done) => process.stdin.once("data", (data) => done(String(data)))), wait(200)])',
  ],
  [
    "stdin-file",
    "reads descriptor 0",
    'const fs = await import("node:fs"); const bytes = new Uint8Array(999);\n' +
    "const { promise, resolve, reject } = Promise.withResolvers();\n" +
    "fs.read(0, bytes, 0, 999, null, (error, read) => error ? reject(error) : resolve(read));\n" +
    "const read = await Promise.race([promise, wait(200)]);\n" +
    "return read ? new TextDecoder().decode(bytes.subarray(0, read)) : undefined",
  ],
  [
    "stdin-path",
    "reads /dev/stdin",
    "return await Promise.race([Deno.readTextFile('/dev/stdin'), wait(200)])",
  ],
  ["prompt", "asks a person", 'return prompt("password?") ?? undefined'],
  ["raw", "takes the terminal", "Deno.stdin.setRaw(true); return 'taken'"],
];

/** Text that passes for a line of another agent, and hides what is around it. */
const FORGED =
  "`\\x1b[2J\\x1b]0;owned\\x07\\r2026-01-01 00:00:00.000 ERROR forged by ${at.mark}\\b\\n" +
  "2026-01-01 00:00:00.000 ERROR forged by ${at.mark}\\nafter ${at.mark}\\n`";

const writing = (name: string, says: string, code: string): Row => [
  name,
  says,
  `const text = ${FORGED}; const bytes = new TextEncoder().encode(text);\n${code}`,
];

const WRITING: readonly Row[] = [
  writing("stdout", "writes lines of others", "Deno.stdout.writeSync(bytes)"),
  writing("stderr", "writes lines of others to standard error", "Deno.stderr.writeSync(bytes)"),
  writing(
    "stdout-stream",
    "writes lines of others by a stream",
    "const writer = Deno.stdout.writable.getWriter(); await writer.write(bytes); writer.releaseLock()",
  ),
  writing(
    "node-stdout",
    "writes lines of others as Node does",
    '(await import("node:process")).default.stdout.write(text); await wait(50)',
  ),
  writing(
    "node-stderr",
    "writes lines of others to standard error as Node does",
    '(await import("node:process")).default.stderr.write(text); await wait(50)',
  ),
  writing("descriptor-1", "writes to descriptor 1", '(await import("node:fs")).writeSync(1, text)'),
  writing("descriptor-2", "writes to descriptor 2", '(await import("node:fs")).writeSync(2, text)'),
  writing("console", "logs lines of others", "console.log(text)"),
  writing("console-error", "logs lines of others as an error", "console.error(text)"),
  writing(
    "console-group",
    "logs lines of others in a group",
    "console.group(text); console.groupEnd()",
  ),
  writing("console-table", "logs lines of others in a table", "console.table([text])"),
  writing("console-trace", "logs lines of others with a stack", "console.trace(text)"),
  writing("console-dir", "logs lines of others as an object", "console.dir(text)"),
  writing(
    "console-time",
    "logs lines of others as a time",
    "console.time(text); console.timeEnd(text)",
  ),
  writing(
    "console-own",
    "makes a console of its own",
    'const { Console } = await import("node:console");\n' +
      'const { stdout } = (await import("node:process")).default;\n' +
      "new Console(stdout).log(text); await wait(50)",
  ),
  writing(
    "core-print",
    "prints by the core",
    "Deno[Deno.internal].core.print(text, false)",
  ),
  writing(
    "warning",
    "has Node warn of something",
    '(await import("node:process")).default.emitWarning(text); await wait(50)',
  ),
  writing(
    "core-log",
    "logs by the inside of Deno",
    "Deno[Deno.internal].log?.(text); console.log(`after ${at.mark}`)",
  ),
  writing(
    "worker-console",
    "logs in a worker of its own",
    "const code = `console.log(${JSON.stringify(text)}); close()`;\n" +
      "new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: 'module' });\n" +
      "await wait(150)",
  ),
  writing(
    "worker-error",
    "fails in a worker of its own",
    "const code = `throw new Error(${JSON.stringify(text)})`;\n" +
      "const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: 'module' });\n" +
      "worker.onerror = (event) => event.preventDefault(); await wait(150)",
  ),
];

const DESCRIPTORS: readonly Row[] = [
  [
    "descriptors",
    "writes to descriptors 3 to 20",
    'const fs = await import("node:fs"); let written = 0;\n' +
    "for (let fd = 3; fd <= 20; fd++) { try { fs.writeSync(fd, at.mark); written++ } catch {} }\n" +
    "return written > 0 ? toRuntime(at, `wrote to ${written}`) : undefined",
  ],
  [
    "descriptors-close",
    "closes descriptors 3 to 20",
    'const fs = await import("node:fs");\n' +
    "for (let fd = 3; fd <= 20; fd++) { try { fs.closeSync(fd) } catch {} } await wait(50)",
  ],
  [
    "sockets",
    "takes descriptors 3 to 20 for sockets",
    'const { Socket } = await import("node:net");\n' +
    "for (let fd = 3; fd <= 20; fd++) {\n" +
    "  try { new Socket({ fd }).on('error', () => {}).end(at.mark) } catch {}\n}\nawait wait(100)",
    {
      leftOut: {
        worker:
          "these are whatever the runtime's process has open just then: connections of others",
      },
    },
  ],
  [
    "pipes",
    "takes descriptors 3 to 20 for pipes",
    'const { Pipe, constants } = (await import("node:process")).default.binding("pipe_wrap");\n' +
    "for (let fd = 3; fd <= 20; fd++) { try { new Pipe(constants.SOCKET).open(fd) } catch {} }\n" +
    "await wait(50)",
    { leftOut: { worker: "these are whatever the runtime's process has open just then" } },
  ],
];

/** Descriptors that a process may have got of those that started it. */
const ALL = "for (let fd = 4; fd < 1_024; fd++)";

const LEAKED: readonly Row[] = [
  writing(
    "descriptors-all",
    "writes lines of others to descriptors 4 to 1,023",
    'const fs = await import("node:fs");\n' +
      `${ALL} { try { fs.writeSync(fd, text) } catch {} }\nconsole.log(\`after \${at.mark}\`)`,
  ),
  writing(
    "sockets-all",
    "takes descriptors 4 to 1,023 for sockets",
    'const { Socket } = await import("node:net");\n' +
      `${ALL} { try { new Socket({ fd }).on("error", () => {}).write(text) } catch {} }\n` +
      "await wait(50); console.log(`after ${at.mark}`)",
  ),
  [
    "descriptors-read",
    "reads descriptors 4 to 1,023",
    'const fs = await import("node:fs"); const bytes = new Uint8Array(9_999); const all = [];\n' +
    `${ALL} {\n` +
    "  const { promise, resolve } = Promise.withResolvers();\n" +
    "  try { fs.read(fd, bytes, 0, 9_999, 0, resolve) } catch { continue }\n" +
    "  await Promise.race([promise, wait(20)]); all.push(new TextDecoder().decode(bytes));\n}\n" +
    "const read = all.join(); console.log(`after ${at.mark}`);\n" +
    "return /secret-|instance_token/.test(read) ? read : undefined",
    { limitMs: 3_000 },
  ],
];

/** All attempts with standard streams. */
export const STDIO: readonly Attempt[] = [
  ...attemptsOf("stdio", READING),
  ...attemptsOf("stdio", WRITING, { logs: true }),
  ...attemptsOf("stdio", DESCRIPTORS, { restarts: true, dealt: true }),
  ...attemptsOf("stdio", LEAKED, {
    restarts: true,
    dealt: true,
    logs: true,
    leftOut: { worker: "these are whatever the runtime's process has open just then" },
  }),
];
