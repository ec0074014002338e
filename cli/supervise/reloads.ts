/**
 * Brings saved code to run, agent by agent: loaded beside the code that runs as soon as it is saved,
 * run once the files are left alone, kept once it has proved good. Whatever goes wrong, the code that
 * ran before runs on.
 *
 * Two orders of checking types: `before`, and nothing runs that does not type-check; or `beside`, and
 * what loads runs at once, and gives way to the code before it when it turns out not to type-check.
 *
 * @module
 */
import { basename } from "node:path";
import type { LogLevel } from "../../runtime/base/log.ts";
import type { HostCommand, ReloadReport } from "../../runtime/process/plan.ts";
import { type TypeProblem, typeProblemText } from "../analysis/type_check.ts";
import type { StartableAgent } from "../start/startable_agent.ts";
import type { Loaded, WatchedAgent } from "./watched_agent.ts";

/** What {@linkcode Reloads} needs of the world. */
export interface ReloadsOptions {
  check: "before" | "beside" | "never";
  /** Reads what the agent's module declares, and whether its process can be that. */
  read(agent: WatchedAgent): Promise<Loaded>;
  tell(agent: WatchedAgent, command: HostCommand): void;
  /** What its process reports of a version, once that is one of these; `undefined` in vain. */
  report(
    agent: WatchedAgent,
    version: number,
    phases: ReloadReport["phase"][],
  ): Promise<ReloadReport | undefined>;
  /** Settles once the registry knows what a version has changed, or that takes too long. */
  wired(agent: WatchedAgent, report: ReloadReport): Promise<boolean>;
  /**
   * Starts its process anew, from what its module declares now.
   *
   * @returns Why it did not start, if it did not.
   */
  restart(agent: WatchedAgent, source: StartableAgent): Promise<string | undefined>;
  /** Looks up again which files the agents are made of. */
  refresh(agents: WatchedAgent[]): Promise<void>;
  /** What does not type-check; `undefined` when it was given up. */
  checkTypes(files: string[], signal: AbortSignal): Promise<TypeProblem[] | undefined>;
  note(name: string, level: LogLevel, text: string): void;
}

/** Saved files, once they are left alone. */
export interface Save {
  paths: string[];
  /** When the last of them was saved, as `performance.now()`. */
  at: number;
}

/** A version whose types are still to be checked. */
interface Unchecked {
  version: number;
  /** Has it run, if it does not yet. */
  run?: () => Promise<void>;
}

/** How many type errors a note tells of. */
const SHOWN_PROBLEMS = 3;

/** Brings saved code to run. */
export class Reloads {
  readonly #options: ReloadsOptions;
  /** Versions whose types are still to be checked. */
  readonly #unchecked = new Map<WatchedAgent, Unchecked>();
  #checking = new AbortController();

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /** Begins to load what was saved, beside what runs; what was being loaded before is dropped. */
  begin(agent: WatchedAgent): void {
    agent.version += 1;
    agent.loading = this.#load(agent, agent.version);
  }

  /** Runs what was loaded, now that the files are left alone; its types are still to be checked. */
  async settle(agents: WatchedAgent[], save: Save): Promise<void> {
    await Promise.all(agents.map((agent) => this.#finish(agent, save)));
    await this.#options.refresh(agents);
  }

  /** Agents are to be checked whose code runs already. */
  expect(agents: WatchedAgent[]): void {
    for (const agent of agents) this.#unchecked.set(agent, { version: agent.version });
  }

  /** Checks the types of everything that is not checked yet, in place of a check under way. */
  async check(): Promise<void> {
    this.#checking.abort();
    const { signal } = this.#checking = new AbortController();
    const unchecked = new Map(this.#unchecked);
    if (unchecked.size === 0) return;
    const files = [...unchecked.keys()].map(({ file }) => file);
    const problems = await this.#options.checkTypes(files, signal);
    if (problems === undefined || signal.aborted) return;
    await Promise.all([...unchecked].map(async ([agent, { version, run }]) => {
      if (agent.version !== version) return;
      this.#unchecked.delete(agent);
      const own = problemsOf(agent, problems, [...unchecked.keys()]);
      if (own.length > 0) await this.#refuseTypes(agent, own, run !== undefined);
      else if (run !== undefined) await run();
      else this.#options.tell(agent, { type: "keep", agent: agent.name, id: version });
    }));
  }

  /** Ends a check that is under way. */
  stop(): void {
    this.#checking.abort();
  }

  async #load(agent: WatchedAgent, version: number): Promise<Loaded> {
    const { read, tell, report } = this.#options;
    if (!agent.isUp) return await read(agent);
    const found = await read(agent);
    if (found.kind !== "loaded") return found;
    const { permissions, code: { reach } } = found.source;
    const { code } = found;
    const load = { type: "load", agent: agent.name, id: version, permissions, reach } as const;
    tell(agent, { ...load, ...(code && { code }) });
    const said = await report(agent, version, ["loaded", "refused", "outgrown"]);
    if (said === undefined) return { kind: "refused", reason: "it does not finish loading" };
    const reason = said.error?.message ?? "";
    if (said.phase === "refused") return { kind: "refused", reason };
    return said.phase === "outgrown" ? { kind: "anew", source: found.source, reason } : found;
  }

  async #finish(agent: WatchedAgent, save: Save): Promise<void> {
    const { version, loading } = agent;
    const loaded = await loading;
    // A newer save has taken over, and settles for itself.
    if (loaded === undefined || agent.version !== version) return;
    agent.loading = undefined;
    if (loaded.kind === "refused") return this.#refuse(agent, loaded.reason);
    const { source } = loaded;
    const reason = loaded.kind === "anew" ? loaded.reason : "";
    const run = loaded.kind === "anew" || !agent.isUp
      ? () => this.#restart(agent, source, reason, save)
      : () => this.#run(agent, source, save);
    const { check } = this.#options;
    const isChecked = check === "never" || !isCode(agent, save);
    if (!isChecked) this.#unchecked.set(agent, { version, ...(check === "before" && { run }) });
    if (isChecked || check === "beside") await run();
  }

  async #run(
    agent: WatchedAgent,
    source: StartableAgent,
    { paths, at }: Save,
  ): Promise<void> {
    const { tell, report, wired, note } = this.#options;
    const { version } = agent;
    tell(agent, { type: "run", agent: agent.name, id: version });
    const said = await report(agent, version, ["running", "refused"]);
    if (agent.version !== version) return;
    if (said?.phase !== "running") {
      return this.#refuse(agent, said?.error?.message ?? "its process does not answer");
    }
    agent.source = source;
    agent.isBehind = false;
    agent.hasRun = true;
    const isWired = await wired(agent, said);
    const took = Math.round(performance.now() - at);
    const missing = isWired ? "" : "; the registry does not know yet";
    note(agent.name, "info", `reloaded ${took} ms after the save: ${namesOf(paths)}${missing}`);
    // What is not checked is kept when it is.
    if (!this.#unchecked.has(agent)) {
      tell(agent, { type: "keep", agent: agent.name, id: version });
    }
  }

  async #restart(
    agent: WatchedAgent,
    source: StartableAgent,
    reason: string,
    { paths, at }: Save,
  ): Promise<void> {
    const { restart, note } = this.#options;
    const failure = await restart(agent, source);
    agent.isBehind = failure !== undefined;
    agent.hasRun = failure === undefined;
    if (failure !== undefined) {
      this.#unchecked.delete(agent);
      note(agent.name, "error", `does not start: ${failure}; the next save is tried again`);
      return;
    }
    const took = Math.round(performance.now() - at);
    const why = reason === "" ? "" : ` (${reason})`;
    note(agent.name, "info", `started again ${took} ms after the save: ${namesOf(paths)}${why}`);
  }

  #refuse(agent: WatchedAgent, reason: string): void {
    agent.isBehind = true;
    this.#unchecked.delete(agent);
    const text = agent.isUp && agent.hasRun
      ? `not reloaded, the code before it runs on: ${reason}`
      : `does not start: ${reason}; the next save is tried again`;
    this.#options.note(agent.name, "error", text);
  }

  async #refuseTypes(
    agent: WatchedAgent,
    problems: TypeProblem[],
    isWaiting: boolean,
  ): Promise<void> {
    const { tell, report, note } = this.#options;
    const { version, name } = agent;
    const shown = problems.slice(0, SHOWN_PROBLEMS).map(typeProblemText);
    const more = problems.length - shown.length;
    const reason = `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
    if (isWaiting) return this.#refuse(agent, `it does not type-check: ${reason}`);
    tell(agent, { type: "back", agent: name, id: version });
    // Code that has nothing before it, such as that of the start, stays.
    const said = version === 0 ? undefined : await report(agent, version, ["back", "refused"]);
    agent.isBehind = said?.phase === "back";
    if (agent.isBehind) {
      note(name, "error", `does not type-check, the code before it runs again: ${reason}`);
    } else note(name, "warn", `does not type-check: ${reason}`);
  }
}

/** Whether something was saved that has types. */
function isCode(agent: WatchedAgent, { paths }: Save): boolean {
  return paths.some((path) => agent.modules.has(path) || !agent.prompts.has(path));
}

/** Those of the problems that are this agent's, or nobody's in particular. */
function problemsOf(
  agent: WatchedAgent,
  problems: TypeProblem[],
  agents: WatchedAgent[],
): TypeProblem[] {
  return problems.filter(({ file }) =>
    file === undefined || agent.modules.has(file) ||
    !agents.some(({ modules }) => modules.has(file))
  );
}

function namesOf(paths: string[]): string {
  return [...new Set(paths.map((path) => basename(path)))].toSorted().join(", ");
}
