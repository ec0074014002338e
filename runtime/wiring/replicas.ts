/**
 * Replicas: the providers of one rank that a dependency may be sent to. Spreads calls over them, sets
 * one aside that cannot be reached, tries another when one refused at the door, and remembers what to tell
 * the registry. State is per provider, shared by all dependencies of an agent.
 *
 * @module
 */
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
/** First and longest time a replica is set aside, in milliseconds; doubles while its probes fail. */
const ASIDE_MS = { first: 500, longest: 30_000 };

interface Replica {
  inFlight: number;
  /** Failures in a row. */
  failures: number;
  /** Set aside until then; a call after it is the probe. */
  asideUntil: number;
  asideMs: number;
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
    // When all are set aside, the one that has been so for longest is as good a guess as any.
    if (well.length === 0) return targets.reduce((a, b) => this.#aside(b) < this.#aside(a) ? b : a);
    const [best = first] = well;
    if (!spread || well.length === 1) return best;
    // Two random picks, the less busy one: close to the best choice, without looking at all.
    const one = this.#randomOf(well);
    const other = this.#randomOf(well.filter((target) => target !== one));
    return this.#of(other).inFlight < this.#of(one).inFlight ? other : one;
  }

  #randomOf(targets: readonly Target[]): Target {
    // The index is within the array, which is not empty: both callers saw to it.
    return targets[Math.floor(this.#random() * targets.length)]!;
  }

  #isWell(target: Target, now: number): boolean {
    const replica = this.#replicas.get(target.agentId);
    return replica === undefined || replica.asideUntil === 0 ||
      (now >= replica.asideUntil && !replica.probing);
  }

  #aside(target: Target): number {
    return this.#replicas.get(target.agentId)?.asideUntil ?? 0;
  }

  #of(target: Target): Replica {
    let replica = this.#replicas.get(target.agentId);
    if (replica === undefined) {
      replica = {
        inFlight: 0,
        failures: 0,
        asideUntil: 0,
        asideMs: ASIDE_MS.first,
        probing: false,
        unreported: 0,
      };
      this.#replicas.set(target.agentId, replica);
    }
    return replica;
  }

  async #track<A>(target: Target, attempts: Pick<Attempts<A, unknown>, "send">): Promise<A> {
    const replica = this.#of(target);
    const probe = replica.asideUntil !== 0 && !replica.probing;
    if (probe) replica.probing = true;
    replica.inFlight += 1;
    try {
      const answer = await attempts.send(target);
      replica.failures = 0;
      replica.asideUntil = 0;
      replica.asideMs = ASIDE_MS.first;
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
    const now = this.#now();
    // Calls that were under way when it was set aside add nothing new.
    if (now < replica.asideUntil) return;
    replica.asideUntil = now + replica.asideMs;
    replica.asideMs = Math.min(replica.asideMs * 2, ASIDE_MS.longest);
    replica.unreported += replica.failures;
    this.#onSuspect(target);
  }
}

/** Whether a failure says something about the replica, not about the call. */
function tellsOnReplica({ code }: MeshError): boolean {
  return code === "unreachable" || code === "interrupted" || code === "overloaded";
}
