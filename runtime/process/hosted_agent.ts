/**
 * One agent of an agent process: started from its plan, loaded anew on command, stopped.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { agentConfig } from "../node/config.ts";
import type { Environment } from "../base/environment.ts";
import { asMeshError, MeshError } from "../base/errors.ts";
import { readPrompts } from "../define/prompt_files.ts";
import { agentLog, type Log } from "../base/log.ts";
import { type AgentManifest, blankManifest, promptFiles } from "../define/manifest.ts";
import { type ServedAgent, serveHost } from "../node/serve.ts";
import { type HostCommand, type PlannedAgent, type ReloadReport, StopMarkSchema } from "./plan.ts";
import type { Reach } from "../sandbox/grant.ts";
import { codePlace } from "./code_place.ts";
import { CodeProcesses } from "./code_processes.ts";
import { folderOf, mayHave, takeFolder } from "./data_folder.ts";
import { DataLimit } from "./data_limit.ts";
import { withData } from "../sandbox/permissions.ts";
import { RecordFile } from "./record.ts";
import { ReloadableHost } from "./reloadable.ts";
import type { Reaper } from "../sandbox/reaper.ts";
import { hostSandboxed, type Sandbox } from "../sandbox/sandboxed.ts";
import { refuseUnshareable } from "./shared_environment.ts";
import type { Stopping } from "./stop_order.ts";

/** What an agent is hosted with. */
export interface HostingOptions {
  /** The environment of the process. */
  readonly environment: Environment;
  /** Takes whole log lines. */
  write(line: string): void;
  /** What the system tells of when the process began. */
  readonly birth: string | undefined;
  /** Where the imports of its code may lead. */
  readonly reach: Reach | undefined;
  /** Whether commands to load it anew may come. */
  readonly watched: boolean;
  /** Whether the process runs others too. */
  readonly shared: boolean;
  /** Looks after the processes that run the code of agents. */
  readonly reaper: Reaper;
}

/** A command about one agent. */
export type AgentCommand = Extract<HostCommand, { readonly agent: string }>;
type ReloadCommand = Exclude<AgentCommand, { readonly type: "stop" }>;

/** What code is loaded with. */
interface LoadedCode extends Pick<PlannedAgent, "permissions" | "code"> {
  readonly reach?: Reach | undefined;
}

type Report = Omit<ReloadReport, "id" | "at">;

/** Code that is loaded and waits to be run. */
interface Candidate {
  readonly id: number;
  readonly sandbox: Sandbox;
}

/** One agent of an agent process. */
export class HostedAgent {
  readonly #planned: PlannedAgent;
  readonly #options: HostingOptions;
  readonly #record: RecordFile;
  readonly #processes: CodeProcesses;
  #log: Log;
  #running: ServedAgent | undefined;
  #reloadable: ReloadableHost | undefined;
  #candidate: Candidate | undefined;
  /** The folder that its code may keep files in. */
  #data: string | undefined;
  #limit: DataLimit | undefined;
  #loading = new AbortController();
  #isGone = false;
  /** Commands one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(planned: PlannedAgent, options: HostingOptions) {
    this.#planned = planned;
    this.#options = options;
    // What goes wrong before the level is known is worth telling.
    this.#log = agentLog("warn", options.write);
    const registry = options.environment["MCP_MESH_REGISTRY_URL"] ?? "";
    const onTrouble = (message: string) => this.#log("error", message);
    this.#record = new RecordFile(planned, registry, options.birth, onTrouble);
    this.#processes = new CodeProcesses(options.reaper, (all) => this.#record.code(all));
  }

  /** The name it goes by in commands. */
  get name(): string {
    return this.#planned.name;
  }

  /** Whether it was told to leave the mesh for good, and has. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Loads and serves it.
   *
   * @throws {MeshError} What kept it from starting, which is written down too.
   */
  async start(): Promise<void> {
    try {
      const { environment, shared } = this.#options;
      if (shared) refuseUnshareable(environment);
      const config = agentConfig(environment, blankManifest(this.name));
      const style = { format: config.logFormat, agent: config.name };
      this.#log = agentLog(config.logLevel, this.#options.write, style);
      const { permissions, code } = this.#planned;
      await this.#serve(await this.#load({ permissions, code, reach: this.#options.reach }));
    } catch (error) {
      const failure = asMeshError(error, "bad_definition");
      this.#log("error", failure.message);
      this.#limit?.[Symbol.dispose]();
      this.#record.failed(failure);
      throw failure;
    }
  }

  /** Does what a command asks for, after what was asked for before, and writes down how it went. */
  obey(command: AgentCommand): Promise<void> {
    // A module that does not finish loading must not keep its next version from being loaded.
    if (command.type === "load") this.#loading.abort(new MeshError("cancelled", "loaded anew"));
    const { signal } = this.#loading = new AbortController();
    return this.#turn = this.#turn.then(() =>
      command.type === "stop" ? this.#leave() : this.#reload(command, signal)
    );
  }

  /** Its id and what it depends on, which decide when it stops. */
  get stopping(): Stopping {
    const node = this.#running?.node;
    return node === undefined
      ? { ids: [], wiredTo: new Set() }
      : { ids: [node.config.agentId], wiredTo: node.wiredTo };
  }

  /** Unregisters, lets calls under way finish, closes. */
  async shutdown(): Promise<void> {
    this.#loading.abort(new MeshError("cancelled", "the agent stops"));
    await this.#turn;
    await this.#leave();
  }

  /** Cuts off the calls that a shutdown waits for. */
  hurry(): void {
    this.#running?.hurry();
  }

  async #leave(): Promise<void> {
    await this.#drop();
    await this.#running?.shutdown(await this.#markedDrain());
    this.#limit?.[Symbol.dispose]();
    this.#isGone = true;
  }

  /** How long calls may go on, if the one who stops it has said so. */
  async #markedDrain(): Promise<number | undefined> {
    const { stop_mark: path } = this.#planned;
    if (path === undefined) return undefined;
    try {
      return StopMarkSchema.parse(JSON.parse(await Deno.readTextFile(path))).drain_ms;
    } catch {
      // There is none, or it says nothing.
      return undefined;
    }
  }

  async #reload(command: ReloadCommand, signal: AbortSignal): Promise<void> {
    const { id } = command;
    try {
      const report = await this.#reloaded(command, signal);
      if (report !== undefined) this.#record.reloaded({ id, at: Date.now(), ...report });
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = asMeshError(error, "bad_definition");
      const refused = { phase: "refused", changed: false, error: { code, message } } as const;
      this.#record.reloaded({ id, at: Date.now(), ...refused });
    }
  }

  async #reloaded(
    command: ReloadCommand,
    signal: AbortSignal,
  ): Promise<Report | undefined> {
    switch (command.type) {
      case "load":
        return await this.#prepare(command, signal);
      case "run":
        return { phase: "running", changed: await this.#run(command.id) };
      case "keep":
        this.#reloadable?.keep();
        return undefined;
      case "back": {
        const changed = await this.#reloadable?.back();
        if (changed === undefined) {
          throw new MeshError("not_found", "there is no code to go back to");
        }
        this.#readPrompts();
        return { phase: "back", changed };
      }
    }
  }

  async #prepare(
    command: ReloadCommand & { readonly type: "load" },
    signal: AbortSignal,
  ): Promise<Report> {
    const { id } = command;
    await this.#drop();
    const sandbox = await this.#load(command, signal);
    this.#candidate = { id, sandbox };
    const message = this.#outgrown(sandbox.manifest);
    if (message === undefined) return { phase: "loaded", changed: false };
    await this.#drop();
    return { phase: "outgrown", changed: true, error: { code: "outgrown", message } };
  }

  /** @returns Whether the agent says something else about itself than before. */
  async #run(id: number): Promise<boolean> {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate?.id !== id) {
      await candidate?.sandbox[Symbol.asyncDispose]();
      throw new MeshError("bad_definition", `nothing is loaded for reload ${id}`);
    }
    if (this.#reloadable === undefined) {
      await this.#serve(candidate.sandbox);
      return true;
    }
    const changed = await this.#reloadable.replace(candidate.sandbox);
    this.#readPrompts();
    return changed;
  }

  async #serve(sandbox: Sandbox): Promise<void> {
    const environment = this.#environment(sandbox.manifest);
    const { drainMs } = agentConfig(environment, sandbox.manifest);
    const reloadable = this.#options.watched ? new ReloadableHost(sandbox, drainMs) : undefined;
    const running = await serveHost(reloadable ?? sandbox, environment, this.#log, {
      listen: true,
    });
    this.#running = running;
    this.#reloadable = reloadable;
    this.#readPrompts();
    const unfollow = this.#record.follow(running.node);
    void running.finished.then(unfollow);
  }

  /**
   * Loads the module with the data folder of the name that it declares. The name is known only once
   * it has loaded: code whose text seems to say another name is loaded a second time.
   */
  async #load(code: LoadedCode, signal?: AbortSignal): Promise<Sandbox> {
    this.#record.permissions(code.permissions);
    const { data: guessed, name: guessedName } = this.#planned;
    const module = this.#planned.origin ?? this.#planned.file;
    if (guessed === undefined) return await this.#loadWith(undefined, code, signal);
    const lent = mayHave(guessed, module) ? guessed : undefined;
    const sandbox = await this.#loadWith(lent, code, signal);
    try {
      const name = this.#nameOf(sandbox.manifest);
      const own = name === guessedName ? guessed : folderOf(name, { beside: guessed });
      takeFolder(own, module, name);
      this.#data = own;
      if (own === lent) return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
    await sandbox[Symbol.asyncDispose]();
    return await this.#loadWith(this.#data, code, signal);
  }

  async #loadWith(
    data: string | undefined,
    code: LoadedCode,
    signal: AbortSignal | undefined,
  ): Promise<Sandbox> {
    const { permissions, reach } = code;
    const limit = data === undefined ? undefined : await this.#watched(data);
    const isDataClosed = () => limit?.closed !== undefined;
    return await hostSandboxed({
      url: pathToFileURL(this.#planned.file).href,
      // Code is started more than once.
      get permissions() {
        return withData(permissions, data, isDataClosed() ? "read" : "write");
      },
      reach,
      place: codePlace({ ...this.#planned, code: code.code }, {
        environment: this.#options.environment,
        reaper: this.#options.reaper,
        data,
        isDataClosed,
        onStart: ({ process, grant }) => {
          this.#record.permissions(permissions, grant);
          this.#processes.add(process);
        },
      }),
      log: (...line) => this.#log(...line),
      refused: (message) => this.#record.refused(message),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Has the size of a data folder watched, and returns once it is known, or soon after. */
  async #watched(folder: string): Promise<DataLimit> {
    if (this.#limit?.folder !== folder) {
      this.#limit?.[Symbol.dispose]();
      const { environment } = this.#options;
      const limit: DataLimit = new DataLimit({
        folder,
        limitBytes: agentConfig(environment, blankManifest(this.name)).dataBytes,
        onLook: (use) => this.#record.dataUse(folder, use),
        onChange: () => this.#dataChanged(limit),
      });
      this.#limit = limit;
    }
    await this.#limit.looked();
    return this.#limit;
  }

  /** Processes keep the permissions that they began with, so they end and begin anew. */
  #dataChanged({ folder, closed }: DataLimit): void {
    if (closed === undefined) {
      this.#log("info", `agent "${this.name}" may write its data folder ${folder} again`);
      return this.#processes.kill("was ended so that it may write its data folder again");
    }
    const when = this.#planned.code === undefined ? " from its next start on" : "";
    this.#log(
      "error",
      `agent "${this.name}" ${closed}; its code may read ${folder} and not write it${when}, ` +
        "until you remove files there or raise MCP_MESH_DATA_LIMIT and start it again",
    );
    this.#processes.kill(closed);
  }

  #nameOf(manifest: AgentManifest): string {
    return agentConfig(this.#options.environment, manifest).name;
  }

  async #drop(): Promise<void> {
    await this.#candidate?.sandbox[Symbol.asyncDispose]();
    this.#candidate = undefined;
  }

  /** What the code declares now and this process, which began with something else, cannot be. */
  #outgrown(manifest: AgentManifest): string | undefined {
    if (this.#running === undefined) return undefined;
    const { config: before, port } = this.#running.node;
    const now = agentConfig(this.#environment(manifest), manifest);
    if (now.name !== before.name) return `its name is "${now.name}" now`;
    if (now.namespace !== before.namespace) return `its namespace is "${now.namespace}" now`;
    if (now.hasSessions !== before.hasSessions) return "it declares sessions otherwise now";
    return now.port === 0 || now.port === port ? undefined : `its port is ${now.port} now`;
  }

  #environment({ port }: AgentManifest): Environment {
    const { environment } = this.#options;
    const { port: portBefore, agent_id: id } = this.#planned;
    const data = this.#data;
    const token = this.#record.instanceToken;
    const chosen = port || environment["MCP_MESH_HTTP_PORT"];
    return {
      ...environment,
      ...(data === undefined ? {} : { MCP_MESH_DATA_DIR: data }),
      ...(chosen || portBefore === undefined ? {} : { MCP_MESH_HTTP_PORT: String(portBefore) }),
      ...(id === undefined ? {} : { MCP_MESH_AGENT_ID: id }),
      ...(token === undefined ? {} : { MCP_MESH_INSTANCE_TOKEN: token }),
    };
  }

  /** Writes down which prompt files the code was made of. */
  #readPrompts(): void {
    const { manifest } = this.#running?.node ?? {};
    if (manifest === undefined) return;
    try {
      const sources = readPrompts(promptFiles(manifest), dirname(this.#planned.file));
      this.#record.prompts([...sources.keys()].map((url) => fileURLToPath(url)));
    } catch {
      // They were there when the code was opened: somebody is changing them right now.
    }
  }
}
