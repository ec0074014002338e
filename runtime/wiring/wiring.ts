/**
 * The wiring of one agent: the providers that its dependencies lead to, their replicas, and the calls
 * that wait for a provider.
 *
 * @module
 */
import type { Log } from "../base/log.ts";
import type { AgentManifest } from "../define/manifest.ts";
import { Replicas } from "./replicas.ts";
import { Settle } from "./settle.ts";
import { Slots, type WiringAnswer } from "./slots.ts";

/** Options of {@linkcode Wiring}. */
export interface WiringOptions {
  /** How long calls wait for a provider, in milliseconds. */
  readonly settleMs: number;
  readonly log: Log;
  /** Runs when a replica is set aside because it cannot be reached. */
  readonly onSuspect: () => void;
}

/** The wiring of one agent. */
export class Wiring {
  readonly slots: Slots;
  readonly settle: Settle;
  readonly replicas: Replicas;
  readonly #log: Log;

  constructor(manifest: AgentManifest, { settleMs, log, onSuspect }: WiringOptions) {
    this.#log = log;
    this.slots = new Slots(manifest);
    this.settle = new Settle(this.slots, settleMs);
    this.replicas = new Replicas({
      onSuspect: ({ agentId, endpoint }) => {
        log("warn", `${agentId} at ${endpoint} is set aside: it cannot be reached`);
        onSuspect();
      },
    });
  }

  /** Takes over the wiring of a heartbeat answer. */
  apply(answer: WiringAnswer): void {
    for (const { operation, dependency, capability, to } of this.slots.apply(answer)) {
      const wired = to === undefined ? "is not wired" : `is wired to ${to.agentId}`;
      this.#log("info", `${dependency} (${capability}) of ${operation} ${wired}`);
    }
    this.replicas.retain(this.slots.agentIds());
    this.settle.answered();
  }
}
