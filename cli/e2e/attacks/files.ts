/**
 * Attempts on files: of the user, of the mesh, of other agents, and those below `/proc`.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const READS: readonly Row[] = [
  ["read", "reads a file", "return await Deno.readTextFile(`${at.outside}/secret.txt`)"],
  ["read-sync", "reads a file at once", "return Deno.readTextFileSync(`${at.outside}/secret.txt`)"],
  [
    "open",
    "opens a file and reads a part",
    "using file = await Deno.open(`${at.outside}/secret.txt`);\n" +
    "const bytes = new Uint8Array(99); await file.read(bytes); return new TextDecoder().decode(bytes)",
  ],
  [
    "node-read",
    "reads a file as Node does",
    'return (await import("node:fs")).readFileSync(`${at.outside}/secret.txt`, "utf8")',
  ],
  [
    "node-promise",
    "reads a file by node:fs/promises",
    'return await (await import("node:fs/promises")).readFile(`${at.outside}/secret.txt`, "utf8")',
  ],
  [
    "node-stream",
    "reads a file as a stream",
    'const { createReadStream } = await import("node:fs");\n' +
    "for await (const part of createReadStream(`${at.outside}/secret.txt`)) return String(part)",
  ],
  [
    "fetch",
    "fetches a file: URL",
    "return await (await fetch(`file://${at.outside}/secret.txt`)).text()",
  ],
  [
    "stat",
    "asks whether a file is there",
    "return (await Deno.stat(`${at.outside}/secret.txt`)).size",
  ],
  ["lstat", "asks for a link", "return (await Deno.lstat(`${at.outside}/secret.txt`)).size"],
  [
    "node-exists",
    "asks Node whether a file is there",
    'return (await import("node:fs")).existsSync(`${at.outside}/secret.txt`) || undefined',
  ],
  [
    "node-access",
    "asks Node whether it may read",
    'const fs = await import("node:fs"); fs.accessSync(`${at.outside}/secret.txt`); return "there"',
  ],
  ["real-path", "resolves a path", "return await Deno.realPath(`${at.outside}/secret.txt`)"],
  ["list", "lists a folder", "return [...Deno.readDirSync(at.outside)].map(({ name }) => name)"],
  [
    "list-temporary",
    "lists the temporary files of other users",
    'return [...Deno.readDirSync(at.outside + "/..")].length',
  ],
  [
    "node-opendir",
    "lists a folder as Node does",
    'return (await import("node:fs")).opendirSync(at.outside).readSync().name',
  ],
  [
    "glob",
    "looks for files by a pattern",
    'const found = (await import("node:fs")).globSync(at.outside + "/*.txt");\n' +
    "return found.length > 0 ? found : undefined",
  ],
  [
    "copy",
    "copies a file into its own folder",
    "await Deno.copyFile(`${at.outside}/secret.txt`, `${at.data}/copied`);\n" +
    "return await Deno.readTextFile(`${at.data}/copied`)",
  ],
  [
    "node-copy",
    "copies a folder into its own as Node does",
    'const fs = await import("node:fs");\n' +
    "fs.cpSync(at.outside, `${at.data}/copy`, { recursive: true });\n" +
    'return fs.readFileSync(`${at.data}/copy/secret.txt`, "utf8")',
  ],
  ["watch", "watches a folder", "using watcher = Deno.watchFs(at.outside); return String(watcher)"],
  [
    "dots",
    "leaves its own folder by ..",
    'const up = "../".repeat(20);\n' +
    "return await Deno.readTextFile(`${at.data}/${up}${at.outside.slice(1)}/secret.txt`)",
  ],
  [
    "encoded-dots",
    "leaves its own folder by an encoded ..",
    'const up = "%2e%2e/".repeat(20);\n' +
    "return await Deno.readTextFile(new URL(`file://${at.data}/${up}${at.outside}/secret.txt`))",
  ],
  [
    "nul",
    "ends a path with NUL",
    "return await Deno.readTextFile(`${at.outside}/secret.txt\\0${at.data}`)",
  ],
  [
    "proc-root",
    "reads a file by /proc/self/root",
    "return await Deno.readTextFile(`/proc/self/root${at.outside}/secret.txt`)",
  ],
  [
    "proc-cwd",
    "reads a file by /proc/self/cwd",
    'return await Deno.readTextFile(`/proc/self/cwd/${"../".repeat(20)}${at.outside}/secret.txt`)',
  ],
];

const WRITES: readonly Row[] = [
  [
    "write",
    "writes a file",
    'await Deno.writeTextFile(`${at.outside}/kept.txt`, "x"); return "written"',
  ],
  [
    "append",
    "appends to a file",
    'Deno.writeTextFileSync(`${at.outside}/kept.txt`, "x", { append: true }); return "appended"',
  ],
  ["truncate", "empties a file", 'Deno.truncateSync(`${at.outside}/kept.txt`); return "emptied"'],
  ["remove", "removes a file", 'Deno.removeSync(`${at.outside}/kept.txt`); return "removed"'],
  [
    "rename",
    "takes a file away",
    'Deno.renameSync(`${at.outside}/kept.txt`, `${at.data}/taken`); return "taken"',
  ],
  [
    "rename-over",
    "puts a file of its own over another",
    'Deno.writeTextFileSync(`${at.data}/mine`, "x");\n' +
    'Deno.renameSync(`${at.data}/mine`, `${at.outside}/kept.txt`); return "replaced"',
  ],
  ["mkdir", "makes a folder", 'Deno.mkdirSync(`${at.outside}/new`); return "made"'],
  [
    "chmod",
    "opens a file to everybody",
    'Deno.chmodSync(`${at.outside}/kept.txt`, 0o777); return "opened"',
  ],
  ["chown", "gives a file away", 'Deno.chownSync(`${at.outside}/kept.txt`, 0, 0); return "given"'],
  [
    "utime",
    "changes the time of a file",
    'Deno.utimeSync(`${at.outside}/kept.txt`, 1, 1); return "changed"',
  ],
  ["temporary", "makes a temporary file", "return Deno.makeTempFileSync({ dir: at.outside })"],
  ["temporary-default", "makes a temporary folder where they are", "return Deno.makeTempDirSync()"],
  [
    "node-write",
    "writes a file as Node does",
    '(await import("node:fs")).writeFileSync(`${at.outside}/kept.txt`, "x"); return "written"',
  ],
  [
    "node-mkdtemp",
    "makes a temporary folder as Node does",
    'return (await import("node:fs")).mkdtempSync(at.outside + "/")',
  ],
  [
    "heap-snapshot",
    "writes a heap snapshot",
    'return (await import("node:v8")).writeHeapSnapshot(`${at.outside}/kept.txt`)',
    { dealt: true },
  ],
  [
    "report",
    "writes a diagnostic report",
    'return (await import("node:process")).default.report.writeReport(`${at.outside}/kept.txt`)',
    {
      leftOut: { worker: "Deno has no such function in some releases", process: "as in a worker" },
    },
  ],
];

const reading = (path: string) => `return await Deno.readTextFile(\`${path}\`)`;
const listing = (path: string) =>
  `const names = [...Deno.readDirSync(\`${path}\`)].map(({ name }) => name); return names.join() || "empty"`;
/** Opens a file for writing and leaves it as it is. */
const opening = (path: string) =>
  `using file = Deno.openSync(\`${path}\`, { write: true }); return "open for writing " + file`;
/** Makes a file, and removes it if that is possible. */
const making = (path: string) =>
  `Deno.writeTextFileSync(\`${path}\`, "{}", { createNew: true });\n` +
  `try { Deno.removeSync(\`${path}\`) } catch {}\nreturn "made"`;

/** Files of the mesh and of the system: but for names and packages, no flag permits these. */
const MESH: readonly Row[] = [
  ["neighbour-data", "reads a neighbour's data", reading("${at.home}/data/victim/notes.txt")],
  ["neighbour-list", "lists a neighbour's data", listing("${at.home}/data/victim")],
  [
    "neighbour-write",
    "opens a neighbour's data for writing",
    opening("${at.home}/data/victim/notes.txt"),
  ],
  [
    "neighbour-plant",
    "puts a file among a neighbour's data",
    making("${at.home}/data/victim/${at.mark}"),
  ],
  [
    "neighbour-dots",
    "leaves its data folder for a neighbour's",
    reading("${at.data}/../victim/notes.txt"),
  ],
  ["data-owner", "says that a neighbour's data is its own", opening("${at.home}/data/victim.json")],
  ["data-owner-own", "rewrites the owner of its data", opening("${at.data}.json")],
  [
    "record",
    "reads a neighbour's record, with its token",
    reading("${at.home}/agents/victim.json"),
  ],
  [
    "record-own",
    "reads its own record, with its token",
    reading("${at.home}/agents/${at.attacker}.json"),
  ],
  [
    "record-write",
    "opens a neighbour's record for writing",
    opening("${at.home}/agents/victim.json"),
  ],
  ["record-make", "makes up a record", making("${at.home}/agents/${at.mark}.json")],
  ["stop-mark", "leaves a mark for a neighbour's end", making("${at.home}/agents/${at.mark}.stop")],
  ["log", "reads a neighbour's log", reading("${at.home}/logs/victim.log")],
  ["log-own", "reads its own log", reading("${at.home}/logs/${at.attacker}.log")],
  ["log-write", "opens a neighbour's log for writing", opening("${at.home}/logs/victim.log")],
  ["log-make", "makes a log", making("${at.home}/logs/${at.mark}.log")],
  ["registry-log", "reads the registry's log", reading("${at.home}/logs/registry.log")],
  ["registry-record", "reads the registry's record", reading("${at.home}/registry.json")],
  [
    "registry-data",
    "reads the registry's data",
    "return (await Deno.readFile(`${at.home}/mcp_mesh_registry.kv`)).length + 1",
  ],
  [
    "registry-data-write",
    "opens the registry's data for writing",
    opening("${at.home}/mcp_mesh_registry.kv"),
  ],
  ["locks", "lists the lock files", listing("${at.home}/locks")],
  [
    "locks-write",
    "opens a neighbour's lock file for writing",
    opening("${at.home}/locks/victim.json"),
  ],
  ["home", "lists the folder of the mesh", listing("${at.home}"), { needs: ["read"] }],
  ["home-plant", "puts a file into the folder of the mesh", making("${at.home}/${at.mark}")],
  ["start-lock", "opens the lock of starts", opening("${at.home}/start.lock")],
  ["deno-dir", "lists the cache that all programs share", listing("${at.denoDir}"), {
    needs: ["read"],
  }],
  ["deno-dir-read", "reads of the cache that all programs share", reading("${at.denoFile}"), {
    needs: ["read"],
  }],
  ["deno-dir-write", "opens code that all programs run for writing", opening("${at.denoFile}")],
  ["deno-dir-plant", "puts code into the cache that all share", making("${at.denoDir}/${at.mark}")],
  ["runtime-write", "opens the runtime's code for writing", opening("${at.root}/runtime/mod.ts")],
  ["runtime-plant", "puts a file among the runtime's", making("${at.root}/runtime/${at.mark}.txt")],
  ["proc-environ", "reads the environment of its process", reading("/proc/self/environ")],
  [
    "proc-environ-runtime",
    "reads the environment of the runtime's process",
    reading("/proc/${at.runtimePid}/environ"),
  ],
  [
    "proc-environ-neighbour",
    "reads the environment of a neighbour's process",
    reading("/proc/${at.victimPid}/environ"),
  ],
  ["proc-environ-init", "reads the environment of process 1", reading("/proc/1/environ")],
  ["proc-task", "reads the environment by a thread", reading("/proc/thread-self/environ")],
  [
    "proc-cmdline",
    "reads the command line of the runtime's process",
    "return (await Deno.readTextFile(`/proc/${at.runtimePid}/cmdline`)).slice(0, 20)",
  ],
  [
    "proc-maps",
    "reads the memory map of the runtime's process",
    "return (await Deno.readTextFile(`/proc/${at.runtimePid}/maps`)).slice(0, 20)",
  ],
  ["proc-mem", "opens the memory of the runtime's process", opening("/proc/${at.runtimePid}/mem")],
  ["proc-mem-self", "opens the memory of its process", opening("/proc/self/mem")],
  [
    "proc-fd",
    "lists the files that the runtime's process has open",
    listing("/proc/${at.runtimePid}/fd"),
  ],
  [
    "proc-fd-open",
    "opens a file that the runtime's process has open",
    "using file = Deno.openSync(`/proc/${at.runtimePid}/fd/1`, { write: true }); return String(file)",
  ],
  [
    "proc-root-home",
    "reads a record by /proc/self/root",
    reading("/proc/self/root${at.home}/agents/victim.json"),
  ],
  ["proc-oom", "makes the system end others first", opening("/proc/${at.victimPid}/oom_score_adj")],
  [
    "dev-mem",
    "opens the memory of the machine",
    "using file = Deno.openSync('/dev/mem'); return String(file)",
  ],
  ["dev-fd", "lists its open files by /dev/fd", listing("/dev/fd")],
];

/** All attempts on files. */
export const FILES: readonly Attempt[] = [
  ...attemptsOf("files", READS, { needs: ["read"] }),
  ...attemptsOf("files", WRITES, { needs: ["write"] }),
  ...attemptsOf("files", MESH),
];
