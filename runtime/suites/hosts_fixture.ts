/** The tests of a suite that runs over all ways to host agent code. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import type { CodePlace } from "../sandbox/process_link.ts";
import { Reaper } from "../sandbox/reaper.ts";
import { hostSandboxed, type Sandbox, type SandboxOptions } from "../sandbox/sandboxed.ts";

/** Where the code of an agent runs that is isolated. */
export type Isolation = "worker" | "process";

/**
 * Returns the function that registers the tests of one kind of host. An isolated host loads the mesh
 * again, which takes long: `deno task test:unit` runs suites in thread. Of workers it runs
 * `boundary/host_test.ts` and the tests of `sandbox/`, but for the ways in which code does get at what
 * it may read.
 */
export function hostTest(kind: string): (name: string, fn: Deno.TestDefinition["fn"]) => void {
  return kind === "worker" || kind === "process" ? processTest : Deno.test;
}

/** Hosts an agent in isolation. */
export type HostIsolated = (options: SandboxOptions) => Promise<Sandbox>;

/** Returns what `make` makes of a function that hosts agents, for each isolation. */
export function isolated<T>(make: (host: HostIsolated) => T): Record<Isolation, T> {
  return {
    worker: make(hostSandboxed),
    process: make(hostInProcess),
  };
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Hosts an agent in a process of its own, with the packages and the lock of the mesh. */
export async function hostInProcess(options: SandboxOptions): Promise<Sandbox> {
  const reaper = new Reaper({ log: options.log });
  try {
    const place = await placeWith(reaper);
    const host = await hostSandboxed({ ...options, place });
    const dispose = host[Symbol.asyncDispose].bind(host);
    return Object.assign(host, {
      async [Symbol.asyncDispose]() {
        await dispose();
        await reaper[Symbol.asyncDispose]();
      },
    });
  } catch (error) {
    await reaper[Symbol.asyncDispose]();
    throw error;
  }
}

/** Arguments of `deno run` for a process of agent code, with the packages and the lock of the mesh. */
export const CODE_ARGS: string[] = [
  ...["--quiet", "--no-config", "--node-modules-dir=none", "--cached-only", "--frozen"],
  ...["--import-map", join(ROOT, "import_map.json"), "--lock", join(ROOT, "deno.lock")],
  ...["--unstable-kv", "--unstable-worker-options", "--unstable-no-legacy-abort"],
  "--unstable-lazy-dynamic-imports",
];

/** Deno's caches for the processes of all tests: the first one takes long to start. */
const CACHES = join(tmpdir(), "mesh-tests-deno");

/** Makes Deno's caches for processes of agent code, with the packages of this one; returns their folder. */
export async function codeCaches(): Promise<string> {
  const shared = Deno.env.get("DENO_DIR") ?? join(homedir(), ".cache", "deno");
  await mkdir(CACHES, { recursive: true });
  for (const name of ["npm", "remote"]) {
    // Other tests make the same links.
    await symlink(join(shared, name), join(CACHES, name)).catch(() => {});
  }
  await writeFile(join(CACHES, "location_data"), "");
  return CACHES;
}

/** Returns the place of a process, with the packages of this one. */
async function placeWith(reaper: Reaper): Promise<CodePlace> {
  return {
    args: CODE_ARGS,
    denoDir: await codeCaches(),
    cwd: ROOT,
    facts: () => ({
      closed: [],
      unwritable: [],
      meshPorts: [],
      environment: Deno.env.toObject(),
    }),
    memoryBytes: 1024 ** 3,
    reaper,
  };
}
