/**
 * Everything around the attackers: the files that they may not touch, a server that they may not reach,
 * and the neighbour.
 *
 * @module
 */
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { meshHome } from "../../machine/home.ts";
import { readAgentRecord, runningRegistry } from "../../machine/records.ts";
import { NO_LLM_KEYS, type TestMesh, withMesh } from "../meshctl.ts";
import { type AttackerName, ATTACKERS, attackerText, type Secrets, victimText } from "./agents.ts";
import type { Isolation, Targets } from "./attempt.ts";

/**
 * Most that an attempt takes of memory, bytes: for a process more than its limit; a worker has no limit
 * that could be passed.
 */
const MEMORY: Readonly<Record<Isolation, number>> = { process: 640 * 2 ** 20, worker: 2 ** 28 };

/** The parts of {@linkcode Targets} that all attempts of all attackers share. */
type Shared = Omit<Targets, "attacker" | "mark" | "outside" | "data" | "own" | "runtimePid">;

/** Everything around the attackers. */
export interface Scene {
  readonly mesh: TestMesh;
  readonly secrets: Secrets;
  readonly shared: Shared;
  readonly canary: Canary;
  /** Path of an attacker's module. */
  module(attacker: AttackerName): string;
  /** Folder of files that an attacker may not touch. */
  outside(attacker: AttackerName): string;
  /** Lays an attacker's folder out anew. */
  plant(attacker: AttackerName): Promise<void>;
}

/**
 * Runs `body` in a mesh with the neighbour and the attackers.
 *
 * @param start Options of `start` that choose the isolation.
 */
export async function withScene(
  isolation: Isolation,
  start: readonly string[],
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "attack-")));
  const secrets = newSecrets();
  const env = {
    ...NO_LLM_KEYS,
    // Less than by default, which takes seconds to be taken.
    MCP_MESH_MEMORY_LIMIT: "512MiB",
    VICTIM_SECRET: secrets.variable,
    OPENAI_API_KEY: secrets.vendor,
    MCP_MESH_REQUEST_STATE_KEY: secrets.mesh,
  };
  try {
    await using canary = serveCanary();
    await withMesh(async (mesh) => {
      const module = (name: string) => join(folder, "agents", `${name}.ts`);
      const outside = (name: string) => join(folder, "outside", name);
      const plant = (name: string) => plantFiles(outside(name), secrets.file);
      await mkdir(join(folder, "agents"));
      await cp(new URL("packages", import.meta.url), join(folder, "agents/packages"), {
        recursive: true,
      });
      const names = Object.keys(ATTACKERS) as AttackerName[];
      await writeFile(module("victim"), victimText(secrets));
      for (const name of names) {
        await writeFile(module(name), attackerText(name));
        await plant(name);
      }
      const files = ["victim", ...names].map(module);
      // Agents in workers share a process with all that are started at once: then the first attempt that
      // ends it would end the neighbour.
      const starts = isolation === "process" ? [files] : files.map((file) => [file]);
      for (const together of starts) {
        const started = await mesh.run("start", "-d", "--no-check", ...start, ...together);
        if (started.code !== 0) throw new Error(started.stderr);
      }
      const shared = await sharedTargets(mesh, canary.port, MEMORY[isolation]);
      await body({ mesh, secrets, shared, canary, module, outside, plant });
      await mesh.run("stop");
    }, env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function newSecrets(): Secrets {
  const secret = () => `secret-${crypto.randomUUID()}`;
  return {
    variable: secret(),
    data: secret(),
    logged: secret(),
    cached: secret(),
    vendor: secret(),
    mesh: secret(),
    file: secret(),
  };
}

/** Text of the file that attackers try to change. */
const KEPT = "kept";

async function plantFiles(folder: string, secret: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = {
    "secret.txt": secret,
    "secret.json": JSON.stringify({ secret }),
    "secret.ts": `export default ${JSON.stringify(secret)};\n`,
    "worker.ts": `postMessage(${JSON.stringify(secret)});\n`,
    "secret.env": `SECRET=${secret}\n`,
    "kept.txt": KEPT,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Returns whether a folder is as it was planted. */
export async function isUntouched(folder: string): Promise<boolean> {
  const names = (await readdir(folder)).toSorted().join();
  const text = await readFile(join(folder, "kept.txt"), "utf8").catch(() => undefined);
  return text === KEPT &&
    names === "kept.txt,secret.env,secret.json,secret.ts,secret.txt,worker.ts";
}

async function sharedTargets(
  mesh: TestMesh,
  canary: number,
  memory: number,
): Promise<Shared> {
  const home = meshHome(mesh.home);
  const victim = await readAgentRecord(home.record("victim"));
  const registry = await runningRegistry(home);
  if (victim?.port === undefined || registry === undefined) throw new Error("it does not run");
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const packages = join(denoDir, "npm/registry.npmjs.org/zod");
  const [version = ""] = (await readdir(packages)).filter((name) => /^\d/.test(name));
  return {
    home: mesh.home,
    denoDir,
    denoFile: join(packages, version, "package.json"),
    root: fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, ""),
    canary,
    registry: mesh.port,
    victim: victim.port,
    victimPid: victim.pid,
    registryPid: registry.pid,
    memory,
  };
}

/** A server that is not of the mesh, and keeps what it is asked for. */
export interface Canary extends AsyncDisposable {
  readonly port: number;
  /** Everything that it was asked for, with the heads of requests. */
  readonly seen: readonly string[];
}

function serveCanary(): Canary {
  const seen: string[] = [];
  const server = Deno.serve({ hostname: "0.0.0.0", port: 0, onListen() {} }, (request) => {
    seen.push(`${request.url} ${JSON.stringify([...request.headers])}`);
    const { pathname, search } = new URL(request.url);
    if (pathname === "/to") {
      return new Response(null, {
        status: 302,
        headers: { location: decodeURIComponent(search.slice(1)) },
      });
    }
    return new Response("export default 1;\n", { headers: { "content-type": "text/javascript" } });
  });
  return { port: server.addr.port, seen, [Symbol.asyncDispose]: () => server.shutdown() };
}
