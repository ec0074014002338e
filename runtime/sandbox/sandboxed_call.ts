/**
 * One call into a sandbox, on the trusted side: what its worker says during it, and the dependency
 * calls it makes.
 *
 * @module
 */
import type { CheckVerdict } from "../define/health_check.ts";
import { Alarm } from "../base/deadline.ts";
import { asMeshError, fromPlainError, MeshError, plainError } from "../base/errors.ts";
import type { Outcome } from "../boundary/result.ts";
import { checkedJsonText } from "../base/json_check.ts";
import { ChunkWindow, ReceivedChunks } from "../base/chunk_window.ts";
import { weightOf } from "../base/json_form.ts";
import type { CallEnvironment } from "../boundary/host.ts";
import type { FromAgent, ToAgent } from "../boundary/agent_messages.ts";

/** A message of a worker that belongs to one call. */
export type CallMessage = Extract<FromAgent, { readonly call: number }>;

/**
 * What a worker answers: an outcome to an invocation, a verdict to a check, values to a completion,
 * else nothing.
 */
export type WorkerAnswer = Outcome | CheckVerdict | readonly string[] | undefined;

/** The types of messages that answer what was asked. */
export type AnswerType = (CallMessage & { type: "outcome" | "verdict" | "completed" | "done" })[
  "type"
];

/** A dependency call under way. */
interface Port {
  readonly abort: AbortController;
  readonly chunks: ChunkWindow;
}

/** What a call needs of its host. */
export interface CallHost {
  /** Sends a message to the worker. */
  post(message: ToAgent): void;
  /** The worker should end a call soon, if its thread is not busy. */
  doubt(): void;
  /** Ends the worker, which has sent what it may not. */
  refuse(error: unknown): void;
  /** The call is over. */
  over(call: SandboxedCall): void;
  /** The dependency calls under way of all calls. */
  readonly portLoad: PortLoad;
  /** By the number of a dependency call, the call that it is made for. */
  readonly ports: Map<number, SandboxedCall>;
}

/** Most dependency calls under way of one agent's code. */
export const PORTS_MAX = 4_096;
/** Most that they ask for together, in characters of JSON; one that asks for more goes alone. */
const ASKED_MAX = 64 * 1024 * 1024;

/** Counts the dependency calls under way of one agent's code. */
export class PortLoad {
  #count = 0;
  #asked = 0;

  /**
   * Counts a call that begins.
   *
   * @param weight Length of what it asks for.
   * @throws {MeshError} `overloaded` when there is no room for it.
   */
  begin(weight: number): void {
    const isFull = this.#count >= PORTS_MAX ||
      (this.#count > 0 && this.#asked + weight > ASKED_MAX);
    if (isFull) {
      throw new MeshError(
        "overloaded",
        `the agent has ${this.#count} calls of others under way, with ${this.#asked} characters of ` +
          "arguments; it may begin another when some are over",
        { nothingRan: true },
      );
    }
    this.#count += 1;
    this.#asked += weight;
  }

  /** Counts a call that is over. */
  end(weight: number): void {
    this.#count -= 1;
    this.#asked -= weight;
  }
}

/** After how long the caller's signal is listened to, in milliseconds: most calls are over before. */
export const LISTEN_AFTER_MS = 10;

/** Something asked of a worker that it has not answered yet. Rings when it takes a while. */
export class SandboxedCall extends Alarm {
  /** Numbers the call; see `Slots`. */
  number = 0;
  /** What the worker answers. */
  readonly answer: Promise<WorkerAnswer>;
  readonly #expects: AnswerType;
  readonly #environment: CallEnvironment | undefined;
  readonly #host: CallHost;
  #resolve!: (answer: WorkerAnswer) => void;
  #reject!: (error: MeshError) => void;
  #isAnswered = false;
  #isOver = false;
  #ports: Map<number, Port> | undefined;
  #chunks: ReceivedChunks | undefined;
  #leaveSignal: (() => void) | undefined;

  /**
   * @param expects The type of its answer.
   * @param environment What the call may use; only an invocation may use anything.
   */
  constructor(expects: AnswerType, environment: CallEnvironment | undefined, host: CallHost) {
    super();
    this.#expects = expects;
    this.#environment = environment;
    this.#host = host;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Where log lines of the call go, if anywhere of its own. */
  get log(): CallEnvironment["log"] | undefined {
    const environment = this.#environment;
    return environment && ((level, message, fields) => environment.log(level, message, fields));
  }

  /** Whether the code has answered it. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Begins to tell the worker when the caller gives up. */
  override ring(): void {
    const signal = this.#environment?.signal;
    if (signal === undefined) return;
    const tell = () => {
      const error = plainError(asMeshError(signal.reason, "cancelled"));
      this.#host.post({ type: "abort", call: this.number, error });
      this.#host.doubt();
    };
    if (signal.aborted) return tell();
    signal.addEventListener("abort", tell, { once: true });
    this.#leaveSignal = () => signal.removeEventListener("abort", tell);
  }

  /** The call will not be answered any more. */
  fail(error: MeshError): void {
    this.#end();
    this.#reject(error);
  }

  /** Gives up a dependency call, if it is one of this call's. */
  abortPort(port: number, error: MeshError): void {
    this.#ports?.get(port)?.abort.abort(error);
  }

  /** The worker took a chunk of a dependency call, if it is one of this call's. */
  portTaken(port: number): void {
    this.#ports?.get(port)?.chunks.taken();
  }

  /**
   * Takes a message of the worker about this call.
   *
   * @throws {MeshError} `protocol` for an answer to what was not asked, or to what has been answered,
   * and for a stream that runs ahead of its reader.
   * @throws {SyntaxError | RangeError} For an answer whose JSON text is none.
   */
  receive(message: CallMessage): void {
    switch (message.type) {
      case "outcome":
        this.#expect(message);
        return this.#came(message.outcome);
      case "verdict":
        this.#expect(message);
        return this.#answered(message.verdict);
      case "done":
        this.#expect(message);
        return this.#answered(undefined);
      case "completed":
        this.#expect(message);
        return this.#answered(message.values);
      case "error":
        this.#isAnswered = true;
        return this.fail(fromPlainError(message.error));
      case "progress":
        return this.#environment?.progress(message.progress, message.total, message.message);
      case "emit":
        return this.#emit(message.chunk);
      case "span":
        return this.#environment?.record(message.span);
      case "port":
        void this.#callPort(message);
        return;
    }
  }

  #emit(chunk: unknown): void {
    const environment = this.#environment;
    if (environment === undefined) return;
    const chunks = this.#chunks ??= new ReceivedChunks();
    const weight = chunks.came(chunk);
    if (weight === undefined) {
      throw new MeshError("protocol", "sent more of a stream than its reader has taken");
    }
    environment.emit(chunk).then(
      () => {
        chunks.passed(weight);
        this.#host.post({ type: "emitted", call: this.number });
      },
      // The reader is gone; the call's own signal tells the code.
      () => chunks.passed(weight),
    );
  }

  #expect({ type }: CallMessage): void {
    if (type !== this.#expects) {
      throw new MeshError("protocol", `sent a message of type "${type}" that answers another kind`);
    }
    if (this.#isAnswered) {
      throw new MeshError("protocol", `sent a message of type "${type}" that answers once more`);
    }
    this.#isAnswered = true;
  }

  /** The JSON text of an outcome goes to the caller unread. */
  #came(outcome: Outcome): void {
    const checked = "json" in outcome ? checkedJsonText(outcome.json) : undefined;
    if (checked === undefined) return this.#answered(outcome);
    checked.then(
      () => this.#answered(outcome),
      // It belongs to whoever runs now, if there has not been another since.
      (error) => {
        if (!this.#isOver) this.#host.refuse(error);
      },
    );
  }

  #answered(answer: WorkerAnswer): void {
    this.#end();
    this.#resolve(answer);
  }

  /** Gives up the dependency calls that are still under way, and is over. */
  #end(): void {
    this.#isOver = true;
    this[Symbol.dispose]();
    this.#leaveSignal?.();
    for (const { abort } of this.#ports?.values() ?? []) {
      abort.abort(new MeshError("cancelled", "the call that made this call is over"));
    }
    this.#host.over(this);
  }

  async #callPort({ port, ...asked }: CallMessage & { type: "port" }): Promise<void> {
    const environment = this.#environment;
    const dependency = environment?.dependencies.get(asked.dependency);
    // Only names lent to this call exist; code that makes others up gets no answer.
    if (environment === undefined || dependency === undefined) return;
    const { request, options, streaming } = asked;
    const weight = weightOf(request);
    try {
      this.#host.portLoad.begin(weight);
    } catch (error) {
      const failure = plainError(asMeshError(error, "overloaded"));
      return this.#host.post({ type: "port_error", port, error: failure });
    }
    const entry: Port = { abort: new AbortController(), chunks: new ChunkWindow() };
    const ports = this.#ports ??= new Map();
    ports.set(port, entry);
    this.#host.ports.set(port, this);
    try {
      if ("exact" in request) await checkedJsonText(request.exact);
      const value = await dependency.call(request, {
        ...options,
        signal: AbortSignal.any([entry.abort.signal, environment.signal]),
        ...(streaming ? { onChunk: (chunk) => this.#portChunk(port, entry, chunk) } : {}),
      });
      this.#host.post({ type: "port_result", port, value });
    } catch (error) {
      const failure = plainError(asMeshError(error, "protocol"));
      this.#host.post({ type: "port_error", port, error: failure });
    } finally {
      ports.delete(port);
      this.#host.ports.delete(port);
      this.#host.portLoad.end(weight);
    }
  }

  #portChunk(port: number, entry: Port, chunk: unknown): Promise<void> {
    this.#host.post({ type: "port_chunk", port, chunk });
    return entry.chunks.sent(chunk, entry.abort.signal);
  }
}
