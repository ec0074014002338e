/**
 * Replicas: the providers of one rank that a dependency may be sent to. Spreads calls over them, sets
 * one aside that cannot be reached, tries another when one refused at the door, and remembers what to tell
 * the registry. State is per provider, shared by all dependencies of an agent.
 *
 * @module
 */
import { Aside, firstBack, lessBusy } from "../base/balance.ts";
import type { Target } from "../define/dependency.ts";
import { isMeshError, type MeshError } from "../base/errors.ts";
import { resendOf } from "../base/resend.ts";
import type { ObservedFailure } from "../protocol/registration.ts";

/** How a call is made to one of several replicas. */
export interface Attempts<A, T> {
  /** Whether load is spread over them; otherwise the first that is well is taken. */
  readonly spread: boolean;
  /** Sends the call. */
  send(target: Target): Promise<A>;
  /** Reads the answer. What it throws says nothing about the replica. */
  read(answer: A): T;
  /** Whether another replica is tried after a call that did run. @default never */
  moves?(error: unknown, target: Target): boolean;
}

/** What replicas need from outside. */
export interface ReplicasOptions {
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** A replica was just set aside. */
  readonly onSuspect: (target: Target) => void;
}

/** Failures in a row, other than a refused connection, that set a replica aside. */
const FAILURES_TO_OPEN = 3;

interface Replica {
  inFlight: number;
  /** Failures in a row. */
  failures: number;
  /** A call after it is the probe. */
  readonly aside: Aside;
  probing: boolean;
  /** Failures not told to the registry yet. */
  unreported: number;
}

/** The providers an agent's dependencies lead to. */
export class Replicas {
  readonly #replicas = new Map<string, Replica>();
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #onSuspect: (target: Target) => void;

  constructor({ now = () => performance.now(), random = Math.random, onSuspect }: ReplicasOptions) {
    this.#now = now;
    this.#random = random;
    this.#onSuspect = onSuspect;
  }

  /**
   * Sends a call to one of `targets`, and to another one while each refuses it at the door.
   *
   * @param targets The registry's choice first; at least one.
   * @throws What the last attempt threw.
   */
  async call<A, T>(targets: readonly Target[], attempts: Attempts<A, T>): Promise<T> {
    let left = targets;
    for (;;) {
      const target = this.#pick(left, attempts.spread);
      try {
        return attempts.read(await this.#track(target, attempts));
      } catch (error) {
        left = left.filter((other) => other !== target);
        const moves = attempts.moves?.(error, target) === true;
        const isRefused = isMeshError(error) && resendOf(error) === "elsewhere";
        if (left.length === 0 || !(moves || isRefused)) throw error;
      }
    }
  }

  /** What was seen since the last time this was asked. */
  takeObserved(): ObservedFailure[] {
    const observed: ObservedFailure[] = [];
    for (const [agentId, replica] of this.#replicas) {
      if (replica.unreported > 0) {
        observed.push({ agent_id: agentId, failures: replica.unreported });
        replica.unreported = 0;
      }
    }
    return observed;
  }

  /** Forgets providers that nothing leads to any more. */
  retain(agentIds: ReadonlySet<string>): void {
    for (const [id, { inFlight }] of this.#replicas) {
      if (!agentIds.has(id) && inFlight === 0) this.#replicas.delete(id);
    }
  }

  #pick(targets: readonly Target[], spread: boolean): Target {
    const [first] = targets;
    if (first === undefined) throw new TypeError("a call needs at least one target");
    if (targets.length === 1) return first;
    const now = this.#now();
    const well = targets.filter((target) => this.#isWell(target, now));
    const [best] = well;
    if (best === undefined) {
      return firstBack(targets, (target) => this.#asideUntil(target)) ?? first;
    }
    if (!spread) return best;
    const busy = (target: Target) => this.#of(target).inFlight;
    return lessBusy(well, { busy, random: this.#random }) ?? best;
  }

  #isWell(target: Target, now: number): boolean {
    const replica = this.#replicas.get(target.agentId);
    return replica === undefined || replica.aside.until === 0 ||
      (now >= replica.aside.until && !replica.probing);
  }

  #asideUntil(target: Target): number {
    return this.#replicas.get(target.agentId)?.aside.until ?? 0;
  }

  #of(target: Target): Replica {
    let replica = this.#replicas.get(target.agentId);
    if (replica === undefined) {
      replica = {
        inFlight: 0,
        failures: 0,
        aside: new Aside(),
        probing: false,
        unreported: 0,
      };
      this.#replicas.set(target.agentId, replica);
    }
    return replica;
  }

  async #track<A>(target: Target, attempts: Pick<Attempts<A, unknown>, "send">): Promise<A> {
    const replica = this.#of(target);
    const probe = replica.aside.until !== 0 && !replica.probing;
    if (probe) replica.probing = true;
    replica.inFlight += 1;
    try {
      const answer = await attempts.send(target);
      replica.failures = 0;
      replica.aside.end();
      return answer;
    } catch (error) {
      if (isMeshError(error) && tellsOnReplica(error)) this.#failed(target, replica, error);
      throw error;
    } finally {
      replica.inFlight -= 1;
      if (probe) replica.probing = false;
    }
  }

  #failed(target: Target, replica: Replica, error: MeshError): void {
    replica.failures += 1;
    if (error.code !== "unreachable" && replica.failures < FAILURES_TO_OPEN) return;
    if (!replica.aside.begin(this.#now())) return;
    replica.unreported += replica.failures;
    this.#onSuspect(target);
  }
}

/** Whether a failure says something about the replica, not about the call. */
function tellsOnReplica({ code }: MeshError): boolean {
  return code === "unreachable" || code === "interrupted" || code === "overloaded";
}
