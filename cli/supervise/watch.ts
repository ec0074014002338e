/**
 * `start --watch`: follows the files of the agents that were started, and has what is saved run.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { basename, dirname, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ModuleGraph, readModuleGraph } from "../analysis/module_graph.ts";
import { configFiles } from "../analysis/agent_project.ts";
import { keeps } from "../analysis/lock_file.ts";
import { resolutionFlags } from "../analysis/resolution.ts";
import { strayText } from "../analysis/stray_imports.ts";
import { checkTypes } from "../analysis/type_check.ts";
import type { Context } from "../app/context.ts";
import { CliError } from "../base/exit.ts";
import type { ChildCode } from "../../runtime/process/plan.ts";
import { union } from "../../runtime/sandbox/permissions.ts";
import {
  covers,
  filesOf,
  importing,
  processPermissions,
  runsChildren,
} from "../start/agent_process.ts";
import { childCode, prepareChild, sharedDenoDir } from "../start/child_place.ts";
import type { AgentSource } from "../start/agent_source.ts";
import { agentsIn, isAgentFile } from "../start/entry_point.ts";
import { readAgentRecord } from "../machine/records.ts";
import type { StartRequest } from "../start/start_request.ts";
import {
  readStartable,
  type StartableAgent,
  type StartableOptions,
} from "../start/startable_agent.ts";
import { isWired, reportOf } from "./agent_reports.ts";
import { concerned, promptFolder } from "./concern.ts";
import { FileWatch } from "./file_watch.ts";
import { ProcessChanges, type ProcessChangesOptions } from "./process_changes.ts";
import { Reloads } from "./reloads.ts";
import { type Loaded, WatchedAgent } from "./watched_agent.ts";

/** What a watch needs once everything is started. */
export type WatchBeginning =
  & Pick<ProcessChangesOptions, "supervision" | "notes" | "setEnvironment">
  & {
    /** Names of the agents that did not start. */
    failed: ReadonlySet<string>;
  };

/** A watch under way. */
interface Going {
  readonly reloads: Reloads;
  readonly changes: ProcessChanges;
}

/** Follows the files of agents. */
export class Watch implements Disposable {
  readonly #request: StartRequest;
  readonly #context: Context;
  readonly #files: FileWatch;
  readonly #agents: WatchedAgent[] = [];
  /** What changed while everything was still being started. */
  readonly #early = new Set<string>();
  #environment: Record<string, string>;
  #going: Going | undefined;
  /** What changes which processes there are, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(request: StartRequest, context: Context) {
    this.#request = request;
    this.#context = context;
    this.#environment = request.environment;
    this.#files = new FileWatch({
      quietMs: request.debounceMs,
      wants: (path) => this.#wants(path),
      onChange: (path) => this.#changed(path),
      onQuiet: (paths, at) => this.#quiet(paths, at),
    });
  }

  /** Takes note of what the files are, before any of them is run. */
  static prepare(request: StartRequest, context: Context): Watch {
    const watch = new Watch(request, context);
    const own = request.sources.filter(isOwn);
    const parts = own.flatMap(({ file, code }) => [...watch.#partsOf(file, code.files)]);
    watch.#files.watch({
      files: [...parts, ...watch.#givenFiles()],
      folders: request.folders,
      trees: [],
    });
    return watch;
  }

  /** Follows the files from now on, and whatever was saved since they were noted. */
  begin({ failed, supervision, notes, setEnvironment }: WatchBeginning): void {
    const { home } = this.#request;
    const agents = this.#agents;
    for (const source of this.#request.sources.filter(isOwn)) {
      const process = supervision.processes.find((each) => each.runs(source.name));
      if (process === undefined) continue;
      agents.push(new WatchedAgent(source, process, !failed.has(source.name)));
    }
    const request = this.#request;
    const changes = new ProcessChanges(
      { request, supervision, notes, agents, setEnvironment },
      this.#context,
    );
    const reloads = new Reloads({
      check: request.check,
      read: (agent) => this.#read(agent),
      tell: (agent, command) => agent.process.agents.tell(command),
      report: (agent, version, phases) => reportOf(home, agent, version, phases),
      wired: (agent, report) => isWired(home, agent, report),
      restart: (agent, source) => changes.restart(agent, source),
      refresh: (concerned) => this.#refresh(concerned),
      checkTypes: (files, signal) => checkTypes(files, this.#context, signal),
      note: notes.note,
    });
    this.#going = { reloads, changes };
    this.#turn = this.#firstTurn(reloads);
  }

  [Symbol.dispose](): void {
    this.#going?.reloads.stop();
    this.#files[Symbol.dispose]();
  }

  async #firstTurn(reloads: Reloads): Promise<void> {
    await this.#refresh(this.#agents);
    for (const path of this.#early) this.#changed(path);
    if (this.#early.size > 0) this.#quiet([...this.#early], performance.now());
    if (this.#request.check !== "beside") return;
    reloads.expect(this.#agents.filter(({ hasRun, version }) => hasRun && version === 0));
    void reloads.check();
  }

  #changed(path: string): void {
    if (this.#going === undefined) {
      this.#early.add(path);
      return;
    }
    for (const agent of concerned([path], this.#live())) this.#going.reloads.begin(agent);
  }

  #quiet(paths: string[], at: number): void {
    void this.#settle(paths, at);
  }

  async #settle(paths: string[], at: number): Promise<void> {
    if (this.#going === undefined) return;
    const { reloads, changes } = this.#going;
    await (this.#turn = this.#turn.then(() => this.#changeProcesses(paths, changes)));
    const agents = concerned(paths, this.#live());
    if (agents.length === 0) return;
    for (const agent of agents) if (agent.loading === undefined) reloads.begin(agent);
    await reloads.settle(agents, { paths, at });
    if (this.#request.check !== "never") await reloads.check();
  }

  async #changeProcesses(paths: string[], changes: ProcessChanges): Promise<void> {
    await this.#followFolders(changes);
    const { envFile } = this.#request;
    if (envFile === undefined || !paths.includes(envFile)) return;
    this.#environment = await changes.renewEnvironment(this.#environment);
  }

  /** Starts the agents that are new in the folders that were given, ends those that are gone. */
  async #followFolders(changes: ProcessChanges): Promise<void> {
    for (const folder of this.#request.folders) {
      const files = existsSync(folder) ? await agentsIn(folder) : [];
      const added = files.filter((file) => !this.#agents.some((agent) => agent.file === file));
      await Promise.all(added.map((file) => changes.add(file)));
      const removed = this.#agents.filter(({ file }) =>
        dirname(file) === folder && !existsSync(file)
      );
      await Promise.all(removed.map((agent) => changes.remove(agent)));
      if (added.length + removed.length > 0) await this.#refresh(this.#live());
    }
  }

  async #read(agent: WatchedAgent): Promise<Loaded> {
    const { home, agentName } = this.#request;
    const { process, resolution } = agent.process.agents;
    let source: StartableAgent;
    let imports: string[];
    try {
      source = await readStartable(agent.file, agentName, this.#startable(), this.#context);
      imports = resolutionFlags(filesOf(process.plan), this.#context.root);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { kind: "refused", reason: error.message };
    }
    if (source.name !== agent.name) {
      return { kind: "anew", source, reason: `its name is "${source.name}" now` };
    }
    const [stray] = source.code.stray;
    if (stray !== undefined) {
      return { kind: "refused", reason: strayText(stray, this.#context.cwd) };
    }
    if (runsChildren(process.plan)) {
      return { kind: "loaded", source, code: this.#place(source, process.cwd) };
    }
    const hasOldImports = !isDeepStrictEqual(imports, resolution);
    if (hasOldImports || !keeps(process.lock, source.code.lock)) {
      // What would not start must not take the place of what runs.
      const [problem] = source.code.problems;
      if (problem !== undefined) return { kind: "refused", reason: problem.reason };
      const reason = hasOldImports ? "its project's imports changed" : "it has other packages now";
      return { kind: "anew", source, reason };
    }
    const wanted = union(source.permissions, importing(source.code.reach));
    return covers(processPermissions(process, { home, deno: this.#context.deno }), wanted)
      ? { kind: "loaded", source }
      : { kind: "anew", source, reason: "its process may not give it these permissions" };
  }

  /** Makes the place that the next process of an agent's code runs in. */
  #place({ name, file, code: { lock } }: StartableAgent, cwd: string): ChildCode {
    const { root } = this.#context;
    const { home } = this.#request;
    const places = { home, root, cache: sharedDenoDir(this.#environment, root) };
    prepareChild({ name, file, lock }, places);
    return childCode(name, cwd, places);
  }

  /** Looks up again which files agents are made of. */
  async #refresh(agents: WatchedAgent[]): Promise<void> {
    const modules = await this.#modulesOf(agents.map(({ file }) => file));
    for (const agent of agents) {
      const found = modules.get(agent.file) ?? new Set([agent.file]);
      // What its broken text does not tell any more may still be in it when it is whole again.
      agent.modules = agent.isBehind ? agent.modules.union(found) : found;
      const record = await readAgentRecord(this.#request.home.record(agent.name));
      agent.prompts = new Set(record?.prompts);
    }
    const all = this.#live();
    this.#files.watch({
      files: [
        ...all.flatMap(({ modules, prompts }) => [...modules, ...prompts]),
        ...this.#givenFiles(),
      ],
      folders: this.#request.folders,
      trees: all.map(promptFolder).filter((folder) => existsSync(folder)),
    });
  }

  async #modulesOf(files: string[]): Promise<Map<string, Set<string>>> {
    const graph = await this.#graphOf(files);
    return new Map(
      files.map((file) => [file, this.#partsOf(file, graph?.filesOf(file) ?? [])]),
    );
  }

  #partsOf(file: string, modules: readonly string[]): Set<string> {
    // What a project imports is part of what its modules are.
    return new Set([file, ...modules, ...configFiles(dirname(file), this.#context.root)]);
  }

  async #graphOf(files: string[]): Promise<ModuleGraph | undefined> {
    try {
      return await readModuleGraph(files, this.#context, { environment: this.#environment });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return undefined;
    }
  }

  #startable(): StartableOptions {
    return { home: this.#request.home, environment: this.#environment, keepsLocks: true };
  }

  /** Those that were not stopped on purpose. */
  #live(): WatchedAgent[] {
    return this.#agents.filter(({ process }) => process.state !== "stopped");
  }

  #givenFiles(): string[] {
    return this.#request.envFile === undefined ? [] : [this.#request.envFile];
  }

  #wants(path: string): boolean {
    const isAgent = isAgentFile(basename(path)) && this.#request.folders.includes(dirname(path));
    return isAgent || this.#agents.some((agent) => path.startsWith(promptFolder(agent) + sep));
  }
}

/** Whether an agent is a file of the user's, which may be saved. */
function isOwn({ origin }: AgentSource): boolean {
  return origin === undefined;
}
