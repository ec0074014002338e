/**
 * One call into a sandbox, on the trusted side: what its worker says during it, and the dependency
 * calls it makes.
 *
 * @module
 */
import type { CheckVerdict } from "../agent.ts";
import { MeshError } from "../errors.ts";
import { asMeshError, fromPlainError, type Outcome, plainError } from "../mcp/result.ts";
import type { CallEnvironment } from "./host.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** A message of a worker that belongs to one call. */
export type CallMessage = Extract<FromWorker, { readonly call: number }>;

/** A dependency call under way. */
interface Port {
  readonly abort: AbortController;
  /** The worker took the chunk that was sent last. */
  taken: () => void;
}

/** What a worker answers: an outcome to an invocation, a verdict to a check, values to a completion. */
export type WorkerAnswer = Outcome | CheckVerdict | readonly string[];

/** Something asked of a worker that it has not answered yet. */
export class SandboxedCall {
  readonly #environment: CallEnvironment | undefined;
  readonly #post: (message: ToWorker) => void;
  readonly #answer = Promise.withResolvers<WorkerAnswer>();
  readonly #ports = new Map<number, Port>();

  /**
   * @param environment What the call may use; a check may use nothing.
   * @param post Sends a message to the worker.
   */
  constructor(environment: CallEnvironment | undefined, post: (message: ToWorker) => void) {
    this.#environment = environment;
    this.#post = post;
  }

  /** What the worker answers. */
  get answer(): Promise<WorkerAnswer> {
    return this.#answer.promise;
  }

  /** Where log lines of the call go, if anywhere of its own. */
  get log(): CallEnvironment["log"] | undefined {
    const environment = this.#environment;
    return environment && ((level, message, fields) => environment.log(level, message, fields));
  }

  /** The call will not be answered any more. */
  fail(error: MeshError): void {
    this.#answer.reject(error);
  }

  /** Gives up the dependency calls that are still under way. */
  end(): void {
    for (const { abort } of this.#ports.values()) {
      abort.abort(new MeshError("cancelled", "the call that made this call is over"));
    }
  }

  /** Gives up a dependency call, if it is one of this call's. */
  abortPort(port: number, error: MeshError): void {
    this.#ports.get(port)?.abort.abort(error);
  }

  /** The worker took a chunk of a dependency call, if it is one of this call's. */
  portTaken(port: number): void {
    this.#ports.get(port)?.taken();
  }

  /** Takes a message of the worker about this call. */
  receive(message: CallMessage): void {
    switch (message.type) {
      case "outcome":
        return this.#answer.resolve(message.outcome);
      case "verdict":
        return this.#answer.resolve(message.verdict);
      case "completed":
        return this.#answer.resolve(message.values);
      case "error":
        return this.fail(fromPlainError(message.error));
      case "progress":
        return this.#environment?.progress(message.progress, message.total, message.message);
      case "emit":
        void this.#environment?.emit(message.chunk).then(
          () => this.#post({ type: "emitted", call: message.call }),
          // The reader is gone; the call's own signal tells the worker.
          () => {},
        );
        return;
      case "port":
        void this.#callPort(message);
        return;
    }
  }

  async #callPort({ port, ...asked }: CallMessage & { type: "port" }): Promise<void> {
    const environment = this.#environment;
    const dependency = environment?.dependencies.get(asked.dependency);
    // Only names lent to this call exist; code that makes others up gets no answer.
    if (environment === undefined || dependency === undefined) return;
    const entry: Port = { abort: new AbortController(), taken: () => {} };
    this.#ports.set(port, entry);
    const { request, options, streaming } = asked;
    try {
      const value = await dependency.call(request, {
        ...options,
        signal: AbortSignal.any([entry.abort.signal, environment.signal]),
        ...(streaming ? { onChunk: (chunk) => this.#portChunk(port, entry, chunk) } : {}),
      });
      this.#post({ type: "port_result", port, value });
    } catch (error) {
      this.#post({ type: "port_error", port, error: plainError(asMeshError(error, "protocol")) });
    } finally {
      this.#ports.delete(port);
    }
  }

  #portChunk(port: number, entry: Port, chunk: unknown): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { signal } = entry.abort;
    const stopped = () => reject(signal.reason);
    signal.addEventListener("abort", stopped, { once: true });
    entry.taken = resolve;
    this.#post({ type: "port_chunk", port, chunk });
    return promise.finally(() => signal.removeEventListener("abort", stopped));
  }
}
