/**
 * The wiring stream: one connection to the registry over which an agent is told of a rewiring at
 * once, instead of at its next heartbeat. Our addition to the reference's protocol: a registry that
 * does not know it answers an error, and the agent does without.
 *
 * @module
 */
import { sleep } from "../base/sleep.ts";
import { backoffMs } from "../base/backoff.ts";
import { keptWithBody } from "../base/kept_response.ts";
import { INSTANCE_HEADER } from "../protocol/registration.ts";
import { readEvents } from "../base/sse.ts";

/** What the stream needs. */
export interface WiringStreamOptions {
  /** Base URL of the registry. */
  readonly url: string;
  readonly agentId: string;
  /** Shown to the registry. Secret. */
  readonly instanceToken: string;
  readonly fetch: typeof fetch;
  /** The wiring differs from what the agent was last told: it should register again. */
  readonly onWiring: () => void;
}

/** Longest event, in characters: what is in it says nothing that is read. */
const EVENT_MAX = 64 * 1024;
/** First and longest wait before connecting again, in milliseconds. */
const RECONNECT = { firstMs: 500, longestMs: 30_000 };

/** An agent's wiring stream. */
export class WiringStream {
  readonly #options: WiringStreamOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: WiringStreamOptions) {
    this.#options = options;
  }

  /** Connects unless it is connected, or the registry has said that it has no such stream. */
  open(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let attempts = 1;
    while (!this.#stop.signal.aborted) {
      const end = await this.#follow();
      if (end === "unknown") {
        // Registering again opens it anew.
        this.#loop = undefined;
        return;
      }
      attempts = end === "followed" ? 1 : attempts + 1;
      await sleep(backoffMs(RECONNECT, attempts, Math.random()), this.#stop.signal);
    }
  }

  /** Follows one connection to its end. */
  async #follow(): Promise<"followed" | "failed" | "unknown"> {
    const { url, agentId, instanceToken, fetch, onWiring } = this.#options;
    let followed = false;
    try {
      const response = keptWithBody(
        await fetch(`${url}/heartbeat/${encodeURIComponent(agentId)}/stream`, {
          headers: { accept: "text/event-stream", [INSTANCE_HEADER]: instanceToken },
          signal: this.#stop.signal,
        }),
      );
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        return response.status >= 400 && response.status < 500 ? "unknown" : "failed";
      }
      followed = true;
      for await (const { event } of readEvents(response.body, { maxLength: EVENT_MAX })) {
        if (event === "wiring") onWiring();
      }
    } catch {
      // A registry that is gone: heartbeats tell of that, and the stream comes back with it.
    }
    return followed ? "followed" : "failed";
  }
}
