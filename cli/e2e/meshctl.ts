/**
 * Runs `meshctl` as a user would, in a home and on a port of its own, for end-to-end tests.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killGroup } from "../machine/child.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import { MESHCTL, projectConfig, USER, userFile } from "./program.ts";

/** Absolute path of an agent of `fixtures/`. */
export function fixture(name: string): string {
  return userFile(`cli/e2e/fixtures/${name}.ts`);
}

/** How a `meshctl` ended. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Longest that a line is waited for, milliseconds. */
const LINE_MS = 120_000;

/** A `meshctl` that still runs. */
export interface RunningMeshctl {
  /**
   * Settles with the first line, of either stream, that contains `text`, after the line `after`.
   *
   * @throws {Error} with everything it has said, when it ends or a minute is over before.
   */
  line(text: string, after?: string): Promise<string>;
  signal(signal: Deno.Signal): void;
  ended: Promise<Outcome>;
}

/** A mesh of a test. */
export interface TestMesh {
  /** Its `MCP_MESH_HOME`; removed at the end. */
  home: string;
  /** Where its registry is, or would be. */
  registryUrl: string;
  port: number;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Outcome>;
  /** Runs a command with both its streams going into a program of the shell. */
  runInto(reader: string, ...args: string[]): Promise<Outcome>;
  /** Starts a command. */
  spawn(...args: string[]): RunningMeshctl;
  /** Runs a file with the flags of its first line, as a program of its own. */
  execute(file: string, env: Record<string, string>): Promise<RunningMeshctl>;
  /** How somebody else starts a command. */
  command(...args: string[]): { command: string; args: string[]; env: Record<string, string> };
  /** Ids of the processes that belong to it. */
  processes(): Promise<number[]>;
}

/** Variables that would give whoever runs the tests a language model, emptied. */
export const NO_LLM_KEYS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "LITELLM_BASE_URL",
    "LITELLM_PROXY_API_BASE",
  ].map((name) => [name, ""]),
);

/**
 * Runs `body` with a mesh in which nothing runs, and ends everything it left.
 *
 * @param env Further variables of every command.
 */
export async function withMesh(
  body: (mesh: TestMesh) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "mesh-"));
  const port = freePort();
  const environment = {
    MCP_MESH_HOME: home,
    MCP_MESH_REGISTRY_URL: "",
    MCP_MESH_REGISTRY_PORT: String(port),
    NO_COLOR: "1",
    ...USER,
    ...env,
  };
  const spawn = (...args: string[]) => spawnProgram([...MESHCTL, ...args], home, environment);
  const mesh: TestMesh = {
    home,
    port,
    registryUrl: `http://localhost:${port}`,
    spawn,
    command: (...args) => {
      const [command = "", ...rest] = [...MESHCTL, ...args];
      return { command, args: rest, env: environment };
    },
    run: (...args) => spawn(...args).ended,
    execute: async (file, env) => {
      const [line = ""] = (await readFile(file, "utf8")).split("\n", 1);
      const own = line.replace(/^.*\bdeno run /, "").split(" ");
      // Of what the runtime needs, first lines of agents leave out what tells it where the mesh is.
      const runtime = ["--config", await projectConfig(home), "--allow-env=MCP_MESH_*"];
      const flags = ["--quiet", "--no-prompt", ...runtime, ...own];
      const variables = { ...environment, MCP_MESH_REGISTRY_URL: mesh.registryUrl, ...env };
      return spawnProgram([Deno.execPath(), "run", ...flags, file], home, variables);
    },
    runInto: (reader, ...args) => {
      const script = `"$@" 2>&1 | ${reader}`;
      const program = ["sh", "-c", script, "sh", ...MESHCTL, ...args];
      return spawnProgram(program, home, environment).ended;
    },
    processes: () => processesOf(home),
  };
  try {
    await body(mesh);
  } finally {
    // Most tests have ended what they started, and a command more is a fifth of a second of a core.
    if ((await mesh.processes()).length > 0) await mesh.run("stop", "--force", "--quiet");
    for (const pid of await mesh.processes()) killGroup(pid);
    await rm(home, { recursive: true, force: true });
  }
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function spawnProgram(
  [command = "", ...args]: string[],
  cwd: string,
  env: Record<string, string>,
): RunningMeshctl {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const splitter = createLineSplitter();
    let text = "";
    const add = (lines: string[]) => {
      for (const line of lines) {
        text += `${line}\n`;
        seen.push(line);
      }
      for (const look of waiting) look();
    };
    for await (const bytes of stream) add(splitter.push(bytes));
    add(splitter.end());
    return text;
  };
  const ended = Promise.all([child.status, read(child.stdout), read(child.stderr)])
    .then(([{ code }, stdout, stderr]) => ({ code, stdout, stderr }));
  return {
    ended,
    signal: (signal) => child.kill(signal),
    line: (text, after) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(() => over(`no "${text}" in ${LINE_MS / 1000} s`), LINE_MS);
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const look = () => {
        const from = after === undefined ? 0 : seen.indexOf(after) + 1;
        const found = seen.slice(from).find((line) => line.includes(text));
        if (found === undefined) return;
        settle();
        resolve(found);
      };
      const over = (why: string) => {
        settle();
        reject(new Error(`${why}:\n${seen.join("\n")}`));
      };
      waiting.add(look);
      look();
      void ended.then(() => over(`ended without "${text}"`));
      return promise;
    },
  };
}

/** The processes whose environment names the home. Deno itself does not read that of others. */
async function processesOf(home: string): Promise<number[]> {
  const search = `grep -lzx 'MCP_MESH_HOME=${home}' /proc/[0-9]*/environ 2>/dev/null`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", search] }).output();
  return [...new TextDecoder().decode(stdout).matchAll(/\/proc\/(\d+)\//g)]
    .map(([, pid]) => Number(pid));
}
