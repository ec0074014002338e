/**
 * The membership of an agent in the mesh of a registry: what is registered, and how the registry's
 * answers change the member and its wiring.
 *
 * @module
 */
import type { Log } from "../base/log.ts";
import type { HeartbeatResponse, RegistrationInput } from "../protocol/registration.ts";
import type { MeshError } from "../base/errors.ts";
import { RegistryLink } from "../wiring/heartbeat.ts";
import { registration } from "../wiring/registration.ts";
import { WiringStream } from "../wiring/stream.ts";
import type { Wiring } from "../wiring/wiring.ts";
import type { AgentMeter } from "./agent_meter.ts";
import type { Member } from "./member.ts";

/** Options of {@linkcode Membership}. */
export interface MembershipOptions {
  readonly member: Member;
  readonly wiring: Wiring;
  readonly meter: AgentMeter;
  readonly log: Log;
  /** How requests to the registry leave. */
  readonly fetch: typeof fetch;
}

/** The membership of one agent. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #link: RegistryLink;
  readonly #stream: WiringStream | undefined;

  constructor(options: MembershipOptions) {
    const { member, wiring } = options;
    const { agentId, instanceToken, heartbeatMs, registryUrl, holdsStream } = member.config;
    const registry = { url: registryUrl, agentId, instanceToken, fetch: options.fetch };
    this.#options = options;
    this.#link = new RegistryLink({
      ...registry,
      heartbeatMs,
      registration: (runtime) => {
        const observed = wiring.replicas.takeObserved();
        return {
          ...registrationOf(member, runtime),
          ...(observed.length === 0 ? {} : { observed_failures: observed }),
        };
      },
      isHealthy: () => member.health.status !== "unhealthy",
      isImpatient: () => wiring.settle.isOpen && member.unresolved.length > 0,
      onAnswer: (answer) => this.#answered(answer),
      onSynced: (askedAt) => {
        options.meter.heartbeat("ok");
        member.update({ askedAt, syncedAt: Date.now() });
      },
      onTrouble: (trouble) => this.#troubled(trouble),
    });
    this.#stream = holdsStream
      ? new WiringStream({ ...registry, onWiring: () => this.refresh() })
      : undefined;
  }

  /** Registers, and stays registered. */
  start(): void {
    this.#link.start();
  }

  /** Reports the present state to the registry at once. */
  refresh(): void {
    this.#link.refresh();
  }

  /** Unregisters. */
  async stop(): Promise<void> {
    await Promise.all([this.#stream?.close(), this.#link.stop()]);
  }

  #answered(answer: HeartbeatResponse): void {
    const { member, wiring, log } = this.#options;
    const { agentId, registryUrl } = member.config;
    if (!member.isRegistered) log("info", `registered as ${agentId} at ${registryUrl}`);
    this.#stream?.open();
    for (const warning of answer.warnings ?? []) log("warn", `registry: ${warning}`);
    wiring.apply(answer);
    member.update({ isRegistered: true });
  }

  #troubled(trouble: MeshError | undefined): void {
    const { member, meter, log } = this.#options;
    if (trouble === undefined) {
      log("info", `the registry at ${member.config.registryUrl} is back`);
    } else {
      meter.heartbeat("failed");
      if (trouble.message !== member.trouble?.message) log("warn", trouble.message);
    }
    member.update({ trouble });
  }
}

/** Returns the registration of a member under a runtime name. */
export function registrationOf(member: Member, runtime: string): RegistrationInput {
  const { agentId, instanceToken, name, namespace, advertisedHost, llm } = member.config;
  const { toolMode } = llm;
  const address = { agentId, name, namespace, host: advertisedHost, port: member.port, runtime };
  const { status, errors = [] } = member.health;
  return {
    ...registration(member.manifest, { ...address, toolMode }),
    // Only registries of Deno Mesh know this runtime, and read these.
    ...(runtime === "deno" && { instance: { token: instanceToken } }),
    ...(status !== "healthy" && runtime === "deno" &&
      { health: { status, errors: [...errors] } }),
  };
}
