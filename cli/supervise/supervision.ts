/**
 * Stays with processes that were started: says who goes, and starts again who is to be.
 *
 * @module
 */
import { rm, stat } from "node:fs/promises";
import { errorText } from "../../runtime/base/errors.ts";
import { backoffMs } from "../../runtime/base/backoff.ts";
import type { Context } from "../app/context.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import type { AgentChild } from "../start/agent_launch.ts";
import type { AgentProcess } from "../start/agent_process.ts";
import { type Child, type ChildExit, exitText } from "../machine/child.ts";
import { endCodeOf } from "../machine/left_code.ts";
import { agentPatience } from "../machine/ending.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { type MeshHome, REGISTRY_NAME } from "../machine/home.ts";
import type { StartedProcesses } from "../start/started_processes.ts";
import { continued, SupervisedProcess } from "./supervised_process.ts";
import type { SupervisorRecord } from "../machine/supervisor_record.ts";
import { endChildren } from "../machine/termination.ts";

/** What {@linkcode Supervision} needs. */
export interface SupervisionOptions {
  started: StartedProcesses;
  home: MeshHome;
  /** Start again what ends by itself. */
  restart: boolean;
  /** A save may start again what has ended. */
  watch: boolean;
  /** Starts a process. */
  launch(process: AgentProcess): AgentChild;
  /**
   * Starts the registry again.
   *
   * @throws {CliError} When it cannot be started.
   */
  relaunchRegistry(): Promise<Child | undefined>;
  /** Says that something has ended, and what comes of it. */
  say(names: string[], text: string): void;
  /** The state of some agent has changed. */
  onChange(agents: SupervisorRecord["agents"]): void;
  /** Aborts when everything is to end. */
  interrupted: AbortSignal;
}

/** First and longest pause before something is started again, milliseconds. */
const PAUSE = { firstMs: 250, longestMs: 10_000 };
/** What ran for this long has recovered from what had ended it before, milliseconds. */
const RECOVERED_MS = 10_000;

/** Stays with processes until nothing is left to stay with. */
export class Supervision {
  readonly #options: SupervisionOptions;
  readonly #context: Pick<Context, "sleep">;
  readonly #processes = new Set<SupervisedProcess>();
  readonly #over = Promise.withResolvers<void>();
  /** Aborts when there is nothing left to stay with. */
  readonly #finished = new AbortController();
  #registryFailed = false;

  constructor(options: SupervisionOptions, context: Pick<Context, "sleep">) {
    this.#options = options;
    this.#context = context;
    const { started, interrupted } = options;
    interrupted.addEventListener("abort", () => this.#over.resolve(), { once: true });
    if (interrupted.aborted) this.#over.resolve();
    void this.#over.promise.then(() => this.#finished.abort());
    for (const agents of started.agents) this.#adopt(agents);
    if (started.registry !== undefined) void this.#followRegistry(started.registry, 0);
    void this.#followMarks();
  }

  /** What it stays with. */
  get processes(): readonly SupervisedProcess[] {
    return [...this.#processes];
  }

  /**
   * Waits until the user interrupts or nothing is left that runs or is to run again.
   *
   * @returns 1 when something ended in another way than by being asked to, and has not come back.
   */
  async over(): Promise<ExitCode> {
    await this.#over.promise;
    const failed = this.#registryFailed || this.processes.some(({ hasFailed }) => hasFailed);
    return failed ? EXIT.failure : EXIT.ok;
  }

  /** Starts a process and stays with it too. */
  add(process: AgentProcess): SupervisedProcess {
    const agents = this.#options.launch(process);
    this.#options.started.addAgents(agents);
    return this.#adopt(agents);
  }

  /** Ends a process, if it runs, and starts another in its place, with the same ports and ids. */
  async replace(supervised: SupervisedProcess, next: AgentProcess): Promise<void> {
    const isRunning = supervised.state === "running";
    this.#is(supervised, "restarting");
    if (isRunning) await this.#end(supervised);
    if (this.#options.interrupted.aborted || supervised.state !== "restarting") return;
    await this.#start(supervised, next);
  }

  /** Ends a process for good. */
  async retire(supervised: SupervisedProcess): Promise<void> {
    this.#is(supervised, "stopped");
    supervised.hasFailed = false;
    await this.#end(supervised);
    await Promise.all(supervised.agents.records.map((path) => rm(path, { force: true })));
    this.#endIfIdle();
  }

  /** Ends a process once its calls are over. */
  async #end({ agents: { child, records }, names }: SupervisedProcess): Promise<void> {
    const say = (text: string) => this.#options.say(names, text);
    await endChildren([{ child, patience: agentPatience({ records, say }) }]);
    await endCodeOf(child.pid, records, this.#options.home);
  }

  #adopt(agents: AgentChild): SupervisedProcess {
    const supervised = new SupervisedProcess(agents);
    this.#processes.add(supervised);
    this.#changed();
    // One that is left of an earlier run says nothing about this one.
    void this.#takeMarks(agents.names).then(() => this.#follow(supervised));
    return supervised;
  }

  async #start(supervised: SupervisedProcess, process: AgentProcess): Promise<void> {
    const { started, launch, say } = this.#options;
    if (await this.#takeMarks(supervised.names)) {
      say(supervised.names, "stopped");
      this.#is(supervised, "stopped");
      return this.#endIfIdle();
    }
    let next: AgentChild;
    try {
      next = launch(await continued(process));
    } catch (error) {
      return await this.#notLaunched(supervised, error);
    }
    started.removeAgents(supervised.agents);
    started.addAgents(next);
    supervised.agents = next;
    supervised.hasFailed = false;
    this.#is(supervised, "running");
    void this.#follow(supervised);
  }

  async #follow(supervised: SupervisedProcess): Promise<void> {
    const { agents } = supervised;
    const startedAt = performance.now();
    const end = await agents.child.exited;
    // What it started is of no use without it.
    agents.child.kill();
    await endCodeOf(agents.child.pid, agents.records, this.#options.home);
    const isExpected = supervised.state !== "running" || supervised.agents !== agents;
    if (isExpected || this.#options.interrupted.aborted) return;
    if (performance.now() - startedAt > RECOVERED_MS) supervised.failures = 0;
    await this.#ended(supervised, end);
  }

  async #ended(supervised: SupervisedProcess, end: ChildExit): Promise<void> {
    const { restart, watch, say, interrupted } = this.#options;
    const { names } = supervised;
    const wasStopped = await this.#takeMarks(names) || end.code === 0;
    if (interrupted.aborted) return;
    if (wasStopped) {
      say(names, "stopped");
      this.#is(supervised, "stopped");
      return this.#endIfIdle();
    }
    supervised.hasFailed = true;
    if (restart) return await this.#startAfterPause(supervised, end);
    say(names, watch ? `${exitText(end)}; the next save starts it again` : exitText(end));
    this.#is(supervised, watch ? "down" : "stopped");
    this.#endIfIdle();
  }

  async #startAfterPause(supervised: SupervisedProcess, end: ChildExit): Promise<void> {
    const { say, interrupted } = this.#options;
    supervised.failures += 1;
    const pause = backoffMs(PAUSE, supervised.failures);
    say(supervised.names, `${exitText(end)}; started again in ${pause / 1_000} s`);
    this.#is(supervised, "restarting");
    const { agents } = supervised;
    await this.#context.sleep(pause, interrupted);
    // Stopped or started in the meantime.
    if (supervised.state !== "restarting" || supervised.agents !== agents) return;
    if (!interrupted.aborted) await this.#start(supervised, agents.process);
  }

  /** The disk is full, say, or the project says something that cannot be honoured by now. */
  async #notLaunched(supervised: SupervisedProcess, error: unknown): Promise<void> {
    const reason = errorText(error);
    await this.#ended(supervised, { code: null, signal: null, error: reason });
  }

  async #followRegistry(registry: Child, failures: number): Promise<void> {
    const { restart, say, interrupted } = this.#options;
    const startedAt = performance.now();
    const end = await registry.exited;
    const wasStopped = await this.#takeMarks([REGISTRY_NAME]) || end.code === 0;
    if (interrupted.aborted) return;
    if (wasStopped || !restart) {
      say([REGISTRY_NAME], wasStopped ? "stopped" : exitText(end));
      this.#registryFailed ||= !wasStopped;
      return this.#endIfIdle(true);
    }
    const before = performance.now() - startedAt > RECOVERED_MS ? 0 : failures;
    await this.#restartRegistry(exitText(end), before + 1);
  }

  async #restartRegistry(reason: string, failures: number): Promise<void> {
    const { say, interrupted, relaunchRegistry } = this.#options;
    const pause = backoffMs(PAUSE, failures);
    say([REGISTRY_NAME], `${reason}; started again in ${pause / 1_000} s`);
    await this.#context.sleep(pause, interrupted);
    if (interrupted.aborted) return;
    try {
      const next = await relaunchRegistry();
      if (next !== undefined) void this.#followRegistry(next, failures);
    } catch (error) {
      const reason = errorText(error);
      if (!interrupted.aborted) await this.#restartRegistry(reason, failures + 1);
    }
  }

  /** Sees what is stopped on purpose while it does not run. */
  async #followMarks(): Promise<void> {
    const { home } = this.#options;
    await waitInFolder(home.agents, async () => {
      for (const supervised of this.#processes) {
        const isWaiting = supervised.state === "down" || supervised.state === "restarting";
        if (!isWaiting || !await this.#takeMarks(supervised.names)) continue;
        this.#options.say(supervised.names, "stopped");
        supervised.hasFailed = false;
        this.#is(supervised, "stopped");
        this.#endIfIdle();
      }
      return undefined;
    }, { signal: this.#finished.signal });
  }

  /** Whether one of these names is being stopped on purpose, which is seen once. */
  async #takeMarks(names: string[]): Promise<boolean> {
    const paths = names.map((name) => this.#options.home.stopMark(name));
    const found = await Promise.all(paths.map((path) => stat(path).then(() => true, () => false)));
    await Promise.all(paths.map((path) => rm(path, { force: true })));
    return found.includes(true);
  }

  #is(supervised: SupervisedProcess, state: SupervisedProcess["state"]): void {
    supervised.state = state;
    this.#changed();
  }

  #changed(): void {
    const { onChange } = this.#options;
    onChange(this.processes.flatMap(({ names, state }) => names.map((name) => ({ name, state }))));
  }

  /** @param registryEnded Without agents, the registry is what is stayed with. */
  #endIfIdle(registryEnded = false): void {
    const isIdle = this.processes.every(({ state }) => state === "stopped");
    if (isIdle && (this.processes.length > 0 || registryEnded)) this.#over.resolve();
  }
}
