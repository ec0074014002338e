/**
 * What a command may touch. Everything outside the command comes in here, so that a command runs
 * the same in a process and in a test.
 *
 * @module
 */
import { delimiter, isAbsolute, join } from "node:path";
import { sleep } from "../../runtime/base/sleep.ts";
import { keptWithBody } from "../../runtime/base/kept_response.ts";
import { type Config, processEnvironment, readConfig } from "../settings/config.ts";
import { wantsColour } from "../output/colour.ts";
import { createOutput, type Output } from "../output/output.ts";
import { type CommandStart, runtimeLocation, selfCommand } from "../settings/runtime_location.ts";
import { fetchOnce } from "../../runtime/base/fetch_once.ts";

export type { Output } from "../output/output.ts";

/** What a command may touch. */
export interface Context {
  config: Config;
  /** Absolute folder relative paths start from. */
  cwd: string;
  /** Data: what a script reads. */
  stdout: Output;
  /** Talk: progress, warnings and errors. */
  stderr: Output;
  /** Somebody sits at a terminal, who can be asked and sees the questions. */
  isInteractive: boolean;
  /** Standard input; to be read once. */
  stdin(): ReadableStream<Uint8Array<ArrayBuffer>>;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Settles after so many milliseconds, or as soon as `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** How the user calls `meshctl`, for commands shown to copy. */
  program: string;
  /** Absolute folder of this project: `deno.json`, `import_map.json` and `runtime/`. */
  root: string;
  /** The `deno` binary that runs child processes. */
  deno: string;
  /** How to run `meshctl` again with these permissions: what its arguments are put after. */
  self(permissions: readonly string[]): CommandStart;
  /**
   * Calls `listener` at every request to end: Ctrl+C, SIGTERM, a closed terminal. Until disposed,
   * such a signal no longer ends the process by itself.
   */
  onInterrupt(listener: () => void): Disposable;
}

/** The context of the running process. */
export function systemContext(): Context {
  const cwd = Deno.cwd();
  const config = readConfig(processEnvironment(), cwd);
  const runtime = runtimeLocation(config.home);
  const once = fetchOnce(fetch);
  return {
    config,
    cwd,
    stdout: output(Deno.stdout, config),
    stderr: output(Deno.stderr, config),
    isInteractive: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
    stdin: () => Deno.stdin.readable,
    // Ctrl+C ends what is being read, also when only its body is held.
    fetch: async (input, init) => keptWithBody(await once(input, init)),
    now: Date.now,
    sleep,
    program: runtime.form === "checkout" ? taskCommand(config) : "meshctl",
    root: runtime.root,
    deno: runtime.form === "compiled" ? denoOnPath(config) : Deno.execPath(),
    self: (permissions) => selfCommand(runtime, Deno.execPath(), permissions),
    onInterrupt,
  };
}

/** The installed `deno`: looked up here, for what it runs may be given another `PATH`. */
function denoOnPath({ environment }: Config): string {
  const name = Deno.build.os === "windows" ? "deno.exe" : "deno";
  const folders = (environment["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isFile) ?? name;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not in this folder.
    return false;
  }
}

function taskCommand({ startedByNpx }: Config): string {
  return `${startedByNpx ? `npx -y deno@${Deno.version.deno}` : "deno"} task meshctl`;
}

/** A console stream of the runtime. */
interface ConsoleStream {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

function output(stream: ConsoleStream, { noColour, columns, environment }: Config): Output {
  const encoder = new TextEncoder();
  const isTerminal = stream.isTerminal();
  return createOutput({
    sink: (text) => {
      let rest = encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
    },
    colours: wantsColour({ isTerminal, noColour }),
    columns: () => isTerminal ? columns ?? terminalColumns() : undefined,
    isLive: isTerminal && environment["TERM"] !== "dumb",
  });
}

function terminalColumns(): number | undefined {
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    // A terminal that does not tell its size, such as a serial line.
    return undefined;
  }
}

const ENDING_SIGNALS: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function onInterrupt(listener: () => void): Disposable {
  for (const signal of ENDING_SIGNALS) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const signal of ENDING_SIGNALS) Deno.removeSignalListener(signal, listener);
    },
  };
}
