/**
 * Attempts that a worker does not stop, each with the reason. A worker is a seat belt for one's own code:
 * it shares its process with the runtime, and the process may do what the runtime needs.
 *
 * @module
 */
import type { AttackerName } from "./agents.ts";

/** Attempts that succeed for one reason. */
export interface Unstopped {
  readonly reason: string;
  /** The attackers for whom they do. @default all */
  readonly by?: readonly AttackerName[];
  /** They end or stop the process of the runtime: one attacker tries each, to spare the test restarts. */
  readonly ends?: boolean;
  readonly ids: readonly string[];
}

/** Names of this machine by which its ports are reached. */
const HOSTS = [
  ...["localhost", "v4", "short", "decimal", "hexadecimal", "octal", "mapped", "upper-case"],
  ...["full-width", "full-stop", "user", "encoded", "any-v4", "zero", "mapped-any"],
];

const network = (port: string, names: readonly string[]) =>
  names.map((name) => `network/${port}-${name}`);

/** All attempts that a worker does not stop. */
export const WORKER_ISOLATION: readonly Unstopped[] = [
  {
    reason: "a worker or a thread that the code starts has everything that the runtime took away",
    ends: true,
    ids: ["workers/kill", "workers/thread-kill", "workers/dock"],
  },
  {
    reason: "the same; the Cache API is one store for all that begins with one module",
    ids: ["workers/cache-write"],
  },
  {
    reason:
      "Deno ends the whole process for a feature that it was not started with (--unstable-net)",
    ends: true,
    ids: ["network/victim-port", "network/victim-port-any", "network/registry-port"],
  },
  {
    reason: "the promises of Deno itself, in the worker, are broken in a way that ends the process",
    ends: true,
    ids: ["internals/pollute-then"],
  },
  {
    reason: "the arguments of the process are those of the runtime, and name files of the mesh",
    ids: ["environment/arguments", "environment/node-arguments"],
  },
  {
    reason: "flags of V8, the folder, the title, the exit code and signals are the process's",
    ids: [
      "internals/v8-flags",
      ...["chdir", "listen-signal", "exit-code", "title"].map((name) => `processes/${name}`),
    ],
  },
  {
    reason: "standard output and error are those of the runtime, and go into the log as they are",
    ids: [
      ...["stdout", "stderr", "stdout-stream", "node-stdout", "node-stderr", "descriptor-1"],
      ...["descriptor-2", "console-trace", "console-dir", "console-time", "console-own"],
      ...["warning", "worker-console", "worker-error"],
    ].map((name) => `stdio/${name}`),
  },
  {
    reason: "nothing limits what the process takes of memory and files, and the runtime is in it",
    ids: [
      ...["buffers", "shared", "wasm", "grown", "heap", "native", "queue"]
        .map((name) => `memory/${name}`),
      "floods/connections",
    ],
  },
  {
    reason:
      "no port of this machine is kept from an agent that may connect to it: the mesh's neither",
    by: ["attacker-net"],
    ids: [
      ...["registry", "victim", "own"].flatMap((port) => network(port, HOSTS)),
      ...network("registry", [
        ...["agents", "register", "replace", "unregister", "mcp", "proxy", "events", "connect"],
        ...["node", "node-http", "node-lookup", "redirect", "proxy-client"],
      ]),
      ...["network/victim-call", "network/victim-connect", "packages/registry", "workers/registry"],
    ],
  },
  {
    reason: "an agent that may read or write all files may do so with those of the mesh",
    by: ["attacker-files"],
    ids: [
      ...["neighbour-data", "neighbour-list", "neighbour-write", "neighbour-plant"],
      ...["neighbour-dots", "data-owner", "data-owner-own", "record", "record-own"],
      ...["record-write", "record-make", "stop-mark", "log", "log-own", "log-write", "log-make"],
      ...["registry-log", "registry-record", "registry-data", "registry-data-write", "locks"],
      ...["locks-write", "home-plant", "start-lock"],
      ...["deno-dir-write", "deno-dir-plant", "runtime-write", "runtime-plant"],
    ].map((name) => `files/${name}`),
  },
  {
    reason: "the same, by other ways to read and write files",
    by: ["attacker-files"],
    ids: [
      ...["record", "log", "neighbour-data", "environ", "proc-environ-runtime", "proc-maps"]
        .map((name) => `imports/${name}`),
      ...["proc-environ-neighbour", "proc-environ-registry", "proc-root", "proc-descriptor"]
        .map((name) => `imports/${name}`),
      ...["record", "record-hard", "data", "data-relative", "data-hard", "chain"]
        .map((name) => `links/${name}`),
      ...["links/registry-data", "links/swap", "packages/record", "packages/require"],
      ...["kv-registry", "sqlite-registry", "sqlite-backup"].map((name) => `storage/${name}`),
      "workers/record",
    ],
  },
];
