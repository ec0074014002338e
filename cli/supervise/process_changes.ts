/**
 * Changes that need other processes than there are: of what an agent declares, of which agents there
 * are, of the environment.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { rotateLog } from "../../runtime/base/log_files.ts";
import { mergedLocks } from "../analysis/lock_file.ts";
import type { Context } from "../app/context.ts";
import { CliError } from "../base/exit.ts";
import { type AgentProcess, agentProcesses } from "../start/agent_process.ts";
import type { AgentNotes } from "./agent_notes.ts";
import { layoutOf } from "../start/start_mesh.ts";
import type { StartRequest } from "../start/start_request.ts";
import { readStartable, type StartableAgent } from "../start/startable_agent.ts";
import type { Supervision } from "./supervision.ts";
import { failureToStart } from "./agent_reports.ts";
import { WatchedAgent } from "./watched_agent.ts";

/** What {@linkcode ProcessChanges} needs. */
export interface ProcessChangesOptions {
  request: StartRequest;
  supervision: Supervision;
  notes: AgentNotes;
  /** What agents are watched; those that come are added, those that go removed. */
  agents: WatchedAgent[];
  /** Processes that are started from now on get this environment. */
  setEnvironment(environment: Record<string, string>): void;
}

/** Starts, replaces and ends processes. */
export class ProcessChanges {
  readonly #options: ProcessChangesOptions;
  readonly #context: Pick<Context, "cwd" | "deno" | "root">;

  constructor(options: ProcessChangesOptions, context: Pick<Context, "cwd" | "deno" | "root">) {
    this.#options = options;
    this.#context = context;
  }

  /**
   * Starts the process of an agent anew, from what its module declares now.
   *
   * @returns Why it is not in the mesh then, if it is not.
   */
  async restart(agent: WatchedAgent, source: StartableAgent): Promise<string | undefined> {
    const { request: { home }, supervision } = this.#options;
    const taken = this.#holderOf(source.name, agent);
    if (taken !== undefined) return `${taken.file} is named "${source.name}" too`;
    const { name: nameBefore, process } = agent;
    const next = this.#processOf(source, process.agents.process, nameBefore);
    agent.source = source;
    await supervision.replace(process, next);
    if (source.name !== nameBefore) await rm(home.record(nameBefore), { force: true });
    return await failureToStart(home, agent);
  }

  /** Starts an agent that is new in a folder. */
  async add(file: string): Promise<void> {
    const { request: { home, environment }, supervision, notes, agents } = this.#options;
    let source: StartableAgent;
    try {
      source = await readStartable(
        file,
        undefined,
        { home, environment, keepsLocks: true },
        this.#context,
      );
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return notes.say([file], `is no agent: ${error.message}`);
    }
    const { name } = source;
    const taken = this.#holderOf(name);
    if (taken !== undefined) {
      return notes.say([file], `is not started: ${taken.file} is named "${name}" too`);
    }
    const process = this.#processOf(source);
    rotateLog(process.log);
    const agent = new WatchedAgent(source, supervision.add(process), false);
    agents.push(agent);
    const failure = await failureToStart(home, agent);
    agent.isBehind = failure !== undefined;
    agent.hasRun = failure === undefined;
    if (failure === undefined) notes.note(name, "info", `started: ${file} is new`);
    else notes.note(name, "error", `does not start: ${failure}; the next save is tried again`);
  }

  /** Ends an agent whose file is gone. */
  async remove(agent: WatchedAgent): Promise<void> {
    const { supervision, notes, agents } = this.#options;
    agents.splice(agents.indexOf(agent), 1);
    notes.note(agent.name, "info", `stopped: ${agent.file} is gone`);
    const { process } = agent;
    if (process.names.length === 1) await supervision.retire(process);
    else process.agents.tell({ type: "stop", agent: agent.name });
  }

  /** Starts everything again with the variables there are now, if they differ. */
  async renewEnvironment(before: Record<string, string>): Promise<Record<string, string>> {
    const { request, supervision, notes, agents, setEnvironment } = this.#options;
    let environment: Record<string, string>;
    try {
      environment = await request.readEnvironment();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      notes.say(agents.map(({ name }) => name), `keep their variables: ${error.message}`);
      return before;
    }
    if (JSON.stringify(environment) === JSON.stringify(before)) return before;
    setEnvironment(environment);
    const running = supervision.processes.filter(({ state }) => state !== "stopped");
    await Promise.all(
      running.map((process) => supervision.replace(process, process.agents.process)),
    );
    await Promise.all(
      agents.filter(({ isUp }) => isUp).map(async (agent) => {
        const failure = await failureToStart(request.home, agent);
        agent.isBehind = failure !== undefined;
        agent.hasRun = failure === undefined;
        if (failure === undefined) {
          notes.note(agent.name, "info", "started again: variables changed");
        } else notes.note(agent.name, "error", `does not start with these variables: ${failure}`);
      }),
    );
    return environment;
  }

  #holderOf(name: string, except?: WatchedAgent): WatchedAgent | undefined {
    return this.#options.agents.find((agent) =>
      agent !== except && agent.name === name && agent.process.state !== "stopped"
    );
  }

  /** The process of an agent, or that of several with what this one is now. */
  #processOf(source: StartableAgent, before?: AgentProcess, nameBefore?: string): AgentProcess {
    const layout = { ...layoutOf(this.#options.request, this.#context), pack: false };
    // One source makes one process.
    const [own] = agentProcesses([source], layout) as [AgentProcess];
    if (before === undefined || before.plan.agents.length === 1) return own;
    const agents = before.plan.agents.map((planned) =>
      planned.name === nameBefore ? { ...planned, ...own.plan.agents[0] } : planned
    );
    return {
      ...before,
      plan: { ...before.plan, agents },
      reach: { ...before.reach, ...own.reach },
      lock: mergedLocks([own.lock, before.lock]),
    };
  }
}
