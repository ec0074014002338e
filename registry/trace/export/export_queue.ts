/**
 * Spans on their way to an exporter: in batches, again after growing pauses while it does not take
 * them, and never more than there is room for.
 *
 * @module
 */
import { backoffMs } from "../../../runtime/base/backoff.ts";
import type { MeasuredSpan } from "../../../runtime/protocol/trace_stream.ts";
import type { Exporter } from "./exporter.ts";

/** What {@linkcode ExportQueue} works with. */
export interface ExportQueueOptions {
  exporter: Exporter;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line when passing on begins to fail, and when it works again. */
  log: (line: string) => void;
  /** Hears how many spans were passed on, refused by the other side, or had no room. */
  count: (outcome: "exported" | "refused" | "dropped", spans: number) => void;
  /** From 0 to 1, to spread pauses. @default Math.random */
  random?: () => number;
  /** Most spans waiting. @default 20000 */
  room?: number;
}

/** Most spans waiting. */
export const EXPORT_ROOM = 20_000;
/** Spans of one batch: what OpenTelemetry's own batches have. */
export const EXPORT_BATCH = 512;
/** Pauses between attempts, milliseconds. */
const PAUSE = { firstMs: 1_000, longestMs: 30_000 };

/** Passes spans on to one exporter. */
export class ExportQueue {
  readonly #options: ExportQueueOptions;
  readonly #room: number;
  #waiting: MeasuredSpan[] = [];
  #failures = 0;
  #refusing = false;
  #notBefore = 0;

  constructor(options: ExportQueueOptions) {
    this.#options = options;
    this.#room = options.room ?? EXPORT_ROOM;
  }

  /** Spans that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Whether a batch is full. */
  get isDue(): boolean {
    return this.#waiting.length >= EXPORT_BATCH && this.#failures === 0;
  }

  /** Takes spans that have ended; those there is no room for are dropped and counted. */
  add(measured: readonly MeasuredSpan[]): void {
    const ended = measured.filter(({ span }) => span.duration_us !== undefined);
    const fitting = ended.slice(0, Math.max(0, this.#room - this.#waiting.length));
    this.#waiting.push(...fitting);
    if (fitting.length < ended.length) {
      this.#options.count("dropped", ended.length - fitting.length);
    }
  }

  /**
   * Passes on what waits, until nothing does or the other side wants a pause. To be called by one at
   * a time.
   */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 && this.#options.now() >= this.#notBefore) {
      const batch = this.#waiting.slice(0, EXPORT_BATCH);
      if (!await this.#export(batch)) return;
      this.#waiting.splice(0, batch.length);
    }
  }

  /** Gives up what waits: drops and counts it, and says so. To be called once nothing is under way. */
  abandon(): void {
    const lost = this.#waiting.length;
    if (lost === 0) return;
    this.#waiting = [];
    const { count, exporter, log } = this.#options;
    count("dropped", lost);
    log(
      `${lost} spans were not passed on to ${exporter.name} before the end, and will not be; ` +
        "those the registry still keeps are at /traces",
    );
  }

  /** Whether a batch is done with. */
  async #export(batch: readonly MeasuredSpan[]): Promise<boolean> {
    const { exporter, count, log, now, random = Math.random } = this.#options;
    const outcome = await exporter.export(batch);
    if (outcome.kind === "taken") {
      const { refused = 0 } = outcome;
      count("exported", batch.length - refused);
      if (refused > 0) count("refused", refused);
      if (this.#failures > 0) log(`spans are passed on to ${exporter.name} again`);
      this.#failures = 0;
      this.#refusing = false;
      return true;
    }
    if (outcome.kind === "refused") {
      count("refused", batch.length);
      if (!this.#refusing) log(`${exporter.name} does not take spans: ${outcome.reason}`);
      this.#failures = 0;
      this.#refusing = true;
      return true;
    }
    if (this.#failures === 0) {
      log(
        `spans cannot be passed on to ${exporter.name}: ${outcome.reason}; ` +
          `up to ${this.#room} wait until they can`,
      );
    }
    this.#failures += 1;
    const pause = backoffMs(PAUSE, this.#failures, random());
    this.#notBefore = now() + Math.max(outcome.afterMs ?? 0, pause);
    return false;
  }
}
