/**
 * Agent code in a worker that has exactly the permissions its file declares. The trusted side keeps
 * serving whatever the code does: a crash fails the calls in flight and brings up a new worker.
 *
 * @module
 */
import { abortable, within } from "../base/within.ts";
import { backoffMs } from "../base/backoff.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import { abridged } from "../base/cut_text.ts";
import { Deadlines } from "../base/deadline.ts";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { asMeshError, errorText, fromPlainError, MeshError, plainError } from "../base/errors.ts";
import type { LlmSettings } from "../define/llm.ts";
import { readPrompts } from "../define/prompt_files.ts";
import { type AgentManifest, promptFiles, usesLlm } from "../define/manifest.ts";
import type { Outcome } from "../boundary/result.ts";
import type { CompletionRequest } from "../define/completion.ts";
import type {
  CallEnvironment,
  CheckKind,
  Host,
  HostEvents,
  LifespanEnvironment,
} from "../boundary/host.ts";
import type { LogLevel } from "../base/log.ts";
import type { RequestParts } from "../base/parts.ts";
import { carriesText } from "../base/exact_json.ts";
import { handover } from "./handover.ts";
import type { FromAgent, Lent, ToAgent } from "../boundary/agent_messages.ts";
import { readFromAgent } from "../boundary/received.ts";
import { Numbered } from "./numbered.ts";
import type { Permissions } from "./grant.ts";
import type { Reach } from "./grant.ts";
import {
  type AnswerType,
  type CallHost,
  LISTEN_AFTER_MS,
  PortLoad,
  SandboxedCall,
} from "./sandboxed_call.ts";
import { Watchdog } from "./watchdog.ts";
import type { CodeLink, LinkEvents } from "./code_link.ts";
import { type CodePlace, ProcessLink } from "./process_link.ts";
import { WorkerLink } from "./worker_link.ts";

/** What a sandboxed host needs. */
export interface SandboxOptions {
  /** URL of the agent module. */
  readonly url: string;
  /** Exactly what its code may touch. */
  readonly permissions: Permissions;
  /** Where its code runs in a process of its own. @default in a worker of this process */
  readonly place?: CodePlace | undefined;
  /** Where its imports may lead besides. @default nowhere but to the runtime */
  readonly reach?: Reach | undefined;
  /** Gets the log lines of agent code. */
  readonly log: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
  /** Gives up loading. */
  readonly signal?: AbortSignal;
  /** Told of everything that its code was refused, whether or not it caught that, in Deno's words. */
  readonly refused?: (message: string) => void;
  /**
   * How long its code may keep its thread busy after a call was given up, milliseconds; then it is
   * ended and started again. @default {30_000}
   */
  readonly patienceMs?: number;
}

/** Code in a sandbox of its own. */
export interface Sandbox extends Host {
  /** Has the code let go of what it holds, until it is opened again. */
  close(): Promise<void>;
}

/** Something asked of the worker that is answered by its being done. */
type Request = DistributiveOmit<ToAgent & { type: "open" | "close" | "prepare" }, "call">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What the host was opened with. */
interface Opened {
  readonly environment: LifespanEnvironment;
  readonly llm: LlmSettings | undefined;
}

/** First and longest wait between attempts to restart after a crash. */
const RESTART = { firstMs: 50, longestMs: 5_000 };
/** Code that has run for so long was well, in milliseconds. */
const STEADY_MS = 10_000;
/** How long agent code may take to let go of what it holds, in milliseconds. */
const CLOSE_MS = 2_000;
/** How long agent code may keep its thread busy after a call was given up, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Longest reason of a crash, in UTF-16 units. */
const REASON_MAX = 64 * 1024;
const STOPPED = "the agent stopped";

/**
 * Loads an agent module into a sandbox.
 *
 * @throws {MeshError} `bad_definition` when the module does not load, with its place and reason.
 * @throws The signal's reason.
 */
export async function hostSandboxed(options: SandboxOptions): Promise<Sandbox> {
  const host = new SandboxedHost(options);
  try {
    await (options.signal ? abortable(host.loaded(), options.signal) : host.loaded());
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}

class SandboxedHost implements Sandbox, CallHost {
  readonly #options: SandboxOptions;
  readonly #calls = new Numbered<SandboxedCall>();
  readonly #clock = new Deadlines();
  readonly portLoad = new PortLoad();
  readonly ports = new Map<number, SandboxedCall>();
  readonly #listeners = new Set<HostEvents>();
  readonly #watchdog: Watchdog;
  #link!: CodeLink;
  /** Code that has been told to end and has not ended yet. */
  readonly #ending = new Set<Promise<void>>();
  #loaded!: PromiseWithResolvers<AgentManifest>;
  #manifest: AgentManifest | undefined;
  /** Whether it has tools of somebody else, whose arguments are passed on as they were written. */
  #passesOn = false;
  #isLoaded = false;
  /** Whether the code that runs now has said that it is loaded. */
  #isDescribed = false;
  /** How often the code has crashed; what began before a crash is not gone on with after it. */
  #crashes = 0;
  #opened: Opened | undefined;
  /** Attempts in a row since the code last answered a call, or ran for a while. */
  #restarts = 0;
  /** When the code that runs was loaded, in milliseconds. */
  #loadedAt = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    const { patienceMs = PATIENCE_MS } = options;
    this.#watchdog = new Watchdog({
      patienceMs,
      ask: () => this.post({ type: "ping" }),
      lost: () =>
        this.#crashed(
          `it has kept its thread busy for ${patienceMs / 1000} s since a call was given up`,
        ),
    });
    this.#start();
  }

  get manifest(): AgentManifest {
    if (this.#manifest === undefined) throw new TypeError("the agent has not loaded yet");
    return this.#manifest;
  }

  listen(listener: HostEvents): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once the module has loaded. */
  async loaded(): Promise<void> {
    await this.#loaded.promise;
  }

  invoke(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome> {
    return this.#isLoaded
      ? this.#invoke(key, args, environment)
      : this.#loaded.promise.then(() => this.#invoke(key, args, environment), notLoaded);
  }

  #invoke(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome> {
    if (this.#closed) {
      return Promise.reject(new MeshError("host_crashed", STOPPED, { nothingRan: true }));
    }
    if (this.#link.isFull) {
      const text = `agent "${this.manifest.name}" does not take the calls that it was given`;
      return Promise.reject(new MeshError("overloaded", text, { nothingRan: true }));
    }
    const call = this.#begin("outcome", environment);
    this.#clock.set(call, LISTEN_AFTER_MS);
    const lent = lentBy(environment);
    if (this.#manifest?.type === "api") {
      // A gateway's routes are invoked with the parts of a request.
      const { parts, transfer } = crossing(args as RequestParts);
      this.#link.post(
        { type: "invoke", call: call.number, key, args: undefined, parts, lent },
        transfer,
      );
    } else if (this.#passesOn && carriesText(args)) {
      const exactArgs = JSON.stringify(args);
      this.post({ type: "invoke", call: call.number, key, args: {}, exactArgs, lent });
    } else this.post({ type: "invoke", call: call.number, key, args, lent });
    // The worker answers each kind of request with one kind of answer.
    return call.answer as Promise<Outcome>;
  }

  async complete(key: string, request: CompletionRequest): Promise<readonly string[]> {
    await this.#loaded.promise;
    const call = this.#begin("completed");
    this.post({ type: "complete", call: call.number, key, request });
    return await call.answer as readonly string[];
  }

  async open(environment: LifespanEnvironment, llm?: LlmSettings): Promise<void> {
    await this.#loaded.promise;
    this.#opened = { environment, llm };
    await this.#open(this.#opened);
  }

  async check(kind: CheckKind): Promise<CheckVerdict> {
    const declared = kind === "health" ? this.manifest.healthCheck : this.manifest.startupCheck;
    if (!declared) return { status: "healthy" };
    try {
      await this.#loaded.promise;
      const call = this.#begin("verdict");
      this.post({ type: "check", call: call.number, kind });
      return await call.answer as CheckVerdict;
    } catch (error) {
      return { status: "degraded", errors: [asMeshError(error, "host_crashed").message] };
    }
  }

  async close(): Promise<void> {
    const isHeld = this.#opened !== undefined && this.manifest.lifespan;
    this.#opened = undefined;
    if (isHeld) await this.#letGo();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    await this.close();
    this.#clock[Symbol.dispose]();
    this.#watchdog[Symbol.dispose]();
    const ended = this.#end();
    const text = `${STOPPED} before the call was over; it may have run`;
    this.#failAll(new MeshError("interrupted", text));
    // Calls may wait for code that was to be started again.
    this.#loaded.reject(new MeshError("host_crashed", STOPPED, { nothingRan: true }));
    await Promise.all([ended, ...this.#ending]);
  }

  /** Ends the code that runs. */
  #end(): Promise<void> {
    const ending = this.#link.end();
    this.#ending.add(ending);
    return ending.finally(() => this.#ending.delete(ending));
  }

  /** Has agent code let go of what it holds; code that does not answer is not waited for. */
  async #letGo(): Promise<void> {
    await within(CLOSE_MS, this.#ask({ type: "close" }).catch(() => {}));
  }

  async #ask(request: Request): Promise<void> {
    const call = this.#begin("done");
    this.post({ ...request, call: call.number });
    await call.answer;
  }

  #start(): void {
    this.#loaded = Promise.withResolvers();
    this.#isDescribed = false;
    // A failure to load is reported to whoever awaits it; nobody may be waiting during a restart.
    this.#loaded.promise.catch(() => {});
    // Messages of code that has been ended belong to no call any more.
    const ofThis = (work: () => void) => {
      if (this.#link === link) work();
    };
    const link: CodeLink = this.#link = openLink(this.#options, this.#manifest?.name, {
      received: (batch) => ofThis(() => this.receive(batch)),
      ended: (reason) => ofThis(() => this.#crashed(reason)),
      unsent: (message, cause) => ofThis(() => this.#unsent(message, cause)),
    });
  }

  /** Sends a message to the worker. */
  post(message: ToAgent): void {
    this.#link.post(message);
  }

  /** A message holds what no other thread can be given: whoever waits for it fails, and nobody else. */
  #unsent(message: ToAgent, cause: unknown): void {
    const text = `it cannot be handed to the code of the agent: ${errorText(cause)}`;
    if ("port" in message) {
      const error = new MeshError("protocol", text, { cause });
      this.post({ type: "port_error", port: message.port, error: plainError(error) });
      this.ports.get(message.port)?.abortPort(message.port, error);
    } else if ("call" in message) {
      const error = new MeshError("bad_input", text, { cause, nothingRan: true });
      this.#calls.get(message.call)?.fail(error);
    }
  }

  /** The worker should end a call soon; code without end does not. */
  doubt(): void {
    this.#watchdog.doubt();
  }

  /** A call is over. */
  over(call: SandboxedCall): void {
    this.#calls.delete(call);
    if (call.isAnswered) this.#restarts = 0;
  }

  #begin(expects: AnswerType, environment?: CallEnvironment): SandboxedCall {
    const call = new SandboxedCall(expects, environment, this);
    this.#calls.add(call);
    return call;
  }

  #crashed(reason: string): void {
    if (this.#closed) return;
    this.#crashes += 1;
    const wasLoaded = this.#isLoaded;
    this.#isLoaded = false;
    this.#watchdog[Symbol.dispose]();
    void this.#end();
    const text = `the code of agent "${this.#manifest?.name ?? this.#options.url}" crashed: ${
      reason.replace(/^Uncaught (\(in promise\) )?/, "")
    }`;
    this.#options.log("error", text);
    this.#loaded.reject(
      new MeshError(this.#manifest === undefined ? "bad_definition" : "host_crashed", text),
    );
    this.#failAll(new MeshError("host_crashed", `${text}; the call may have run`));
    // One that was still loading is brought back, later, by whoever started it.
    if (!wasLoaded) return;
    if (performance.now() - this.#loadedAt > STEADY_MS) this.#restarts = 0;
    // The first time at once: most code crashes once.
    if (this.#restarts === 0) return this.#bringBack();
    this.#loaded = Promise.withResolvers();
    this.#loaded.promise.catch(() => {});
    this.#bringBackLater();
  }

  #bringBackLater(): void {
    const wait = backoffMs(RESTART, this.#restarts);
    this.#restart = setTimeout(() => this.#bringBack(), wait);
  }

  /** Until the code has loaded, calls wait for it; code that keeps failing is slowed down. */
  #bringBack(): void {
    this.#restarts += 1;
    const awaited = this.#loaded;
    try {
      this.#start();
    } catch (error) {
      // Its place is not as it was, such as a folder that no flag can name.
      this.#options.log("error", errorText(error));
      this.#loaded.reject(error);
    }
    const { promise: loaded } = this.#loaded;
    // Calls that came while there was no code wait for this attempt.
    loaded.then(awaited.resolve, awaited.reject);
    loaded.then(
      () => this.#options.log("info", "agent code restarted"),
      () => {
        void this.#end();
        if (!this.#closed) this.#bringBackLater();
      },
    );
  }

  #failAll(error: MeshError): void {
    for (const call of this.#calls.all()) call.fail(error);
  }

  /**
   * Takes messages of the code. Whatever they are, nothing is thrown: code that sends what it may not is
   * ended and started again, as code that crashes is.
   */
  receive(batch: unknown): void {
    const crashes = this.#crashes;
    this.#watchdog[Symbol.dispose]();
    try {
      if (!Array.isArray(batch)) {
        throw new MeshError("protocol", "sent a message that is not in a list");
      }
      for (const message of batch) {
        this.#take(readFromAgent(message));
        // The code that sent the others is not there any more.
        if (this.#crashes !== crashes) return;
      }
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Ends the code, which has sent something that it may not. */
  refuse(error: unknown): void {
    this.#crashed(abridged(errorText(error), REASON_MAX));
  }

  #take(message: FromAgent): void {
    switch (message.type) {
      case "loaded":
      case "manifest":
        return this.#described(message.manifest, message.type === "loaded");
      case "resource_updated":
        for (const listener of this.#listeners) listener.resourceUpdated?.(message.uri);
        return;
      case "failed":
        if (this.#isDescribed) throw outOfTurn(message);
        this.#loaded.reject(fromPlainError(message.error));
        return;
      case "exiting":
        return this.#crashed(message.reason);
      case "log":
        this.#logged(message);
        return;
      case "refused":
        return this.#options.refused?.(message.message);
      case "pong":
        // Every message is a sign of life.
        return;
      case "check_health":
        return this.#opened?.environment.checkHealth();
      case "port_abort":
        return this.ports.get(message.port)?.abortPort(message.port, fromPlainError(message.error));
      case "port_taken":
        return this.ports.get(message.port)?.portTaken(message.port);
      default:
        this.#calls.get(message.call)?.receive(message);
    }
  }

  #described(manifest: AgentManifest, loaded: boolean): void {
    // Code says once that it is loaded, and goes on to say what has changed.
    if (loaded === this.#isDescribed) throw outOfTurn({ type: loaded ? "loaded" : "manifest" });
    const before = this.#manifest;
    if (before !== undefined && before.type !== manifest.type) {
      throw new MeshError("protocol", `is of type "${manifest.type}" now; start the agent again`);
    }
    this.#isDescribed = true;
    this.#manifest = manifest;
    this.#passesOn = manifest.tools.some(({ listing }) => listing !== undefined);
    if (loaded) void this.#ready(manifest);
    else void this.#promptsChanged();
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(manifest)) {
      for (const listener of this.#listeners) listener.manifest?.();
    }
  }

  /** What the worker before held is opened again before the new one is given any call. */
  async #ready(manifest: AgentManifest): Promise<void> {
    const { resolve, reject } = this.#loaded;
    const crashes = this.#crashes;
    try {
      if (this.#opened !== undefined) await this.#open(this.#opened);
    } catch (error) {
      this.#options.log("error", asMeshError(error, "host_crashed").message);
      reject(error);
      return;
    }
    // It may have crashed right after it was opened.
    if (this.#crashes !== crashes) return;
    this.#isLoaded = true;
    this.#loadedAt = performance.now();
    resolve(manifest);
  }

  async #open(opened: Opened): Promise<void> {
    await this.#prepare(opened);
    const { dataFolder } = opened.environment;
    if (this.manifest.lifespan) await this.#ask({ type: "open", dataFolder });
  }

  /** Hands the prompt files of language models to the code, which may not be able to read them. */
  async #prepare({ llm }: Opened): Promise<void> {
    if (!usesLlm(this.manifest)) return;
    const root = dirname(fileURLToPath(this.#options.url));
    const prompts = readPrompts(promptFiles(this.manifest), root);
    await this.#ask({ type: "prepare", prompts, settings: llm });
  }

  async #promptsChanged(): Promise<void> {
    try {
      if (this.#opened !== undefined) await this.#prepare(this.#opened);
    } catch (error) {
      this.#options.log("error", errorText(error));
    }
  }

  #logged({ call, level, message, fields }: FromAgent & { type: "log" }): void {
    const log = call === undefined ? undefined : this.#calls.get(call)?.log;
    (log ?? this.#options.log)(level, message, fields);
  }
}

function outOfTurn({ type }: Pick<FromAgent, "type">): MeshError {
  return new MeshError("protocol", `sent a message of type "${type}" that was not its turn`);
}

/** Fails a call that waited for code which did not load. */
function notLoaded(cause: unknown): never {
  const { code, message } = asMeshError(cause, "host_crashed");
  throw new MeshError(code, message, { cause, nothingRan: true });
}

/** What crosses of an environment: what it has. Most have nothing, and each member costs. */
function lentBy(environment: CallEnvironment): Partial<Lent> | undefined {
  const { headers, trace, client, answers, chunks, dependencies, toolbox } = environment;
  const hasPorts = dependencies.size > 0;
  const isBare = client === undefined && chunks === "none" && !hasPorts && isEmpty(headers) &&
    isEmpty(answers);
  if (isBare) return trace && { trace };
  return {
    ...(!isEmpty(headers) && { headers }),
    ...(trace !== undefined && { trace }),
    ...(client !== undefined && { client }),
    ...(!isEmpty(answers) && { answers }),
    ...(chunks !== "none" && { chunks }),
    ...(hasPorts && {
      dependencies: new Map(Array.from(dependencies, ([name, { target }]) => [name, target])),
    }),
    ...(toolbox.length > 0 && { toolbox }),
  };
}

/** What crosses of a request. */
function crossing(
  { headers, body, ...rest }: RequestParts,
): { readonly parts: RequestParts; readonly transfer: readonly ArrayBuffer[] } {
  const { bytes, transfer } = body === undefined
    ? { bytes: undefined, transfer: [] }
    : handover(body, true);
  return { parts: { ...rest, headers: [...headers], body: bytes }, transfer };
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/** Starts the code. */
function openLink(
  { url, permissions, reach, place, log }: SandboxOptions,
  name: string = url,
  events: LinkEvents,
): CodeLink {
  return place === undefined
    ? new WorkerLink({ url, name, permissions, reach }, events)
    : new ProcessLink({ url, permissions, reach, place, log }, events);
}
