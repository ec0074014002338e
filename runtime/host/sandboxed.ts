/**
 * Agent code in a worker that has exactly the permissions its file declares. The trusted side keeps
 * serving whatever the code does: a crash fails the calls in flight and brings up a new worker.
 *
 * @module
 */
import type { CheckVerdict } from "../agent.ts";
import type { Target } from "../dependency.ts";
import { MeshError } from "../errors.ts";
import type { AgentManifest } from "../manifest.ts";
import { asMeshError, fromPlainError, type Outcome, plainError } from "../mcp/result.ts";
import type { CompletionRequest } from "../completion.ts";
import type { CallEnvironment, CheckKind, Host, HostEvents, LogLevel } from "./host.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { type Permissions, workerPermissions } from "./permissions.ts";
import { SandboxedCall, type WorkerAnswer } from "./sandboxed_call.ts";

/** What a sandboxed host needs. */
export interface SandboxOptions {
  /** URL of the agent module. */
  readonly url: string;
  /** Exactly what its code may touch. */
  readonly permissions: Permissions;
  /** Gets the log lines of agent code. */
  readonly log: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
}

/** Wait before the first restart after a crash, and the longest wait, in milliseconds. */
const RESTART_MS = { first: 50, longest: 5_000 };
const STOPPED = "the agent stopped";

/**
 * Loads an agent module into a sandbox.
 *
 * @throws {MeshError} `bad_definition` when the module does not load, with its place and reason.
 */
export async function hostSandboxed(options: SandboxOptions): Promise<Host> {
  const host = new SandboxedHost(options);
  try {
    await host.loaded();
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}

class SandboxedHost implements Host {
  readonly #options: SandboxOptions;
  readonly #calls = new Map<number, SandboxedCall>();
  readonly #listeners = new Set<HostEvents>();
  #worker!: Worker;
  #loaded!: PromiseWithResolvers<AgentManifest>;
  #manifest: AgentManifest | undefined;
  #lastCall = 0;
  #restartMs = RESTART_MS.first;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
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

  async invoke(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome> {
    await this.#loaded.promise;
    if (this.#closed) throw new MeshError("host_crashed", STOPPED);
    const { signal } = environment;
    if (signal.aborted) throw asMeshError(signal.reason, "cancelled");
    const { call, answer } = this.#begin<Outcome>(environment);
    const aborted = () =>
      this.#post({
        type: "abort",
        call,
        error: plainError(asMeshError(signal.reason, "cancelled")),
      });
    signal.addEventListener("abort", aborted, { once: true });
    try {
      this.#post({
        type: "invoke",
        call,
        key,
        args,
        headers: environment.headers,
        trace: environment.trace,
        client: environment.client,
        answers: environment.answers,
        chunksOnly: environment.chunksOnly,
        dependencies: targetsOf(environment),
      });
      return await answer;
    } finally {
      signal.removeEventListener("abort", aborted);
      this.#forget(call);
    }
  }

  async complete(key: string, request: CompletionRequest): Promise<readonly string[]> {
    await this.#loaded.promise;
    const { call, answer } = this.#begin<readonly string[]>(undefined);
    this.#post({ type: "complete", call, key, request });
    return await answer.finally(() => this.#forget(call));
  }

  async check(kind: CheckKind): Promise<CheckVerdict> {
    const declared = kind === "health" ? this.manifest.healthCheck : this.manifest.startupCheck;
    if (!declared) return { status: "healthy" };
    try {
      await this.#loaded.promise;
      const { call, answer } = this.#begin<CheckVerdict>(undefined);
      this.#post({ type: "check", call, kind });
      return await answer.finally(() => this.#forget(call));
    } catch (error) {
      return { status: "degraded", errors: [asMeshError(error, "host_crashed").message] };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    this.#worker.terminate();
    this.#failAll(STOPPED);
    await Promise.resolve();
  }

  #start(): void {
    this.#loaded = Promise.withResolvers();
    // A failure to load is reported to whoever awaits it; nobody may be waiting during a restart.
    this.#loaded.promise.catch(() => {});
    const worker = new Worker(bootstrap(this.#options.url), {
      type: "module",
      name: this.#manifest?.name ?? this.#options.url,
      deno: { permissions: workerPermissions(this.#options.permissions) },
    });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (this.#worker === worker) this.#receive(data);
    };
    worker.onerror = (event) => {
      // Without this the error would end the whole process.
      event.preventDefault();
      if (this.#worker === worker) this.#crashed(event.message || "an uncaught error");
    };
    worker.onmessageerror = () => this.#crashed("a message that cannot be read");
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #begin<T extends WorkerAnswer>(
    environment: CallEnvironment | undefined,
  ): { call: number; answer: Promise<T> } {
    const call = ++this.#lastCall;
    const pending = new SandboxedCall(environment, (message) => this.#post(message));
    this.#calls.set(call, pending);
    // The worker answers each kind of request with one kind of answer.
    return { call, answer: pending.answer as Promise<T> };
  }

  /** Ends what a call that is over still has going on. */
  #forget(call: number): void {
    this.#calls.get(call)?.end();
    this.#calls.delete(call);
  }

  #crashed(reason: string): void {
    if (this.#closed) return;
    this.#worker.terminate();
    const text = `the code of agent "${this.#manifest?.name ?? this.#options.url}" crashed: ${
      reason.replace(/^Uncaught (\(in promise\) )?/, "")
    }`;
    this.#options.log("error", text);
    this.#loaded.reject(
      new MeshError(this.#manifest === undefined ? "bad_definition" : "host_crashed", text),
    );
    this.#failAll(text);
    if (this.#manifest === undefined) return;
    const wait = this.#restartMs;
    this.#restartMs = Math.min(wait * 2, RESTART_MS.longest);
    this.#start();
    // Until the new worker has loaded, calls wait for it; one that keeps crashing is slowed down.
    const { promise } = this.#loaded;
    promise.then(
      () => this.#options.log("info", "agent code restarted"),
      () => {
        if (!this.#closed) this.#restart = setTimeout(() => this.#start(), wait);
      },
    );
  }

  #failAll(text: string): void {
    for (const [call, pending] of this.#calls) {
      pending.fail(new MeshError("host_crashed", text));
      this.#forget(call);
    }
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "loaded":
      case "manifest":
        return this.#described(message.manifest, message.type === "loaded");
      case "resource_updated":
        for (const listener of this.#listeners) listener.resourceUpdated?.(message.uri);
        return;
      case "failed":
        this.#loaded.reject(fromPlainError(message.error));
        return;
      case "exiting":
        return this.#crashed(message.reason);
      case "log":
        this.#logged(message);
        return;
      case "port_abort":
        for (const pending of this.#calls.values()) {
          pending.abortPort(message.port, fromPlainError(message.error));
        }
        return;
      case "port_taken":
        for (const pending of this.#calls.values()) pending.portTaken(message.port);
        return;
      default:
        this.#calls.get(message.call)?.receive(message);
    }
  }

  #described(manifest: AgentManifest, loaded: boolean): void {
    const before = this.#manifest;
    this.#manifest = manifest;
    if (loaded) {
      this.#restartMs = RESTART_MS.first;
      this.#loaded.resolve(manifest);
    }
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(manifest)) {
      for (const listener of this.#listeners) listener.manifest?.();
    }
  }

  #logged({ call, level, message, fields }: FromWorker & { type: "log" }): void {
    const log = call === undefined ? undefined : this.#calls.get(call)?.log;
    (log ?? this.#options.log)(level, message, fields);
  }
}

const NO_TARGETS: ReadonlyMap<string, Target> = new Map();

function targetsOf({ dependencies }: CallEnvironment): ReadonlyMap<string, Target> {
  if (dependencies.size === 0) return NO_TARGETS;
  return new Map(Array.from(dependencies, ([name, port]) => [name, port.target]));
}

/** The first module of a worker: a literal `import()` keeps loading free of read permissions. */
function bootstrap(url: string): string {
  const entry = new URL("./worker.ts", import.meta.url).href;
  const source = `import { runWorker } from ${JSON.stringify(entry)};\n` +
    `await runWorker(${JSON.stringify(url)}, () => import(${JSON.stringify(url)}));`;
  return `data:application/javascript,${encodeURIComponent(source)}`;
}
