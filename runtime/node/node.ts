/**
 * One agent as a member of the mesh: a host with the agent's code behind it, the wiring of its
 * dependencies, the HTTP surface, and the link to the registry. Binds no port and reads no
 * environment; whoever hosts it does.
 *
 * @module
 */
import type { CheckVerdict } from "../define/health_check.ts";
import { Calls } from "./calls.ts";
import { AgentMeter } from "./agent_meter.ts";
import type { AgentConfig } from "./config.ts";
import type { MeshError } from "../base/errors.ts";
import type { Host } from "../boundary/host.ts";
import type { RunningMember, Unresolved } from "../define/serving.ts";
import { gatewaySurface } from "./gateway_surface.ts";
import { httpSurface, type Surface } from "./http_surface.ts";
import type { Log } from "../base/log.ts";
import type { AgentManifest } from "../define/manifest.ts";
import { registration } from "../wiring/registration.ts";
import type { Outcome } from "../boundary/result.ts";
import type { CompletionRequest } from "../define/completion.ts";
import { type InboundCall, Listed, type McpServer } from "../mcp/agent_server.ts";
import { AgentMcp, sdkServer } from "../mcp/server.ts";
import { withSessions } from "../mcp/sessions.ts";
import { shortPath } from "../mcp/short_path.ts";
import { urlHost } from "../base/host_text.ts";
import type { RegistrationInput } from "../protocol/registration.ts";
import { hostname } from "node:os";
import type { SpanAgent } from "../protocol/trace.ts";
import { type Tracing, tracingOf } from "../tracing/tracing.ts";
import { RegistryLink } from "../wiring/heartbeat.ts";
import { Replicas } from "../wiring/replicas.ts";
import { Settle } from "../wiring/settle.ts";
import { Slots, type WiringAnswer } from "../wiring/slots.ts";
import { WiringStream } from "../wiring/stream.ts";
import type { NodeState } from "./probes.ts";

/** What a node needs. */
export interface MeshNodeOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly log: Log;
  /** How requests to peers and to the registry leave. */
  readonly fetch: typeof fetch;
}

/** Calls that go on while an agent stops. */
export interface Draining {
  /** How many are under way. */
  readonly calls: number;
  /** When they are cut off, in milliseconds since the epoch. */
  readonly until: number;
}

const NO_HURRY = new AbortController().signal;

/** One agent as a member of the mesh. */
export class MeshNode implements RunningMember {
  readonly config: AgentConfig;
  readonly #host: Host;
  readonly #log: Log;
  readonly #fetch: typeof fetch;
  readonly #slots: Slots;
  readonly #settle: Settle;
  readonly #listed: Listed;
  /** What it answers MCP with, unless it is a gateway. */
  readonly #mcp: McpServer | undefined;
  readonly #surface: Surface;
  readonly #replicas: Replicas;
  readonly #tracing: Tracing | undefined;
  readonly #meter: AgentMeter;
  readonly #calls: Calls;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #link: RegistryLink | undefined;
  #stream: WiringStream | undefined;
  #health: CheckVerdict = { status: "healthy" };
  #healthTimer: ReturnType<typeof setTimeout> | undefined;
  #healthLooks = 0;
  #trouble: MeshError | undefined;
  #state: NodeState = "starting";
  #port: number;
  #registeredAs: string | undefined;
  #askedAt: number | undefined;
  #syncedAt: number | undefined;
  #drainsUntil: number | undefined;

  constructor(options: MeshNodeOptions) {
    this.config = options.config;
    this.#host = options.host;
    this.#log = options.log;
    this.#fetch = options.fetch;
    this.#port = options.config.port;
    this.#slots = new Slots(options.host.manifest);
    this.#listed = new Listed(options.host.manifest);
    this.#settle = new Settle(this.#slots, options.config.settleMs);
    this.#replicas = new Replicas({
      onSuspect: ({ agentId, endpoint }) => {
        this.#log("warn", `${agentId} at ${endpoint} is set aside: it cannot be reached`);
        // The registry learns of it at once, for everybody.
        this.#link?.refresh();
      },
    });
    this.#tracing = tracingOf(options.config, {
      fetch: options.fetch,
      log: options.log,
      agent: () => this.#spanAgent(),
    });
    this.#meter = new AgentMeter({
      name: options.config.name,
      version: options.host.manifest.version,
      agentId: options.config.agentId,
      spans: this.#tracing?.counts,
    });
    this.#calls = new Calls({
      ...options,
      slots: this.#slots,
      settle: this.#settle,
      replicas: this.#replicas,
      tracer: this.#tracing?.tracer,
      meter: this.#meter,
    });
    this.#mcp = options.host.manifest.type === "api" ? undefined : this.#newMcp();
    this.#surface = this.#mcp === undefined ? gatewaySurface(this) : httpSurface(this, this.#mcp);
    this.#unsubscribe = options.host.listen({
      manifest: () => this.#described(),
      resourceUpdated: (uri) => this.#mcp?.resourceUpdated(uri),
    });
  }

  /** Its id in the mesh. */
  get agentId(): string {
    return this.config.agentId;
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
    return `http://${urlHost(this.config.advertisedHost)}:${this.#port}`;
  }

  /** What is wrong between the agent and the registry, if anything. */
  get trouble(): MeshError | undefined {
    return this.#trouble;
  }

  /** The calls that still go on while the agent stops; `undefined` unless it does. */
  get draining(): Draining | undefined {
    return this.#drainsUntil === undefined
      ? undefined
      : { calls: this.#calls.underWay, until: this.#drainsUntil };
  }

  /** Ids of the agents that its dependencies lead to. */
  get wiredTo(): ReadonlySet<string> {
    return this.#slots.agentIds();
  }

  /** The last verdict of the agent's health check. */
  get health(): CheckVerdict {
    return this.#health;
  }

  /** Whether the registry knows the agent. */
  get isRegistered(): boolean {
    return this.#registeredAs !== undefined;
  }

  /** When the registry was last asked, of what it has answered, in milliseconds since the epoch. */
  get askedAt(): number | undefined {
    return this.#askedAt;
  }

  /** When the wiring was last known to be current, in milliseconds since the epoch. */
  get syncedAt(): number | undefined {
    return this.#syncedAt;
  }

  /** Every declared dependency that leads nowhere. */
  get unresolved(): Unresolved[] {
    return this.#slots.unresolved();
  }

  /** Why no call is taken at the moment, if none is. */
  get refusal(): string | undefined {
    return this.#state === "stopping" || this.#state === "stopped"
      ? `agent "${this.config.name}" is shutting down`
      : this.#calls.refusal;
  }

  /** Runs `listener` after every change of registration, wiring, health or state. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response> {
    return this.#surface.fetch(request);
  }

  /** What it registers with, under a runtime name. */
  registration(runtime: string): RegistrationInput {
    const { agentId, instanceToken, name, namespace, advertisedHost } = this.config;
    const { toolMode } = this.config.llm;
    const address = { agentId, name, namespace, host: advertisedHost, port: this.#port, runtime };
    const { status, errors = [] } = this.#health;
    return {
      ...registration(this.manifest, { ...address, toolMode }),
      // Only ours reads these, and knows this runtime.
      ...(runtime === "deno" && { instance: { token: instanceToken } }),
      ...(status !== "healthy" && runtime === "deno" &&
        { health: { status, errors: [...errors] } }),
    };
  }

  /** Takes over the wiring of a heartbeat answer. */
  apply(answer: WiringAnswer): void {
    for (const { operation, dependency, capability, to } of this.#slots.apply(answer)) {
      this.#log(
        "info",
        to === undefined
          ? `${dependency} (${capability}) of ${operation} is not wired`
          : `${dependency} (${capability}) of ${operation} is wired to ${to.agentId}`,
      );
    }
    this.#replicas.retain(this.#slots.agentIds());
    this.#settle.answered();
    this.#changed();
  }

  /**
   * Joins the mesh: what the agent holds is opened, health checks begin, and unless `standalone` the
   * agent registers.
   *
   * @param port The port it is reached at.
   */
  async join(port: number, options: { readonly standalone?: boolean } = {}): Promise<void> {
    this.#port = port;
    // Calls may come before what the agent holds is open, which may take a while.
    this.#settle.open();
    try {
      await this.#host.open({
        log: this.#log,
        checkHealth: () => void this.#checkHealth(),
        dataFolder: this.config.dataFolder,
      }, this.config.llm);
    } catch (error) {
      this.#settle.close();
      throw error;
    }
    if (this.#state !== "starting") return;
    this.#state = "up";
    this.#meter.start();
    this.#settle.open();
    await this.#checkHealth();
    if (options.standalone !== true) {
      this.#link = this.#newLink();
      this.#stream = this.config.holdsStream ? this.#newStream() : undefined;
      this.#link.start();
    }
    this.#changed();
  }

  /**
   * Leaves the mesh: unregisters, lets calls in flight finish, closes the host.
   *
   * @param drainMs How long calls may go on, in milliseconds.
   * @param hurry Cuts them off earlier.
   */
  async shutdown(drainMs: number, hurry: AbortSignal = NO_HURRY): Promise<void> {
    if (this.#state === "stopping" || this.#state === "stopped") return;
    this.#state = "stopping";
    this.#drainsUntil = Date.now() + drainMs;
    this.#unsubscribe();
    clearTimeout(this.#healthTimer);
    this.#changed();
    const drained = this.#calls.drain(drainMs, hurry, () => this.#changed());
    // Callers are sent elsewhere while the calls that are here finish.
    await Promise.all([this.#stream?.close(), this.#link?.stop(), drained]);
    this.#settle.close();
    await this.#surface.close();
    await this.#host[Symbol.asyncDispose]();
    await this.#tracing?.close();
    this.#meter[Symbol.dispose]();
    this.#state = "stopped";
    this.#changed();
  }

  /** What it measures, as Prometheus reads it. */
  metrics(): string {
    return this.#meter.text();
  }

  /** Runs the agent's startup check. */
  startup(): Promise<CheckVerdict> {
    return this.#host.check("startup");
  }

  /** Serves one inbound call; see `AgentServer`. */
  call(inbound: InboundCall): Promise<Outcome> {
    return this.#calls.serve(inbound);
  }

  /**
   * Serves one request to a route.
   *
   * @throws {MeshError} Whatever it failed with.
   */
  answer(inbound: InboundCall): Promise<Outcome> {
    return this.#calls.answer(inbound);
  }

  /** Suggests values for an argument; see `AgentServer`. */
  complete(key: string, request: CompletionRequest): Promise<readonly string[]> {
    return this.#host.complete(key, request);
  }

  /** Who measures spans. */
  #spanAgent(): SpanAgent {
    const { agentId, name, namespace, advertisedHost } = this.config;
    return {
      id: agentId,
      name,
      version: this.manifest.version,
      namespace,
      runtime: "deno",
      hostname: hostName(),
      ip: advertisedHost,
      port: this.#port,
      endpoint: this.endpoint,
    };
  }

  #newMcp(): McpServer {
    const { stateKey, hasSessions } = this.config;
    const mcp = new AgentMcp(this, { stateKey });
    const stateless = sdkServer(mcp);
    const rest = hasSessions ? withSessions(mcp, stateless) : stateless;
    return shortPath(this, rest, mcp, hasSessions);
  }

  #newLink(): RegistryLink {
    const { agentId, instanceToken, heartbeatMs, registryUrl } = this.config;
    return new RegistryLink({
      url: registryUrl,
      agentId,
      instanceToken,
      heartbeatMs,
      fetch: this.#fetch,
      registration: (runtime) => {
        const observed = this.#replicas.takeObserved();
        return {
          ...this.registration(runtime),
          ...(observed.length === 0 ? {} : { observed_failures: observed }),
        };
      },
      isHealthy: () => this.#health.status !== "unhealthy",
      isImpatient: () => this.#settle.isOpen && this.unresolved.length > 0,
      onAnswer: (answer) => {
        if (this.#registeredAs === undefined) {
          this.#log("info", `registered as ${agentId} at ${registryUrl}`);
        }
        this.#registeredAs = answer.agent_id;
        this.#stream?.open();
        for (const warning of answer.warnings ?? []) this.#log("warn", `registry: ${warning}`);
        this.apply(answer);
      },
      onSynced: (askedAt) => {
        this.#meter.heartbeat("ok");
        this.#askedAt = askedAt;
        this.#syncedAt = Date.now();
        this.#changed();
      },
      onTrouble: (trouble) => {
        if (trouble !== undefined) this.#meter.heartbeat("failed");
        if (trouble === undefined) this.#log("info", `the registry at ${registryUrl} is back`);
        else if (trouble.message !== this.#trouble?.message) this.#log("warn", trouble.message);
        this.#trouble = trouble;
        this.#changed();
      },
    });
  }

  #newStream(): WiringStream {
    const { agentId, instanceToken, registryUrl } = this.config;
    return new WiringStream({
      url: registryUrl,
      agentId,
      instanceToken,
      fetch: this.#fetch,
      onWiring: () => this.#link?.refresh(),
    });
  }

  async #checkHealth(): Promise<void> {
    if (this.#state !== "up") return;
    clearTimeout(this.#healthTimer);
    const look = ++this.#healthLooks;
    const found = await this.#host.check("health");
    // Whoever asked later gets the newer verdict.
    if (look !== this.#healthLooks) return;
    const before = healthText(this.#health);
    this.#health = found;
    if (healthText(found) !== before) {
      this.#log("warn", `health is ${healthText(found)}`);
      this.#link?.refresh();
    }
    this.#changed();
    if (this.#state !== "up" || !this.manifest.healthCheck) return;
    this.#healthTimer = setTimeout(() => void this.#checkHealth(), this.config.healthCheckMs);
  }

  #described(): void {
    // What is new has yet to be wired: calls wait for that as they do after a start.
    if (this.#slots.describe(this.manifest) && this.#state === "up") this.#settle.open();
    this.#mcp?.listsChanged(this.#listed.take(this.manifest));
    this.#link?.refresh();
    this.#changed();
  }

  #changed(): void {
    this.#listeners.forEach((listener) => listener());
  }
}

/** The machine's name, if this process may know it. */
function hostName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? hostname() : undefined;
}

/** A verdict in words. */
function healthText({ status, errors = [] }: CheckVerdict): string {
  return errors.length === 0 ? status : `${status}: ${errors.join("; ")}`;
}
