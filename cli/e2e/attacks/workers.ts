/**
 * Attempts in a worker that the attacker starts: everything that was taken away may be there again.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** Runs code in a worker; returns what it answers, other than refusals. */
const inWorker = (code: string, options = "") =>
  "const text = `const at = ${JSON.stringify(at)};\n" +
  `(async () => { ${code.replaceAll("`", "\\`").replaceAll("${", "\\${")} })().then(\n` +
  "  (value) => postMessage({ value }), (error) => postMessage({ error: String(error) }))`;\n" +
  "const worker = new Worker(`data:text/javascript,${encodeURIComponent(text)}`,\n" +
  `  { type: "module", ${options} });\n` +
  "const { promise, resolve, reject } = Promise.withResolvers();\n" +
  "worker.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data.value);\n" +
  "worker.onerror = (event) => { event.preventDefault(); reject(new Error(event.message)) };\n" +
  "try { return await Promise.race([promise, wait(3_000)]) } finally { worker.terminate() }";

const READ = "return Deno.readTextFileSync(`${at.outside}/secret.txt`)";
const PAUSE = "await new Promise((done) => setTimeout(done, 200))";

/** Its code has to be started again. */
const DEALT = { dealt: true };

const ROWS: readonly Row[] = [
  ["read", "reads a file in a worker", inWorker(READ), { needs: ["read"] }],
  [
    "read-granted",
    "reads a file in a worker that it gives the permission",
    inWorker(READ, "deno: { permissions: { read: true } }"),
    { needs: ["read"] },
  ],
  [
    "read-inherited",
    "reads a file in a worker with the permissions of its parent",
    inWorker(READ, 'deno: { permissions: "inherit" }'),
    { needs: ["read"] },
  ],
  [
    "record",
    "reads a record in a worker",
    inWorker("return Deno.readTextFileSync(`${at.home}/agents/victim.json`)"),
  ],
  ["environment", "reads a variable in a worker", inWorker('return Deno.env.get("VICTIM_SECRET")')],
  [
    "environment-granted",
    "reads a variable in a worker that it gives the permission",
    inWorker('return Deno.env.get("VICTIM_SECRET")', "deno: { permissions: { env: true } }"),
  ],
  [
    "registry",
    "asks the registry in a worker",
    inWorker("return (await fetch(`http://127.0.0.1:${at.registry}/health`)).status"),
  ],
  [
    "run",
    "runs a program in a worker",
    inWorker('return new Deno.Command("id").outputSync().code'),
  ],
  [
    "kill",
    "ends its process in a worker",
    inWorker(`Deno.kill(Deno.pid, "SIGKILL"); ${PAUSE}`),
    DEALT,
  ],
  [
    "dock",
    "makes a dock of a desktop in a worker",
    inWorker(`new (Deno[Deno.internal].core.ops.Dock)(); ${PAUSE}`),
    DEALT,
  ],
  [
    "cache",
    "reads what a neighbour keeps in a cache in a worker",
    inWorker(
      'const cache = await caches.open("victim");\n' +
        'return await (await cache.match("http://victim/secret"))?.text()',
    ),
  ],
  [
    "cache-write",
    "keeps something in a cache in a worker",
    inWorker(
      'const cache = await caches.open("attacker");\n' +
        'await cache.put("http://attacker/", new Response("x")); await caches.delete("attacker");\n' +
        'return "kept"',
    ),
  ],
  [
    "file",
    "runs a file as a worker",
    "const worker = new Worker(`file://${at.outside}/worker.ts`, { type: 'module' });\n" +
    "return await new Promise((resolve, reject) => {\n" +
    "  worker.onmessage = ({ data }) => resolve(data);\n" +
    "  worker.onerror = (event) => { event.preventDefault(); reject(new Error(event.message)) };\n" +
    "  setTimeout(() => { worker.terminate(); resolve() }, 600);\n})",
    { needs: ["read"] },
  ],
  [
    "thread",
    "reads a variable in a thread of Node",
    'const { Worker, SHARE_ENV } = await import("node:worker_threads");\n' +
    "const text = `require('node:worker_threads').parentPort.postMessage(process.env.VICTIM_SECRET)`;\n" +
    "const worker = new Worker(text, { eval: true, env: SHARE_ENV });\n" +
    "try { return await Promise.race([once(worker, 'message'), wait(600)]) } finally { await worker.terminate() }",
  ],
  [
    "thread-kill",
    "ends its process in a thread of Node",
    'const { Worker } = await import("node:worker_threads");\n' +
    "const worker = new Worker('process.kill(process.pid, \"SIGKILL\")', { eval: true });\n" +
    "const ended = new Promise((done) => worker.on('error', done).on('exit', done));\n" +
    "await Promise.race([ended, wait(4_000)]); await worker.terminate()",
    { ...DEALT, limitMs: 5_000 },
  ],
  [
    "failing",
    "fails in a worker, unheard",
    "new Worker('data:text/javascript,throw 1', { type: 'module' }); await wait(2_500)",
    DEALT,
  ],
];

/** All attempts in workers. */
export const WORKERS: readonly Attempt[] = attemptsOf("workers", ROWS, { limitMs: 4_000 });
