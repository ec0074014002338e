/**
 * Inbound calls: what happens between a request and the agent's code. Deadlines, headers, settling,
 * failures and repetition are decided here; the MCP face and the host know nothing of them.
 *
 * @module
 */
import type { AgentConfig } from "./config.ts";
import { type Deadline, Deadlines, parseTimeout, TIMEOUT_HEADER } from "../base/deadline.ts";
import { asMeshError, isMeshError, MeshError } from "../base/errors.ts";
import { HeaderAllowList, takeCarried } from "../protocol/headers.ts";
import {
  type CallEnvironment,
  type DependencyPort,
  type Host,
  toolPort,
} from "../boundary/host.ts";
import { Idempotency, IDEMPOTENCY_HEADER, RESENT_HEADER } from "./idempotency.ts";
import { InboundEnvironment, lineFields } from "./inbound_environment.ts";
import { readHandedTools } from "../define/handed_tools.ts";
import type { Log } from "../base/log.ts";
import {
  type AgentManifest,
  keyText,
  type OperationManifest,
  operationsOf,
} from "../define/manifest.ts";
import type { AgentServer, InboundCall } from "../mcp/agent_server.ts";
import type { CompletionRequest } from "../define/completion.ts";
import { errorOf, errorToOutcome, type Outcome } from "../boundary/result.ts";
import { Outbound } from "./outbound.ts";
import type { AgentMeter, OperationMeter } from "./agent_meter.ts";
import type { CallTrace, Tracer } from "../tracing/tracer.ts";
import { fateText } from "../base/resend.ts";
import type { Targets } from "../wiring/slots.ts";
import type { Wiring } from "../wiring/wiring.ts";

/** What the calls of one agent need. */
export interface CallsOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly wiring: Wiring;
  readonly log: Log;
  /** How requests to peers leave. */
  readonly fetch: typeof fetch;
  /** Begins the spans of calls; absent when none is recorded. */
  readonly tracer: Tracer | undefined;
  readonly meter: AgentMeter;
}

/** The calls of one agent. */
export class Calls implements AgentServer {
  readonly #options: CallsOptions;
  readonly #deadlines = new Deadlines();
  readonly #idempotency = new Idempotency();
  readonly #allowed: HeaderAllowList;
  readonly #outbound: Outbound;
  /** The operations by key, of the manifest they were last looked up in. */
  #operations: { of: AgentManifest; byKey: ReadonlyMap<string, OperationManifest> } | undefined;
  /** Calls under way. */
  #running = 0;
  /** Set while draining. */
  #draining: Draining | undefined;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#allowed = new HeaderAllowList(options.config.propagateHeaders);
    this.#outbound = new Outbound({
      ...options,
      replicas: options.wiring.replicas,
      allowed: this.#allowed,
      deadlines: this.#deadlines,
      serveSelf: (inbound, deadline) => this.#serveSelf(inbound, deadline),
    });
  }

  /**
   * Serves one inbound call.
   *
   * @returns Its outcome; failures are error results.
   * @throws {MeshError} `not_found` for an operation that does not exist.
   */
  call(inbound: InboundCall): Promise<Outcome> {
    let operation: OperationManifest;
    try {
      operation = this.#operation(inbound.key);
    } catch (error) {
      return Promise.reject(error);
    }
    const key = inbound.headers.get(IDEMPOTENCY_HEADER);
    return key === null
      ? this.#run(operation, inbound, inbound)
      : this.#runOnce(operation, inbound, key);
  }

  /**
   * Serves one request to a route.
   *
   * @throws {MeshError} Whatever it failed with.
   */
  async answer(inbound: InboundCall): Promise<Outcome> {
    return await this.#run(this.#operation(inbound.key), inbound, inbound, () => true);
  }

  /** Suggests values for an argument; see {@linkcode AgentServer}. */
  complete(key: string, request: CompletionRequest): Promise<readonly string[]> {
    return this.#options.host.complete(key, request);
  }

  /** What the agent says about itself right now. */
  get manifest(): AgentManifest {
    return this.#options.host.manifest;
  }

  /** Why no call is taken at the moment, if none is. */
  get refusal(): string | undefined {
    const { name, maxConcurrency } = this.#options.config;
    if (this.#draining !== undefined) return `agent "${name}" is shutting down`;
    return this.#running >= maxConcurrency
      ? `agent "${name}" has ${maxConcurrency} calls under way, the most it takes`
      : undefined;
  }

  /**
   * Refuses new calls and lets those in flight finish; those that do not are given up.
   *
   * @param drainMs How long they may go on, in milliseconds.
   * @param hurry Gives them up earlier.
   * @param onChange Gets how many are under way, at once and whenever a call is over.
   */
  async drain(
    drainMs: number,
    hurry: AbortSignal,
    onChange: (underWay: number) => void,
  ): Promise<void> {
    const over = Promise.withResolvers<void>();
    this.#draining = { over: over.resolve, onChange };
    onChange(this.#running);
    const startedAt = performance.now();
    const giveUp = () => {
      const waited = Math.round((performance.now() - startedAt) / 100) / 10;
      const { name } = this.#options.config;
      this.#deadlines.abort(({ hasBegun }) => cutOff(name, waited, hasBegun));
    };
    const overtime = setTimeout(giveUp, drainMs);
    hurry.addEventListener("abort", giveUp, { once: true });
    if (this.#running === 0) over.resolve();
    else if (hurry.aborted) giveUp();
    await over.promise;
    hurry.removeEventListener("abort", giveUp);
    clearTimeout(overtime);
    this.#deadlines[Symbol.dispose]();
  }

  #operation(key: string): OperationManifest {
    const { manifest } = this;
    if (this.#operations?.of !== manifest) {
      const byKey = new Map(operationsOf(manifest).map((operation) => [operation.key, operation]));
      this.#operations = { of: manifest, byKey };
    }
    const operation = this.#operations.byKey.get(key);
    if (operation === undefined) {
      throw new MeshError(
        "not_found",
        `agent "${this.#options.config.name}" has no ${keyText(key)}`,
        { nothingRan: true },
      );
    }
    return operation;
  }

  async #runOnce(
    operation: OperationManifest,
    inbound: InboundCall,
    key: string,
  ): Promise<Outcome> {
    try {
      // A caller who sends it again gets what the first run made, so that run outlives its caller.
      return await this.#idempotency.once(
        {
          tool: operation.key,
          key,
          caller: inbound.headers.get("authorization") ?? undefined,
          // A trace among them is another one each time.
          args: takeCarried(inbound.args)?.args ?? inbound.args,
        },
        () => this.#run(operation, inbound, undefined, ({ nothingRan }) => nothingRan),
        parseAge(inbound.headers.get(RESENT_HEADER)),
      );
    } catch (error) {
      return errorToOutcome(asMeshError(error, "tool_failed"));
    }
  }

  /**
   * Runs a call within its deadline.
   *
   * @param caller Whose leaving ends it.
   * @param isThrown Which failures are thrown; all others are outcomes.
   */
  #run(
    operation: OperationManifest,
    inbound: InboundCall,
    caller: { readonly signal: AbortSignal } | undefined,
    isThrown: (error: MeshError) => boolean = () => false,
  ): Promise<Outcome> {
    // A request that was let in may hold many calls, or take long to arrive.
    const { refusal } = this;
    if (refusal !== undefined) {
      const error = new MeshError("overloaded", `${refusal}; nothing ran`, { nothingRan: true });
      return isThrown(error) ? Promise.reject(error) : Promise.resolve(errorToOutcome(error));
    }
    const { callTimeoutMs } = this.#options.config;
    const budget = parseTimeout(inbound.headers.get(TIMEOUT_HEADER)) ?? callTimeoutMs;
    const deadline = this.#deadlines.start(budget, caller, callerLeft);
    const trace = this.#options.tracer?.begin(operation, inbound);
    const meter = this.#options.meter.of(operation);
    meter.began();
    this.#running += 1;
    // One promise for the whole call: every further one would cost each call.
    return new Promise((resolve, reject) => {
      const failed = (cause: unknown) => {
        if (deadline.onEnd === undefined) return;
        this.#over(deadline);
        const error = this.#failed(operation, cause, deadline, trace);
        meter.ended(performance.now() - deadline.startedAt, error.code);
        if (isThrown(error)) reject(error);
        else resolve(errorToOutcome(error));
      };
      deadline.onEnd = failed;
      this.#invoke(operation, inbound, deadline, trace).then((outcome) => {
        if (deadline.onEnd === undefined) return;
        this.#over(deadline);
        this.#answered(outcome, deadline.startedAt, meter, trace);
        resolve(outcome);
      }, failed);
    });
  }

  /** Serves a call of the agent to itself, within the deadline of the call it is made for. */
  async #serveSelf(inbound: InboundCall, deadline: Deadline): Promise<Outcome> {
    const operation = this.#operation(inbound.key);
    const trace = this.#options.tracer?.begin(operation, inbound);
    const meter = this.#options.meter.of(operation);
    const start = performance.now();
    meter.began();
    try {
      const outcome = await this.#invoke(operation, inbound, deadline, trace);
      this.#answered(outcome, start, meter, trace);
      return outcome;
    } catch (error) {
      const failure = asMeshError(error, "tool_failed");
      trace?.span?.failed(failure);
      meter.ended(performance.now() - start, failure.code);
      throw error;
    }
  }

  #answered(
    outcome: Outcome,
    startedAt: number,
    meter: OperationMeter,
    trace: CallTrace | undefined,
  ): void {
    trace?.span?.answered(outcome);
    meter.ended(performance.now() - startedAt, errorOf(outcome)?.code);
  }

  /** A call is over; what still comes of it comes too late. */
  #over(deadline: Deadline): void {
    deadline[Symbol.dispose]();
    this.#running -= 1;
    if (this.#draining === undefined) return;
    this.#draining.onChange(this.#running);
    if (this.#running === 0) this.#draining.over();
  }

  #failed(
    operation: OperationManifest,
    cause: unknown,
    deadline: Deadline,
    trace: CallTrace | undefined,
  ): MeshError {
    const error = deadline.hasBegun ? asMeshError(cause, "tool_failed") : beforeRunning(cause);
    trace?.span?.failed(error);
    const took = Math.round(performance.now() - deadline.startedAt);
    // A caller that goes away is no fault of anybody's.
    const level = error.code === "cancelled" ? "debug" : "warn";
    this.#options.log(level, `${operation.key} failed after ${took} ms: ${error.message}`, {
      code: error.code,
      ...lineFields(operation, trace?.context),
    });
    return error;
  }

  #invoke(
    operation: OperationManifest,
    inbound: InboundCall,
    deadline: Deadline,
    trace: CallTrace | undefined,
  ): Promise<Outcome> {
    const { settle } = this.#options.wiring;
    return settle.waits(operation)
      ? settle.settled(operation, deadline.signal)
        .then(() => this.#invokeNow(operation, inbound, deadline, trace))
      : this.#invokeNow(operation, inbound, deadline, trace);
  }

  #invokeNow(
    operation: OperationManifest,
    inbound: InboundCall,
    deadline: Deadline,
    trace: CallTrace | undefined,
  ): Promise<Outcome> {
    const { host, log } = this.#options;
    const environment = new InboundEnvironment(operation, inbound, deadline, {
      allowed: this.#allowed,
      log,
      trace,
      meter: this.#options.meter,
    });
    if (operation.dependencies.length > 0 || operation.toolbox !== undefined) {
      try {
        environment.toolbox = this.#toolbox(operation, environment.args);
        environment.dependencies = this.#dependencies(operation, deadline, environment, trace);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    deadline.hasBegun = true;
    return host.invoke(operation.key, environment.args, environment);
  }

  #dependencies(
    operation: OperationManifest,
    deadline: Deadline,
    { headers, trace, toolbox }: Pick<CallEnvironment, "headers" | "trace" | "toolbox">,
    recorded: CallTrace | undefined,
  ): ReadonlyMap<string, DependencyPort> {
    const { slots } = this.#options.wiring;
    const caller = { deadline, headers, trace, span: recorded?.span };
    const wired = slots.of(operation.key);
    const dependencies = new Map<string, DependencyPort>();
    for (const { name, capability, required, llm } of operation.dependencies) {
      const targets = wired.get(name);
      if (targets !== undefined) {
        const lead = () => slots.of(operation.key).get(name) ?? targets;
        const route = { targets, lead, llm: llm !== undefined, capability };
        dependencies.set(name, this.#outbound.port(route, caller));
      } else if (required) {
        throw new MeshError(
          "dependency_unavailable",
          `${operation.key} needs ${capability} and no healthy agent offers it; start one`,
          { details: { capability, dependency: name }, nothingRan: true },
        );
      }
    }
    for (const { name, target } of toolbox) {
      const targets: Targets = [target];
      const route = { targets, lead: () => targets, llm: false, capability: undefined };
      dependencies.set(toolPort(name), this.#outbound.port(route, caller));
    }
    return dependencies;
  }

  #toolbox({ key, toolbox }: OperationManifest, args: Record<string, unknown>) {
    if (toolbox === undefined) return [];
    return toolbox === "offered"
      ? this.#options.wiring.slots.toolboxOf(key)
      : readHandedTools(args);
  }
}

/** The state of an agent that takes no more calls. */
interface Draining {
  /** The last call is over. */
  readonly over: () => void;
  /** A call is over; gets how many still are under way. */
  readonly onChange: (underWay: number) => void;
}

/** The failure of a call that was under way when its agent waited no longer. */
function cutOff(agent: string, waitedSeconds: number, hasBegun: boolean): MeshError {
  const nothingRan = !hasBegun;
  return new MeshError(
    hasBegun ? "interrupted" : "overloaded",
    `agent "${agent}" stopped; it waited ${waitedSeconds} s for this call: ` +
      fateText({ nothingRan }),
    { nothingRan },
  );
}

/** The failure of a call that never reached the agent's code. */
function beforeRunning(cause: unknown): MeshError {
  const { code, message, details } = asMeshError(cause, "tool_failed");
  return new MeshError(code, message, { cause, details, nothingRan: true });
}

/** Milliseconds since a call was sent first; `undefined` when it is the first time. */
function parseAge(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

/** A handler's signal always fires with a failure that has a code. */
function callerLeft(reason: unknown): MeshError {
  return isMeshError(reason)
    ? reason
    : new MeshError("cancelled", "the caller went away", { cause: reason });
}
