/**
 * Calls: what happens between an inbound request and the agent's code, and between the code and the
 * agents it depends on. Deadlines, headers, settling, dependency ports and failures are decided here;
 * the MCP face and the host know nothing of them.
 *
 * @module
 */
import type { AgentConfig } from "./config.ts";
import { abortable, type Deadline, Deadlines, parseTimeout, TIMEOUT_HEADER } from "./deadline.ts";
import type { Target } from "./dependency.ts";
import { MeshError } from "./errors.ts";
import { HeaderAllowList, traceHeaders, traceOf } from "./headers.ts";
import type { CallEnvironment, DependencyPort, Host, PortCallOptions } from "./host/host.ts";
import type { Log } from "./log.ts";
import type { AgentManifest, ToolManifest } from "./manifest.ts";
import { callTool } from "./mcp/client.ts";
import {
  asMeshError,
  type CallToolResult,
  decodeResult,
  errorToOutcome,
  type Outcome,
  outcomeValue,
} from "./mcp/result.ts";
import type { InboundCall } from "./mcp/server.ts";
import type { Settle } from "./wiring/settle.ts";
import type { Replicas } from "./wiring/replicas.ts";
import type { Slots, Targets } from "./wiring/slots.ts";

/** What the calls of one agent need. */
export interface CallsOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly slots: Slots;
  readonly settle: Settle;
  readonly replicas: Replicas;
  readonly log: Log;
  /** How requests to peers leave. */
  readonly fetch: typeof fetch;
}

/** In-argument fallbacks for headers that the reference's agents send (registry-protocol §4.2). */
const META_ARGUMENTS = ["_trace_id", "_parent_span", "_mesh_headers"];

/** What a dependency answered: an MCP result, or a value that never was on a wire. */
type Answered = { readonly result: CallToolResult } | { readonly value: unknown };

/** The calls of one agent. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #inFlight = new Map<Promise<unknown>, Deadline>();
  readonly #deadlines = new Deadlines();
  readonly #allowed: HeaderAllowList;
  /** The tools by name, of the manifest they were last looked up in. */
  #tools: { readonly of: AgentManifest; readonly byName: ReadonlyMap<string, ToolManifest> };
  #draining = false;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#allowed = new HeaderAllowList(options.config.propagateHeaders);
    this.#tools = toolsOf(options.host.manifest);
  }

  /**
   * Serves one inbound call.
   *
   * @returns Its outcome; failures are error results.
   * @throws {MeshError} `not_found` for a tool that does not exist.
   */
  async serve(inbound: InboundCall): Promise<Outcome> {
    const tool = this.#tool(inbound.tool);
    const { callTimeoutMs } = this.#options.config;
    const budget = parseTimeout(inbound.headers.get(TIMEOUT_HEADER)) ?? callTimeoutMs;
    using deadline = this.#deadlines.start(budget, inbound.signal);
    const running = this.#serve(tool, inbound, deadline);
    this.#inFlight.set(running, deadline);
    try {
      return await running;
    } finally {
      this.#inFlight.delete(running);
    }
  }

  /** Whether as many calls are under way as may be. */
  get isFull(): boolean {
    return this.#inFlight.size >= this.#options.config.maxConcurrency;
  }

  /**
   * Refuses new calls and lets those in flight finish; those that do not are given up.
   *
   * @param drainMs How long they may go on, in milliseconds.
   */
  async drain(drainMs: number): Promise<void> {
    this.#draining = true;
    const overtime = setTimeout(() => {
      for (const deadline of this.#inFlight.values()) deadline.abort(this.#shuttingDown());
    }, drainMs);
    await Promise.allSettled(this.#inFlight.keys());
    clearTimeout(overtime);
    this.#deadlines[Symbol.dispose]();
  }

  #shuttingDown(): MeshError {
    return new MeshError("overloaded", `agent "${this.#options.config.name}" is shutting down`);
  }

  #tool(name: string): ToolManifest {
    const { manifest } = this.#options.host;
    if (this.#tools.of !== manifest) this.#tools = toolsOf(manifest);
    const tool = this.#tools.byName.get(name);
    if (tool === undefined) {
      throw new MeshError(
        "not_found",
        `agent "${this.#options.config.name}" has no tool "${name}"`,
      );
    }
    return tool;
  }

  async #serve(
    tool: ToolManifest,
    inbound: InboundCall,
    deadline: Deadline,
  ): Promise<Outcome> {
    const started = performance.now();
    try {
      if (this.#draining) throw this.#shuttingDown();
      await this.#options.settle.settled(tool, deadline.signal);
      const environment = this.#environment(tool, inbound, deadline);
      return await abortable(
        this.#options.host.invoke(tool.name, withoutMeta(inbound.args), environment),
        deadline.signal,
      );
    } catch (thrown) {
      const error = inbound.signal.aborted && deadline.signal.reason === inbound.signal.reason
        ? new MeshError("cancelled", "the caller went away", { cause: thrown })
        : asMeshError(thrown, "tool_failed");
      this.#options.log(
        "warn",
        `${tool.name} failed after ${Math.round(performance.now() - started)} ms: ${error.message}`,
        { code: error.code },
      );
      return errorToOutcome(error);
    }
  }

  #environment(tool: ToolManifest, inbound: InboundCall, deadline: Deadline): CallEnvironment {
    const trace = traceOf(inbound.headers);
    const headers = this.#allowed.of(inbound.headers);
    const outbound = { ...headers, ...traceHeaders(trace) };
    const wired = this.#options.slots.of(tool.name);
    const dependencies = new Map<string, DependencyPort>();
    for (const { name, capability, required } of tool.dependencies) {
      const targets = wired.get(name);
      if (targets !== undefined) {
        dependencies.set(name, {
          target: targets[0],
          call: (tool, args, options) =>
            this.#callDependency(targets, tool, args, options, deadline, outbound),
        });
      } else if (required) {
        throw new MeshError(
          "dependency_unavailable",
          `${tool.name} needs ${capability} and no healthy agent offers it; start one`,
          { details: { capability, dependency: name } },
        );
      }
    }
    return {
      signal: deadline.signal,
      headers,
      trace,
      dependencies,
      emit: inbound.emit,
      progress: inbound.progress,
      log: (level, message, fields) =>
        this.#options.log(level, message, { ...fields, tool: tool.name }),
    };
  }

  async #callDependency(
    targets: Targets,
    sibling: string | undefined,
    args: Record<string, unknown>,
    options: PortCallOptions,
    caller: Deadline,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const { config, fetch, replicas } = this.#options;
    const timeoutMs = Math.min(options.timeoutMs ?? config.callTimeoutMs, caller.remainingMs);
    using deadline = this.#deadlines.start(timeoutMs, options.signal);
    const { onChunk } = options;
    const outbound = { ...headers, ...options.headers };
    const attempt = async (target: Target): Promise<Answered> => {
      const tool = sibling ?? target.tool;
      if (target.agentId === config.agentId) {
        return { value: await this.#callSelf(tool, args, deadline, outbound, onChunk) };
      }
      return {
        result: await callTool(fetch, {
          endpoint: target.endpoint,
          tool,
          args,
          signal: deadline.signal,
          remainingMs: deadline.remainingMs,
          headers: outbound,
          ...(onChunk === undefined ? {} : { onChunk }),
        }),
      };
    };
    // Another replica need not have the sibling tool, nor its state: it is not spread.
    const answered = await replicas.call(targets, sibling === undefined, attempt);
    // Reading the result comes last: a tool's own failure says nothing about its replica.
    return "result" in answered ? decodeResult(answered.result) : answered.value;
  }

  /** A dependency on a tool of the same agent does not touch the network. */
  async #callSelf(
    name: string,
    args: Record<string, unknown>,
    deadline: Deadline,
    headers: Readonly<Record<string, string>>,
    onChunk: PortCallOptions["onChunk"],
  ): Promise<unknown> {
    const tool = this.#tool(name);
    const inbound: InboundCall = {
      tool: name,
      args,
      headers: new Headers(headers),
      signal: deadline.signal,
      emit: async (chunk) => await onChunk?.(chunk),
      progress: () => {},
    };
    await this.#options.settle.settled(tool, deadline.signal);
    const invoked = this.#options.host.invoke(
      name,
      args,
      this.#environment(tool, inbound, deadline),
    );
    return outcomeValue(await abortable(invoked, deadline.signal));
  }
}

function toolsOf(manifest: AgentManifest) {
  return { of: manifest, byName: new Map(manifest.tools.map((tool) => [tool.name, tool])) };
}

function withoutMeta(args: Record<string, unknown>): Record<string, unknown> {
  if (!META_ARGUMENTS.some((name) => name in args)) return args;
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => !META_ARGUMENTS.includes(name)),
  );
}
