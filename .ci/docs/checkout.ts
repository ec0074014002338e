/**
 * A copy of this repository to run the commands of its documentation in, with state, database and
 * ports of its own.
 *
 * @module
 */
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../fixtures/free_port.ts";
import { type Foreground, foreground } from "./foreground.ts";

/** What a command did. */
export interface Outcome {
  code: number;
  /** Standard output and error. */
  output: string;
}

/** A copy of the repository. */
export interface Checkout extends AsyncDisposable {
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Runs commands until they end. */
  run(commands: string): Promise<Outcome>;
  /** Starts a command. */
  start(command: string): Foreground;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LEFT_OUT = new Set([".git", ".mesh", "dist", "coverage", "node_modules"]);
/** How the documentation calls Deno where only Node is installed. */
const THROUGH_NPM = /npx -y deno@[\d.]+/g;

/** What pages that are read outside a checkout call `meshctl`. */
async function writeMeshctl(folder: string): Promise<void> {
  const program = join(folder, "meshctl");
  await mkdir(folder, { recursive: true });
  await writeFile(program, '#!/bin/sh\nexec "$(dirname "$0")/../../cli/main.ts" "$@"\n');
  await chmod(program, 0o755);
}

/** Copies the repository. */
export async function checkout(): Promise<Checkout> {
  const folder = await Deno.makeTempDir({ prefix: "mesh-docs-" });
  await cp(ROOT, folder, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(relative(ROOT, path)),
  });
  const programs = join(folder, "dist", "bin");
  await writeMeshctl(programs);
  const env = {
    PATH: [programs, dirname(Deno.execPath()), Deno.env.get("PATH")].join(delimiter),
    MCP_MESH_HOME: join(folder, ".mesh"),
    MCP_MESH_KV: join(folder, ".mesh", "registry.kv"),
    MCP_MESH_REGISTRY_URL: `http://localhost:${freePort()}`,
    MCP_MESH_HTTP_PORT: "0",
    // The mesh notes a change within a second instead of five.
    MCP_MESH_HEALTH_INTERVAL: "1",
    NO_COLOR: "1",
  };
  const shell = (commands: string) =>
    new Deno.Command("sh", {
      args: ["-ec", commands.replace(THROUGH_NPM, "deno")],
      cwd: folder,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  return {
    folder,
    async run(commands) {
      const { code, stdout, stderr } = await shell(commands).output();
      const decoder = new TextDecoder();
      return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
    },
    // The shell becomes the command, so that a signal reaches it.
    start: (command) => foreground(shell(`exec ${command}`).spawn()),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
