/**
 * One agent as a member of the mesh: a host with the agent's code behind it, the wiring of its
 * dependencies, the HTTP surface, and the link to the registry. Binds no port and reads no
 * environment; whoever hosts it does.
 *
 * @module
 */
import { hostname } from "node:os";
import type { Log } from "../base/log.ts";
import type { Host } from "../boundary/host.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { RunningMember } from "../define/serving.ts";
import { Listed, type McpServer } from "../mcp/agent_server.ts";
import { AgentMcp, sdkServer } from "../mcp/server.ts";
import { withSessions } from "../mcp/sessions.ts";
import { shortPath } from "../mcp/short_path.ts";
import type { SpanAgent } from "../protocol/trace.ts";
import { type Tracing, tracingOf } from "../tracing/tracing.ts";
import type { WiringAnswer } from "../wiring/slots.ts";
import { Wiring } from "../wiring/wiring.ts";
import { AgentMeter } from "./agent_meter.ts";
import { Calls } from "./calls.ts";
import type { AgentConfig } from "./config.ts";
import { gatewaySurface } from "./gateway_surface.ts";
import { HealthWatch } from "./health_watch.ts";
import { httpSurface, type Surface } from "./http_surface.ts";
import { Member } from "./member.ts";
import { Membership } from "./membership.ts";
import type { Probed } from "./probes.ts";

/** Options of {@linkcode MeshNode}. */
export interface MeshNodeOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly log: Log;
  /** How requests to peers and to the registry leave. */
  readonly fetch: typeof fetch;
}

const NO_HURRY = new AbortController().signal;

/** A member of the mesh with the parts that serve it: it joins and leaves. */
export class MeshNode extends Member implements RunningMember, Probed {
  /** The calls of the agent. */
  readonly calls: Calls;
  readonly #options: MeshNodeOptions;
  readonly #wiring: Wiring;
  readonly #tracing: Tracing | undefined;
  readonly #meter: AgentMeter;
  readonly #health: HealthWatch;
  /** What it answers MCP with, unless it is a gateway. */
  readonly #mcp: McpServer | undefined;
  readonly #listed: Listed;
  readonly #surface: Surface;
  readonly #unsubscribe: () => void;
  #membership: Membership | undefined;

  constructor(options: MeshNodeOptions) {
    const { host, config, log, fetch } = options;
    const { manifest } = host;
    const wiring = new Wiring(manifest, {
      settleMs: config.settleMs,
      log,
      // The registry learns of it at once, for everybody.
      onSuspect: () => this.#membership?.refresh(),
    });
    super(host, config, wiring.slots);
    this.#options = options;
    this.#wiring = wiring;
    this.#tracing = tracingOf(config, { fetch, log, agent: () => spanAgent(this) });
    this.#meter = new AgentMeter({
      name: config.name,
      version: manifest.version,
      agentId: config.agentId,
      spans: this.#tracing?.counts,
    });
    this.calls = new Calls({
      ...options,
      wiring,
      tracer: this.#tracing?.tracer,
      meter: this.#meter,
    });
    this.#health = new HealthWatch({
      host,
      member: this,
      log,
      onVerdict: () => this.#membership?.refresh(),
    });
    this.#mcp = manifest.type === "api" ? undefined : mcpServer(this.calls, config);
    this.#listed = new Listed(manifest);
    this.#surface = this.#mcp === undefined
      ? gatewaySurface(this, this.calls)
      : httpSurface(this, this.calls, this.#mcp);
    this.#unsubscribe = host.listen({
      manifest: () => this.#described(),
      resourceUpdated: (uri) => this.#mcp?.resourceUpdated(uri),
    });
  }

  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response> {
    return this.#surface.fetch(request);
  }

  /** What it measures, as Prometheus reads it. */
  metrics(): string {
    return this.#meter.text();
  }

  /** Runs the agent's startup check. */
  startup(): Promise<CheckVerdict> {
    return this.#options.host.check("startup");
  }

  /** Takes over the wiring of a heartbeat answer. */
  apply(answer: WiringAnswer): void {
    this.#wiring.apply(answer);
    this.update();
  }

  /**
   * Joins the mesh: what the agent holds is opened, health checks begin, and unless `standalone` the
   * agent registers.
   *
   * @param port The port it is reached at.
   */
  async join(port: number, options: { readonly standalone?: boolean } = {}): Promise<void> {
    const { config } = this;
    const { host, log } = this.#options;
    const { settle } = this.#wiring;
    this.update({ port });
    // Calls may come before what the agent holds is open, which may take a while.
    settle.open();
    try {
      const checkHealth = () => void this.#health.look();
      await host.open({ log, checkHealth, dataFolder: config.dataFolder }, config.llm);
    } catch (error) {
      settle.close();
      throw error;
    }
    if (this.state !== "starting") return;
    this.update({ state: "up" });
    this.#meter.start();
    settle.open();
    await this.#health.look();
    if (options.standalone !== true) {
      this.#membership = new Membership({
        ...this.#options,
        member: this,
        wiring: this.#wiring,
        meter: this.#meter,
      });
      this.#membership.start();
    }
    this.update();
  }

  /**
   * Leaves the mesh: unregisters, lets calls in flight finish, closes the host.
   *
   * @param drainMs How long calls may go on, in milliseconds.
   * @param hurry Cuts them off earlier.
   */
  async shutdown(drainMs: number, hurry: AbortSignal = NO_HURRY): Promise<void> {
    if (this.state === "stopping" || this.state === "stopped") return;
    const until = Date.now() + drainMs;
    this.update({ state: "stopping" });
    this.#unsubscribe();
    this.#health[Symbol.dispose]();
    const drained = this.calls.drain(drainMs, hurry, (calls) => {
      this.update({ draining: { calls, until } });
    });
    // Callers are sent elsewhere while the calls that are here finish.
    await Promise.all([this.#membership?.stop(), drained]);
    this.#wiring.settle.close();
    await this.#surface.close();
    await this.#options.host[Symbol.asyncDispose]();
    await this.#tracing?.close();
    this.#meter[Symbol.dispose]();
    this.update({ state: "stopped" });
  }

  #described(): void {
    const { slots, settle } = this.#wiring;
    // What is new has yet to be wired: calls wait for that as they do after a start.
    if (slots.describe(this.manifest) && this.state === "up") settle.open();
    this.#mcp?.listsChanged(this.#listed.take(this.manifest));
    this.#membership?.refresh();
    this.update();
  }
}

function mcpServer(calls: Calls, { stateKey, hasSessions }: AgentConfig): McpServer {
  const mcp = new AgentMcp(calls, { stateKey });
  const stateless = sdkServer(mcp);
  const rest = hasSessions ? withSessions(mcp, stateless) : stateless;
  return shortPath(calls, rest, mcp, hasSessions);
}

/** Describes a member in the spans it measures. */
function spanAgent({ config, manifest, port, endpoint }: Member): SpanAgent {
  const { agentId, name, namespace, advertisedHost } = config;
  return {
    id: agentId,
    name,
    version: manifest.version,
    namespace,
    runtime: "deno",
    hostname: hostName(),
    ip: advertisedHost,
    port,
    endpoint,
  };
}

/** The machine's name, if this process may know it. */
function hostName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? hostname() : undefined;
}
