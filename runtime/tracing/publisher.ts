/**
 * Publishes spans: keeps those that have ended until they are delivered, a bounded number of them.
 * What it is given never waits and never fails; what there is no room for is dropped, the oldest
 * first, and counted.
 *
 * @module
 */
import { backoffMs } from "../base/backoff.ts";
import { errorText } from "../base/errors.ts";
import type { SpanInput } from "../protocol/trace.ts";

/** What became of a batch. */
export type Delivered =
  /** It is there, but for `rejected` spans of it. */
  | { readonly kind: "taken"; readonly rejected?: number }
  /** It is not wanted, and would not be if it came again. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It may be sent again, after a while if one is named. */
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs?: number };

/** Where spans go. */
export interface SpanDelivery {
  /** Spans of one batch at most. */
  readonly batchMax: number;
  /**
   * Delivers a batch.
   *
   * @param dropped Spans dropped since the last batch that was taken.
   * @param signal Gives it up.
   */
  deliver(spans: readonly SpanInput[], dropped: number, signal: AbortSignal): Promise<Delivered>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}

/** What a publisher needs. */
export interface SpanPublisherOptions {
  readonly delivery: SpanDelivery;
  /** Spans kept at most. @default {10_000} */
  readonly capacity?: number;
  /** How long a span waits for others to be sent with, in milliseconds. @default {500} */
  readonly lingerMs?: number;
  /** Told once when spans cannot be delivered, and once when they can again, with `undefined`. */
  readonly onTrouble?: (reason: string | undefined) => void;
  /** Called before each batch. */
  readonly onBatch?: () => void;
}

/** How many spans came to what. */
export interface SpanCounts {
  readonly published: number;
  /** There was no room for them. */
  readonly dropped: number;
  /** They were not wanted. */
  readonly rejected: number;
}

/** First and longest wait before a batch is sent again. */
const RETRY = { firstMs: 500, longestMs: 10_000 };
/** How much is dropped at once, of all there is room for: dropping one by one would copy for each. */
const DROPPED_AT_ONCE = 1 / 20;

/** Publishes the spans of one agent. */
export class SpanPublisher {
  readonly #options: Required<Pick<SpanPublisherOptions, "capacity" | "lingerMs">>;
  readonly #delivery: SpanDelivery;
  readonly #onTrouble: (reason: string | undefined) => void;
  readonly #onBatch: () => void;
  #spans: SpanInput[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The batch under way. */
  #sending: Promise<void> | undefined;
  readonly #stop = new AbortController();
  #isClosing = false;
  /** Batches in a row that were not taken. */
  #failures = 0;
  /** While it waits to send again, more spans are no reason to send at once. */
  #isWaiting = false;
  #published = 0;
  #dropped = 0;
  #rejected = 0;
  /** Those dropped that no batch has told of. */
  #untold = 0;

  constructor(options: SpanPublisherOptions) {
    const { delivery, capacity = 10_000, lingerMs = 500 } = options;
    this.#delivery = delivery;
    this.#options = { capacity, lingerMs };
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#onBatch = options.onBatch ?? (() => {});
  }

  /** How many spans came to what. */
  get counts(): SpanCounts {
    return { published: this.#published, dropped: this.#dropped, rejected: this.#rejected };
  }

  /** Takes a span. */
  offer(span: SpanInput): void {
    if (this.#stop.signal.aborted) return this.#drop(1);
    this.#spans.push(span);
    if (this.#spans.length > this.#options.capacity) this.#makeRoom();
    if (this.#sending !== undefined || this.#isWaiting) return;
    if (this.#spans.length >= this.#delivery.batchMax) this.#sendSoon(0);
    else if (this.#timer === undefined) this.#sendSoon(this.#options.lingerMs);
  }

  /**
   * Sends what is left and ends.
   *
   * @param withinMs Longest time that takes; what is left then is dropped.
   */
  async close(withinMs: number): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const overtime = setTimeout(() => this.#stop.abort(), withinMs);
    await this.#sending;
    while (this.#spans.length > 0 && !this.#stop.signal.aborted) {
      const before = this.#spans.length;
      await this.#send();
      // Nobody is there to take them.
      if (this.#spans.length >= before) break;
    }
    clearTimeout(overtime);
    this.#stop.abort();
    this.#drop(this.#spans.length);
    this.#spans = [];
    await this.#delivery.close();
  }

  #sendSoon(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isWaiting = false;
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        if (!this.#isClosing && !this.#isWaiting && this.#spans.length > 0) {
          this.#sendSoon(
            this.#spans.length >= this.#delivery.batchMax ? 0 : this.#options.lingerMs,
          );
        }
      });
    }, ms);
  }

  /** Sends one batch. */
  async #send(): Promise<void> {
    this.#onBatch();
    const batch = this.#spans.splice(0, this.#delivery.batchMax);
    const told = this.#untold;
    const delivered = await this.#deliver(batch, told);
    switch (delivered.kind) {
      case "taken": {
        const { rejected = 0 } = delivered;
        this.#published += batch.length - rejected;
        this.#rejected += rejected;
        this.#untold -= told;
        this.#recovered();
        return;
      }
      case "refused":
        this.#rejected += batch.length;
        this.#failed(delivered.reason);
        return;
      case "failed":
        this.#spans.unshift(...batch);
        if (this.#spans.length > this.#options.capacity) this.#makeRoom();
        this.#failed(delivered.reason, delivered.retryAfterMs);
    }
  }

  /** Delivers a batch. Whatever a delivery fails with, nobody waits for it who could be told. */
  async #deliver(batch: readonly SpanInput[], dropped: number): Promise<Delivered> {
    try {
      return await this.#delivery.deliver(batch, dropped, this.#stop.signal);
    } catch (error) {
      return { kind: "failed", reason: `spans cannot be sent: ${errorText(error)}` };
    }
  }

  #recovered(): void {
    if (this.#failures > 0) this.#onTrouble(undefined);
    this.#failures = 0;
  }

  #failed(reason: string, retryAfterMs = 0): void {
    if (this.#failures === 0) this.#onTrouble(reason);
    this.#failures += 1;
    const wait = Math.max(retryAfterMs, backoffMs(RETRY, this.#failures));
    if (this.#isClosing) return;
    this.#isWaiting = true;
    this.#sendLater(wait);
  }

  #sendLater(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isWaiting = false;
      if (this.#spans.length > 0) this.#sendSoon(0);
    }, ms);
  }

  #makeRoom(): void {
    const { capacity } = this.#options;
    const excess = this.#spans.length - capacity + Math.floor(capacity * DROPPED_AT_ONCE);
    this.#spans.splice(0, excess);
    this.#drop(excess);
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#untold += count;
  }
}
