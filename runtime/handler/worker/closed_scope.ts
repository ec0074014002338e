/**
 * The scope of a worker without the doors that lead past the host of agent code: to the process that the
 * worker shares with the trusted side, and to other agents. This is a seat belt for code of one's own.
 * Code that looks for a way past it finds one (see "Worker isolation" in runtime/README.md), because a
 * worker shares its process; a process of its own is the border.
 *
 * @module
 */
import process from "node:process";
import type { WorkerScope } from "./worker_scope.ts";

/** Globals that need no permission in Deno and reach beyond the agent: other agents, or the disk. */
const SHARED = ["caches", "BroadcastChannel"] as const;

/** The way to the host, which is the runtime's alone. */
export type Send = WorkerScope["postMessage"];

/**
 * Closes what agent code has no use for. Runs before the code is loaded.
 *
 * @returns The way to the host.
 */
export function closeScope(scope: WorkerScope): Send {
  const send: Send = scope.postMessage.bind(scope);
  for (const name of ["postMessage", ...SHARED]) Reflect.deleteProperty(scope, name);
  // The graphics processor is one for the whole machine.
  Reflect.deleteProperty(Object.getPrototypeOf(navigator), "gpu");
  closeInternals();
  closeSignals();
  closeInput();
  return send;
}

/** Deno's operations, some of which end the process without being asked for a permission. */
function closeInternals(): void {
  // It is a symbol, which Deno's types leave out.
  const { internal } = Deno as unknown as { readonly internal: symbol };
  Object.defineProperty(Deno, internal, { value: Object.freeze({}), configurable: false });
}

/** Deno lets code without permissions send signals to its own process. */
function closeSignals(): void {
  const kill = Deno.kill;
  Object.defineProperty(Deno, "kill", {
    value: (pid: number, signal?: Deno.Signal) => {
      refuseOwn(pid);
      kill(pid, signal);
    },
  });
  // `kill` of node:process, however it is imported, calls this.
  const node = process as unknown as { _kill: (pid: number, signal: number) => number };
  const nodeKill = node._kill;
  node._kill = (pid, signal) => {
    refuseOwn(pid);
    return nodeKill.call(process, pid, signal);
  };
}

function refuseOwn(pid: number): void {
  // 0 and -1 are the own group, and every process there is.
  const own = [0, 1, Deno.pid, Deno.ppid];
  if (Number.isInteger(pid) && !own.includes(Math.abs(pid))) return;
  throw new Deno.errors.NotCapable(
    `agent code may not send signals to its own process (${pid}); end it with Deno.exit()`,
  );
}

/** The standard input is the command channel of the trusted side. */
function closeInput(): void {
  // The descriptor stays open for the process.
  Deno.stdin.close();
  const { Command } = Deno;
  class WithoutInput extends Command {
    constructor(command: string | URL, options: Deno.CommandOptions = {}) {
      super(command, { ...options, stdin: options.stdin === "piped" ? "piped" : "null" });
    }
  }
  Object.defineProperty(WithoutInput, "name", { value: "Command" });
  Object.defineProperty(Deno, "Command", { value: WithoutInput });
}
