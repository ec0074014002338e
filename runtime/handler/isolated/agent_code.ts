/**
 * The agent's side of its isolation: runs what the trusted side asks for, and asks the trusted side
 * for everything that leaves the isolation. A worker and a process of its own differ only in how
 * messages get there.
 *
 * @module
 */
import { inspect } from "node:util";
import { ChunkWindow } from "../../base/chunk_window.ts";
import { abridged } from "../../base/cut_text.ts";
import {
  asMeshError,
  fromPlainError,
  MeshError,
  type MeshErrorCode,
  type PlainError,
  plainError,
} from "../../base/errors.ts";
import { isErrorCode } from "../../base/failure.ts";
import { parseExact } from "../../base/exact_json.ts";
import { LOG_TEXT_MAX, type LogLevel } from "../../base/log.ts";
import {
  type FromAgent,
  type Lent,
  NOTHING_LENT,
  type ToAgent,
} from "../../boundary/agent_messages.ts";
import type {
  AgentRequest,
  CallEnvironment,
  DependencyPort,
  PortCallOptions,
} from "../../boundary/host.ts";
import { readWith } from "../../boundary/members.ts";
import { portMessage, updateMessage } from "../../boundary/received_request.ts";
import type { Outcome } from "../../boundary/result.ts";
import { isAgent } from "../../define/agent.ts";
import { isGateway } from "../../define/gateway.ts";
import type { Servable } from "../../define/servable.ts";
import { Templates } from "../../llm/chat/templates.ts";
import type { CodeSpan } from "../../protocol/code_span.ts";
import { openLifespan } from "../open_lifespan.ts";
import { Operations } from "../operations.ts";
import { runCheck } from "../run_check.ts";
import { runCompletion } from "../run_operation.ts";
import { loadFailure } from "./load_failure.ts";

/** The way to the trusted side. */
export interface TrustedSide {
  /**
   * Sends a message.
   *
   * @throws {Error} When a part of it cannot cross.
   */
  post(message: FromAgent): void;
  /**
   * Sends a message with bytes, which its caller may still use.
   *
   * @param message Gets the bytes to send.
   */
  postBytes(bytes: Uint8Array, message: (bytes: Uint8Array<ArrayBuffer>) => FromAgent): void;
}

interface PendingPort {
  resolve(value: unknown): void;
  reject(error: MeshError): void;
  onChunk: ((chunk: unknown) => Promise<void>) | undefined;
}

/**
 * Loads the module of an agent and reports what it declares, or why it cannot be loaded.
 *
 * @param file URL of the module.
 * @param load Imports a module, by a name that is put together at run time: then Deno holds every
 * module below it to the permissions of the code.
 * @returns `undefined` when it cannot be loaded.
 */
export async function loadAgentCode(
  file: string,
  load: (url: string) => Promise<{ default?: unknown }>,
  trusted: TrustedSide,
): Promise<AgentCode | undefined> {
  let agent: Servable;
  try {
    const module = await load(file);
    if (!isAgent(module.default) && !isGateway(module.default)) {
      throw new MeshError(
        "bad_definition",
        `${file} exports no agent; end it with "export default agent({ … })" or "export default gateway({ … })"`,
      );
    }
    agent = module.default;
  } catch (error) {
    trusted.post({ type: "failed", error: failure(loadFailure(file, error), "bad_definition") });
    return undefined;
  }
  const code = new AgentCode(agent, trusted);
  agent.listen({
    changed: () => trusted.post({ type: "manifest", manifest: agent.manifest() }),
    resourceUpdated: (uri) =>
      trusted.post(readWith(updateMessage, { type: "resource_updated", uri })),
  });
  return code;
}

/** The code of an agent that has loaded. */
export class AgentCode {
  readonly #agent: Servable;
  readonly #operations: Operations;
  readonly #trusted: TrustedSide;
  readonly #calls = new Map<number, Running>();
  readonly #ports = new Map<number, PendingPort>();
  #held: AsyncDisposable | undefined;
  #lastPort = 0;

  /** @param agent What its module exports. */
  constructor(agent: Servable, trusted: TrustedSide) {
    this.#agent = agent;
    this.#operations = new Operations(agent, new Templates());
    this.#trusted = trusted;
  }

  /** Tells the trusted side that it may be called. */
  announce(): void {
    this.post({ type: "loaded", manifest: this.#agent.manifest() });
  }

  /** Does what a message asks for. */
  receive(message: ToAgent): void {
    switch (message.type) {
      case "invoke":
        void this.#invoke(message);
        return;
      case "abort":
        this.#calls.get(message.call)?.stop(fromPlainError(message.error));
        return;
      case "ping":
        return this.post({ type: "pong" });
      case "emitted":
        this.#calls.get(message.call)?.chunks.taken();
        return;
      case "complete":
        void this.#complete(message);
        return;
      case "check":
        void runCheck(this.#agent, message.kind).then((verdict) =>
          this.post({ type: "verdict", call: message.call, verdict })
        );
        return;
      case "prepare":
        void this.#answer(
          message.call,
          () => this.#operations.prepare(message.prompts, message.settings),
        );
        return;
      case "open":
        void this.#answer(message.call, () => this.#open(message.dataFolder));
        return;
      case "close":
        void this.#answer(message.call, async () => await this.#held?.[Symbol.asyncDispose]());
        return;
      case "port_chunk":
        void this.#ports.get(message.port)?.onChunk?.(message.chunk).then(
          () => this.post({ type: "port_taken", port: message.port }),
          // The reader is gone; its abort is on the way to the trusted side.
          () => {},
        );
        return;
      case "port_result":
        this.#settle(message.port)?.resolve(message.value);
        return;
      case "port_error":
        this.#settle(message.port)?.reject(fromPlainError(message.error));
        return;
    }
  }

  async #open(dataFolder: string | undefined): Promise<void> {
    this.#held = await openLifespan(this.#agent, {
      dataFolder,
      log: (level, text, fields) => this.log(undefined, level, text, fields),
      checkHealth: () => this.post({ type: "check_health" }),
    });
  }

  async #answer(call: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.post({ type: "done", call });
    } catch (error) {
      this.post({ type: "error", call, error: failure(error, "tool_failed") });
    }
  }

  async #invoke(message: ToAgent & { type: "invoke" }): Promise<void> {
    const { call } = message;
    const running = new Running();
    this.#calls.set(call, running);
    try {
      const environment = new AgentSideEnvironment(call, running, message.lent, this);
      const { key, exactArgs, parts } = message;
      const args = exactArgs === undefined ? parts ?? message.args : parseExact(exactArgs);
      const outcome = await this.#operations.run(key, args, environment);
      this.#came(call, outcome);
    } catch (error) {
      this.post({ type: "error", call, error: failure(error, "tool_failed") });
    } finally {
      this.#calls.delete(call);
    }
  }

  #came(call: number, outcome: Outcome): void {
    // A ready-made result may hold what cannot cross; then it is this call's failure.
    const response = outcome.kind === "response" ? outcome.response : undefined;
    if (!(response?.body instanceof Uint8Array)) {
      return this.post({ type: "outcome", call, outcome });
    }
    this.#trusted.postBytes(response.body, (body) => ({
      type: "outcome",
      call,
      outcome: { kind: "response", response: { ...response, body } },
    }));
  }

  async #complete({ call, key, request }: ToAgent & { type: "complete" }): Promise<void> {
    try {
      const values = await runCompletion(this.#operations.of(key), request);
      this.post({ type: "completed", call, values });
    } catch (error) {
      this.post({ type: "error", call, error: failure(error, "tool_failed") });
    }
  }

  /** Sends a chunk of a stream; throws for what cannot be cloned. */
  emit(call: number, chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) return this.post({ type: "emit", call, chunk });
    this.#trusted.postBytes(chunk, (bytes) => ({ type: "emit", call, chunk: bytes }));
  }

  /** Sends a message to the trusted side; throws for what cannot be cloned. */
  post(message: FromAgent): void {
    this.#trusted.post(message);
  }

  /** Writes a log line, of a call or of none. */
  log(
    call: number | undefined,
    level: LogLevel,
    message: string,
    fields?: Record<string, unknown>,
  ): void {
    const text = typeof message === "string" ? message : inspect(message);
    this.post({ type: "log", call, level, message: abridged(text, LOG_TEXT_MAX), fields });
  }

  /** Asks the trusted side for a dependency call. */
  async port(
    call: number,
    dependency: string,
    request: AgentRequest,
    { signal, onChunk, ...options }: PortCallOptions,
  ): Promise<unknown> {
    signal.throwIfAborted();
    const port = ++this.#lastPort;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#ports.set(port, { resolve, reject, onChunk });
    const aborted = () => {
      const error = asMeshError(signal.reason, "cancelled");
      this.post({ type: "port_abort", port, error: failure(error, "cancelled") });
      this.#settle(port)?.reject(error);
    };
    signal.addEventListener("abort", aborted, { once: true });
    try {
      const streaming = onChunk !== undefined;
      const message = { type: "port", port, call, dependency, request, options: finite(options) };
      // What the trusted side would refuse is the failure of this call, and does not end the code.
      this.post(readWith(portMessage, { ...message, streaming }));
      return await promise;
    } finally {
      this.#ports.delete(port);
      signal.removeEventListener("abort", aborted);
    }
  }

  #settle(port: number): PendingPort | undefined {
    const pending = this.#ports.get(port);
    this.#ports.delete(port);
    return pending;
  }
}

/** Options without times that are no limit, such as `Infinity`. */
function finite(
  { timeoutMs, stallMs, ...options }: Omit<PortCallOptions, "signal" | "onChunk">,
): Omit<PortCallOptions, "signal" | "onChunk"> {
  return {
    ...options,
    ...(timeoutMs !== undefined && Number.isFinite(timeoutMs) && { timeoutMs }),
    ...(stallMs !== undefined && Number.isFinite(stallMs) && { stallMs }),
  };
}

/**
 * Returns a failure as it crosses; an error of another copy of the mesh may have a code that is not
 * known.
 */
export function failure(error: unknown, code: MeshErrorCode): PlainError {
  const plain = plainError(asMeshError(error, code));
  return {
    ...plain,
    code: isErrorCode(plain.code) ? plain.code : code,
    message: String(plain.message),
  };
}

/** A call that runs in this code. */
class Running {
  readonly chunks = new ChunkWindow();
  #abort: AbortController | undefined;
  #stopped: { readonly reason: MeshError } | undefined;

  /** Made when it is asked for: most calls are over before anybody would listen to it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#stopped !== undefined) this.#abort.abort(this.#stopped.reason);
    }
    return this.#abort.signal;
  }

  /** The caller gave up. */
  stop(reason: MeshError): void {
    this.#stopped = { reason };
    this.#abort?.abort(reason);
  }
}

/** The environment of one call, on this side. */
class AgentSideEnvironment implements CallEnvironment {
  readonly #call: number;
  readonly #running: Running;
  readonly #lent: Partial<Lent>;
  readonly #code: AgentCode;
  #dependencies: ReadonlyMap<string, DependencyPort> | undefined;

  constructor(
    call: number,
    running: Running,
    lent: Partial<Lent> = NOTHING_LENT,
    code: AgentCode,
  ) {
    this.#call = call;
    this.#running = running;
    this.#lent = lent;
    this.#code = code;
  }

  get signal(): AbortSignal {
    return this.#running.signal;
  }

  get headers() {
    return this.#lent.headers ?? NOTHING_LENT.headers;
  }

  get trace() {
    return this.#lent.trace;
  }

  get client() {
    return this.#lent.client;
  }

  get answers() {
    return this.#lent.answers ?? NOTHING_LENT.answers;
  }

  get chunks() {
    return this.#lent.chunks ?? NOTHING_LENT.chunks;
  }

  get toolbox() {
    return this.#lent.toolbox ?? NOTHING_LENT.toolbox;
  }

  get dependencies(): ReadonlyMap<string, DependencyPort> {
    return this.#dependencies ??= new Map(
      Array.from(this.#lent.dependencies ?? NOTHING_LENT.dependencies, ([name, target]) => [name, {
        target,
        call: (request, options) => this.#code.port(this.#call, name, request, options),
      }]),
    );
  }

  emit(chunk: unknown): Promise<void> {
    const { signal } = this;
    this.#code.emit(this.#call, chunk);
    return this.#running.chunks.sent(chunk, signal);
  }

  progress(progress: number, total?: number, message?: string): void {
    // Others have no place in JSON, and so in no notification.
    if (!Number.isFinite(progress)) return;
    this.#code.post({
      type: "progress",
      call: this.#call,
      progress,
      total: Number.isFinite(total) ? total : undefined,
      message: message === undefined ? undefined : String(message),
    });
  }

  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
    this.#code.log(this.#call, level, message, fields);
  }

  record(span: CodeSpan): void {
    this.#code.post({ type: "span", call: this.#call, span });
  }
}
