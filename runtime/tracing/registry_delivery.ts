/**
 * Spans to the registry, which keeps the recent ones: `POST /trace/spans` (`protocol/trace.ts`).
 *
 * @module
 */
import { memberOf } from "../base/json.ts";
import { errorText } from "../base/errors.ts";
import { boundedText } from "../base/bounded_body.ts";
import { boundedJson } from "../base/bounded_json.ts";
import {
  BATCH_BYTES_MAX,
  BATCH_SPANS_MAX,
  type SpanBatchInput,
  type SpanInput,
} from "../protocol/trace.ts";
import { retryAfterMs } from "../base/retry_after.ts";
import type { Delivered, SpanDelivery } from "./publisher.ts";

/** How spans reach the registry. */
export interface RegistryDeliveryOptions {
  /** Base URL of the registry. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Who measured them. */
  readonly agent: () => SpanBatchInput["agent"];
}

/** Longest wait for the registry's answer, in milliseconds. */
const ANSWER_MS = 5_000;

/** Delivers spans to the registry. */
export class RegistryDelivery implements SpanDelivery {
  readonly batchMax: number = BATCH_SPANS_MAX;
  readonly #options: RegistryDeliveryOptions;

  constructor(options: RegistryDeliveryOptions) {
    this.#options = options;
  }

  async deliver(
    spans: readonly SpanInput[],
    dropped: number,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const batch: SpanBatchInput = {
      agent: this.#options.agent(),
      spans,
      ...(dropped > 0 && { dropped }),
    };
    const body = new TextEncoder().encode(JSON.stringify(batch));
    if (body.length > BATCH_BYTES_MAX && spans.length > 1) {
      return await this.#halves(spans, dropped, signal);
    }
    const { url, fetch } = this.#options;
    try {
      const response = await fetch(`${url}/trace/spans`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      return await read(response, url);
    } catch (error) {
      return { kind: "failed", reason: `${url} takes no spans: ${errorText(error)}` };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #halves(
    spans: readonly SpanInput[],
    dropped: number,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const middle = Math.ceil(spans.length / 2);
    const first = await this.deliver(spans.slice(0, middle), dropped, signal);
    if (first.kind !== "taken") return first;
    const second = await this.deliver(spans.slice(middle), 0, signal);
    if (second.kind === "failed") return second;
    const { rejected = 0 } = first;
    // What was refused of it does not make the first half unsent.
    const more = second.kind === "refused" ? spans.length - middle : second.rejected ?? 0;
    return { kind: "taken", rejected: rejected + more };
  }
}

async function read(response: Response, url: string): Promise<Delivered> {
  if (response.ok) {
    const receipt: unknown = boundedJson(await boundedText(response));
    const rejected = memberOf(receipt, "rejected");
    return { kind: "taken", ...(typeof rejected === "number" && { rejected }) };
  }
  await response.body?.cancel();
  const reason = `${url} answered ${response.status} to spans`;
  if (response.status < 500 && response.status !== 429 && response.status !== 408) {
    return { kind: "refused", reason };
  }
  const wait = retryAfterMs(response.headers);
  return { kind: "failed", reason, ...(wait !== undefined && { retryAfterMs: wait }) };
}
