/**
 * One agent as a member of the mesh: a host with the agent's code behind it, the wiring of its
 * dependencies, the HTTP surface, and the link to the registry. Binds no port and reads no
 * environment; whoever hosts it does.
 *
 * @module
 */
import type { CheckVerdict } from "./agent.ts";
import type { AgentConfig } from "./config.ts";
import { abortable, Deadline, parseTimeout, TIMEOUT_HEADER } from "./deadline.ts";
import type { Target } from "./dependency.ts";
import { MeshError } from "./errors.ts";
import { allowedHeaders, traceHeaders, traceOf } from "./headers.ts";
import type { CallEnvironment, DependencyPort, Host, PortCallOptions } from "./host/host.ts";
import type { Unresolved } from "./host/plan.ts";
import { httpSurface } from "./http_surface.ts";
import type { Log } from "./log.ts";
import { type AgentManifest, registration, type ToolManifest } from "./manifest.ts";
import { callTool } from "./mcp/client.ts";
import {
  asMeshError,
  type CallToolResult,
  decodeResult,
  errorToResult,
  outcomeToResult,
  outcomeValue,
} from "./mcp/result.ts";
import { type InboundCall, type McpServer, mcpServer } from "./mcp/server.ts";
import type { HeartbeatResponse, RegistrationInput } from "./protocol/registration.ts";
import { RegistryLink } from "./wiring/heartbeat.ts";
import { Settle } from "./wiring/settle.ts";
import { Slots } from "./wiring/slots.ts";

/** What a node needs. */
export interface MeshNodeOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly log: Log;
  /** How requests to peers and to the registry leave. */
  readonly fetch: typeof fetch;
}

/** Where a node stands. */
export type NodeState = "starting" | "up" | "stopping" | "stopped";

/** In-argument fallbacks for headers that the reference's agents send (registry-protocol §4.2). */
const META_ARGUMENTS = ["_trace_id", "_parent_span", "_mesh_headers"];

/** One agent as a member of the mesh. */
export class MeshNode {
  readonly config: AgentConfig;
  readonly #host: Host;
  readonly #log: Log;
  readonly #fetch: typeof fetch;
  readonly #slots: Slots;
  readonly #settle: Settle;
  readonly #mcp: McpServer;
  readonly #surface: (request: Request) => Promise<Response>;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #link: RegistryLink | undefined;
  #health: CheckVerdict = { status: "healthy" };
  #healthTimer: ReturnType<typeof setTimeout> | undefined;
  #trouble: MeshError | undefined;
  #state: NodeState = "starting";
  #port: number;
  #registeredAs: string | undefined;
  #syncedAt: number | undefined;

  constructor(options: MeshNodeOptions) {
    this.config = options.config;
    this.#host = options.host;
    this.#log = options.log;
    this.#fetch = options.fetch;
    this.#port = options.config.port;
    this.#slots = new Slots(options.host.manifest);
    this.#settle = new Settle(this.#slots, options.config.settleMs);
    this.#mcp = mcpServer(this);
    this.#surface = httpSurface(this, this.#mcp);
    this.#unsubscribe = options.host.onManifest(() => this.#described());
  }

  /** What the agent says about itself right now. */
  get manifest(): AgentManifest {
    return this.#host.manifest;
  }

  /** Where the node stands. */
  get state(): NodeState {
    return this.#state;
  }

  /** The port it is reached at. */
  get port(): number {
    return this.#port;
  }

  /** The address the registry hands out for it. */
  get endpoint(): string {
    return `http://${this.config.advertisedHost}:${this.#port}`;
  }

  /** What is wrong between the agent and the registry, if anything. */
  get trouble(): MeshError | undefined {
    return this.#trouble;
  }

  /** The last verdict of the agent's health check. */
  get health(): CheckVerdict {
    return this.#health;
  }

  /** Whether the registry knows the agent. */
  get isRegistered(): boolean {
    return this.#registeredAs !== undefined;
  }

  /** When the wiring was last known to be current, in milliseconds since the epoch. */
  get syncedAt(): number | undefined {
    return this.#syncedAt;
  }

  /** Every declared dependency that leads nowhere. */
  get unresolved(): Unresolved[] {
    return this.#slots.unresolved();
  }

  /** Runs `listener` after every change of registration, wiring, health or state. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response> {
    return this.#surface(request);
  }

  /** What it registers with, under a runtime name. */
  registration(runtime: string): RegistrationInput {
    const { agentId, name, namespace, advertisedHost } = this.config;
    return registration(this.manifest, {
      agentId,
      name,
      namespace,
      host: advertisedHost,
      port: this.#port,
      runtime,
    });
  }

  /** Takes over the wiring of a heartbeat answer. */
  apply(answer: Pick<HeartbeatResponse, "dependencies_resolved">): void {
    for (
      const { tool, dependency, capability, to } of this.#slots.apply(answer.dependencies_resolved)
    ) {
      this.#log(
        "info",
        to === undefined
          ? `${dependency} (${capability}) of ${tool} is not wired`
          : `${dependency} (${capability}) of ${tool} is wired to ${to.agentId}`,
      );
    }
    this.#settle.answered();
    this.#changed();
  }

  /**
   * Joins the mesh: health checks begin, and unless `standalone` the agent registers.
   *
   * @param port The port it is reached at.
   */
  async join(port: number, options: { readonly standalone?: boolean } = {}): Promise<void> {
    this.#port = port;
    this.#state = "up";
    this.#settle.open();
    await this.#checkHealth();
    if (options.standalone !== true) {
      this.#link = this.#newLink();
      this.#link.start();
    }
    this.#changed();
  }

  /**
   * Leaves the mesh: unregisters, lets calls in flight finish, closes the host.
   *
   * @param drainMs How long calls may go on, in milliseconds.
   */
  async shutdown(drainMs: number): Promise<void> {
    if (this.#state === "stopping" || this.#state === "stopped") return;
    this.#state = "stopping";
    this.#unsubscribe();
    clearTimeout(this.#healthTimer);
    // First nobody is sent here any more, then those who are here finish.
    await this.#link?.stop();
    const drained = Promise.allSettled(this.#inFlight);
    const overtime = Promise.withResolvers<void>();
    const timer = setTimeout(overtime.resolve, drainMs);
    await Promise.race([drained, overtime.promise]);
    clearTimeout(timer);
    this.#settle.close();
    await this.#mcp.close();
    await this.#host[Symbol.asyncDispose]();
    this.#state = "stopped";
    this.#changed();
  }

  /** Runs the agent's startup check. */
  startup(): Promise<CheckVerdict> {
    return this.#host.check("startup");
  }

  /** Serves one inbound call; see `ToolServer`. */
  async call(inbound: InboundCall): Promise<CallToolResult> {
    const tool = this.#tool(inbound.tool);
    const running = this.#serve(tool, inbound);
    this.#inFlight.add(running);
    try {
      return await running;
    } finally {
      this.#inFlight.delete(running);
    }
  }

  #tool(name: string): ToolManifest {
    const tool = this.manifest.tools.find((tool) => tool.name === name);
    if (tool === undefined) {
      throw new MeshError("not_found", `agent "${this.config.name}" has no tool "${name}"`);
    }
    return tool;
  }

  async #serve(tool: ToolManifest, inbound: InboundCall): Promise<CallToolResult> {
    const started = performance.now();
    const budget = parseTimeout(inbound.headers.get(TIMEOUT_HEADER)) ?? this.config.callTimeoutMs;
    using deadline = new Deadline(budget, inbound.signal);
    try {
      if (this.#state === "stopping" || this.#state === "stopped") {
        throw new MeshError("overloaded", `agent "${this.config.name}" is shutting down`);
      }
      await this.#settle.settled(tool, deadline.signal);
      const environment = this.#environment(tool, inbound, deadline);
      const outcome = await abortable(
        this.#host.invoke(tool.name, withoutMeta(inbound.args), environment),
        deadline.signal,
      );
      return outcomeToResult(outcome);
    } catch (thrown) {
      const error = inbound.signal.aborted && deadline.signal.reason === inbound.signal.reason
        ? new MeshError("cancelled", "the caller went away", { cause: thrown })
        : asMeshError(thrown, "tool_failed");
      this.#log(
        "warn",
        `${tool.name} failed after ${Math.round(performance.now() - started)} ms: ${error.message}`,
        { code: error.code },
      );
      return errorToResult(error);
    }
  }

  #environment(tool: ToolManifest, inbound: InboundCall, deadline: Deadline): CallEnvironment {
    const trace = traceOf(inbound.headers);
    const headers = allowedHeaders(inbound.headers, this.config.propagateHeaders);
    const outbound = { ...headers, ...traceHeaders(trace) };
    const wired = this.#slots.of(tool.name);
    const dependencies = new Map<string, DependencyPort>();
    for (const { name, capability, required } of tool.dependencies) {
      const target = wired.get(name);
      if (target !== undefined) {
        dependencies.set(name, {
          target,
          call: (tool, args, options) =>
            this.#callTarget(target, tool ?? target.tool, args, options, deadline, outbound),
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
      log: (level, message, fields) => this.#log(level, message, { ...fields, tool: tool.name }),
    };
  }

  async #callTarget(
    target: Target,
    tool: string,
    args: Record<string, unknown>,
    options: PortCallOptions,
    caller: Deadline,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const timeoutMs = Math.min(options.timeoutMs ?? this.config.callTimeoutMs, caller.remainingMs);
    using deadline = new Deadline(timeoutMs, options.signal);
    const onChunk = options.onChunk;
    const outbound = { ...headers, ...options.headers };
    if (target.agentId === this.config.agentId) {
      return await this.#callSelf(tool, args, deadline, outbound, onChunk);
    }
    return decodeResult(
      await callTool(this.#fetch, {
        endpoint: target.endpoint,
        tool,
        args,
        signal: deadline.signal,
        remainingMs: deadline.remainingMs,
        headers: outbound,
        ...(onChunk === undefined ? {} : { onChunk }),
      }),
    );
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
    await this.#settle.settled(tool, deadline.signal);
    const invoked = this.#host.invoke(name, args, this.#environment(tool, inbound, deadline));
    return outcomeValue(await abortable(invoked, deadline.signal));
  }

  #newLink(): RegistryLink {
    const { agentId, heartbeatMs, registryUrl } = this.config;
    return new RegistryLink({
      url: registryUrl,
      agentId,
      heartbeatMs,
      fetch: this.#fetch,
      registration: (runtime) => this.registration(runtime),
      isHealthy: () => this.#health.status !== "unhealthy",
      isImpatient: () => this.#settle.isOpen && this.unresolved.length > 0,
      onAnswer: (answer) => {
        if (this.#registeredAs === undefined) {
          this.#log("info", `registered as ${agentId} at ${registryUrl}`);
        }
        this.#registeredAs = answer.agent_id;
        for (const warning of answer.warnings ?? []) this.#log("warn", `registry: ${warning}`);
        this.apply(answer);
      },
      onSynced: () => {
        this.#syncedAt = Date.now();
        this.#changed();
      },
      onTrouble: (trouble) => {
        if (trouble === undefined) this.#log("info", `the registry at ${registryUrl} is back`);
        else if (trouble.message !== this.#trouble?.message) this.#log("warn", trouble.message);
        this.#trouble = trouble;
        this.#changed();
      },
    });
  }

  async #checkHealth(): Promise<void> {
    if (!this.manifest.healthCheck) return;
    const before = this.#health.status;
    this.#health = await this.#host.check("health");
    if (this.#health.status !== before) {
      const errors = this.#health.errors?.join("; ");
      this.#log("warn", `health is ${this.#health.status}${errors ? `: ${errors}` : ""}`);
      this.#link?.refresh();
    }
    this.#changed();
    if (this.#state !== "up") return;
    this.#healthTimer = setTimeout(() => void this.#checkHealth(), this.config.healthCheckMs);
  }

  #described(): void {
    this.#slots.describe(this.manifest);
    this.#mcp.toolsChanged();
    this.#link?.refresh();
    this.#changed();
  }

  #changed(): void {
    this.#listeners.forEach((listener) => listener());
  }
}

function withoutMeta(args: Record<string, unknown>): Record<string, unknown> {
  if (!META_ARGUMENTS.some((name) => name in args)) return args;
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => !META_ARGUMENTS.includes(name)),
  );
}
