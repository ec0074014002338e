/**
 * The link to the registry: registering, the cheap keep-alive, and finding the way back after an
 * outage (registry-protocol §1.3, §1.4, §2.4). Owns all traffic to the registry of one agent.
 *
 * @module
 */
import { sleep } from "../base/sleep.ts";
import { backoffMs } from "../base/backoff.ts";
import { errorText, MeshError } from "../base/errors.ts";
import { boundedText } from "../base/bounded_body.ts";
import { boundedJson } from "../base/bounded_json.ts";
import {
  type HeartbeatResponse,
  HeartbeatResponseSchema,
  INSTANCE_HEADER,
  type RegistrationInput,
} from "../protocol/registration.ts";
import { cutText } from "../base/cut_text.ts";

/** What the link needs. */
export interface RegistryLinkOptions {
  /** Base URL of the registry. */
  readonly url: string;
  readonly agentId: string;
  /** Shown with every request that has no body. Secret. */
  readonly instanceToken: string;
  readonly fetch: typeof fetch;
  /** Milliseconds between keep-alives. */
  readonly heartbeatMs: number;
  /** What to register; asked before every full heartbeat. */
  readonly registration: (runtime: string) => RegistrationInput;
  /**
   * Whether the agent is well. While it is not, a registry of ours is told so and lists it as such; one
   * of the reference would take it for well, and is told goodbye.
   */
  readonly isHealthy: () => boolean;
  /** Whether something is still missing, so that asking again soon is worth it. */
  readonly isImpatient: () => boolean;
  /** Gets every answer to a full heartbeat. */
  readonly onAnswer: (answer: HeartbeatResponse) => void;
  /**
   * The registry confirmed that the wiring is current, as of some moment after it was asked.
   *
   * @param askedAt When it was, milliseconds since the epoch.
   */
  readonly onSynced: (askedAt: number) => void;
  /** The registry refused the agent, or cannot be reached; `undefined` when all is well again. */
  readonly onTrouble: (trouble: MeshError | undefined) => void;
}

/** Failures in a row before the link gives up keep-alives and registers anew. */
const FAILURES_BEFORE_RECONNECT = 4;
/** Longest one request to the registry may take, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** First and longest wait between attempts to reach the registry. */
const BACKOFF = { firstMs: 250, longestMs: 10_000 };
/** First wait between keep-alives while something is missing, in milliseconds. */
const IMPATIENT_MS = 100;
/** How long unregistering may take, in milliseconds: it is only a courtesy. */
const UNREGISTER_TIMEOUT_MS = 1_500;

/** Runtime names to register with, best first: foreign registries know only their own. */
const RUNTIMES = ["deno", "typescript"] as const;

/** One agent's link to the registry. */
export class RegistryLink {
  readonly #options: RegistryLinkOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #registered = false;
  /** Whether the registry may know the agent: a heartbeat was sent, answered or not. */
  #announced = false;
  #failures = 0;
  #impatience = IMPATIENT_MS;
  #runtime = 0;
  #refreshWanted = false;
  #wake = new AbortController();

  constructor(options: RegistryLinkOptions) {
    this.#options = options;
  }

  /** Starts registering; returns at once. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Sends a full heartbeat now: what the agent offers or needs has changed. */
  refresh(): void {
    this.#refreshWanted = true;
    this.#impatience = IMPATIENT_MS;
    this.#wake.abort();
  }

  /** Ends the link; tells the registry that the agent is leaving if it may know it. Never throws. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#loop;
    if (this.#announced) await this.#sayGoodbye();
  }

  async #sayGoodbye(): Promise<void> {
    this.#announced = false;
    this.#registered = false;
    try {
      const response = await this.#options.fetch(this.#agentUrl("agents"), {
        method: "DELETE",
        headers: this.#instance,
        signal: AbortSignal.timeout(UNREGISTER_TIMEOUT_MS),
      });
      await response.body?.cancel();
    } catch {
      // Best effort: without it the registry notices by silence.
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const refresh = this.#refreshWanted || !this.#registered;
      this.#refreshWanted = false;
      if (this.#options.isHealthy() || this.#isOurs) {
        try {
          await (refresh ? this.#register() : this.#beat());
        } catch (error) {
          if (this.#stop.signal.aborted) return;
          if (refresh) this.#refreshWanted = true;
          this.#failed(error);
        }
      } else if (this.#registered) {
        // Consumers are rewired at once; silence would keep them waiting.
        await this.#sayGoodbye();
      }
      await this.#wait();
    }
  }

  /** Whether the registry knows what agents say of their health, as far as can be told. */
  get #isOurs(): boolean {
    return RUNTIMES[this.#runtime] === "deno";
  }

  async #register(): Promise<void> {
    const askedAt = Date.now();
    const body = JSON.stringify(
      this.#options.registration(RUNTIMES[this.#runtime] ?? RUNTIMES[0]),
    );
    this.#announced = true;
    const response = await this.#request(`${this.#options.url}/heartbeat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await boundedText(response);
    const answer = this.#answerOf(response, text);
    if (answer.status === "error") {
      if (/invalid enum value for runtime/.test(answer.message) && this.#runtime === 0) {
        this.#runtime = 1;
        return this.#options.isHealthy() ? await this.#register() : await this.#sayGoodbye();
      }
      throw new MeshError("registration_refused", `the registry refused: ${answer.message}`);
    }
    this.#registered = true;
    this.#recovered();
    this.#options.onAnswer(answer);
    this.#options.onSynced(askedAt);
  }

  #answerOf(response: Response, text: string): HeartbeatResponse {
    const { url } = this.#options;
    try {
      const parsed = HeartbeatResponseSchema.safeParse(boundedJson(text));
      if (parsed.success && response.ok) return parsed.data;
    } catch {
      // Not JSON: reported below with the status, like JSON of another shape.
    }
    const code = response.status >= 400 && response.status < 500
      ? "registration_refused"
      : "protocol";
    throw new MeshError(code, `${url} answered ${response.status}: ${cutText(text, 300)}`);
  }

  async #beat(): Promise<void> {
    const askedAt = Date.now();
    const response = await this.#request(this.#agentUrl("heartbeat"), {
      method: "HEAD",
      headers: this.#instance,
    });
    await response.body?.cancel();
    switch (response.status) {
      case 200:
        this.#recovered();
        this.#options.onSynced(askedAt);
        return;
      case 202:
        this.#recovered();
        return await this.#register();
      case 410:
        this.#registered = false;
        return await this.#register();
      default:
        throw new MeshError(
          "protocol",
          `${this.#options.url} answered a heartbeat with ${response.status}`,
        );
    }
  }

  get #instance(): Record<string, string> {
    return { [INSTANCE_HEADER]: this.#options.instanceToken };
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#options.fetch(url, {
        ...init,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
    } catch (cause) {
      throw new MeshError(
        "unreachable",
        `the registry at ${this.#options.url} cannot be reached: ${errorText(cause)}`,
        { cause },
      );
    }
  }

  #agentUrl(kind: "agents" | "heartbeat"): string {
    return `${this.#options.url}/${kind}/${encodeURIComponent(this.#options.agentId)}`;
  }

  #recovered(): void {
    if (this.#failures > 0) this.#options.onTrouble(undefined);
    this.#failures = 0;
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_RECONNECT) this.#refreshWanted = true;
    this.#options.onTrouble(
      error instanceof MeshError
        ? error
        : new MeshError("protocol", errorText(error), { cause: error }),
    );
  }

  /** How long until the next request, in milliseconds. */
  #pause(): number {
    const { heartbeatMs, isImpatient, isHealthy } = this.#options;
    if (this.#failures > 0) {
      const longestMs = Math.min(heartbeatMs, BACKOFF.longestMs);
      return backoffMs({ ...BACKOFF, longestMs }, this.#failures, Math.random());
    }
    if (!isHealthy() || !isImpatient()) {
      this.#impatience = IMPATIENT_MS;
      return heartbeatMs;
    }
    const pause = Math.min(this.#impatience, heartbeatMs);
    this.#impatience *= 1.5;
    return pause;
  }

  async #wait(): Promise<void> {
    if (this.#stop.signal.aborted || (this.#refreshWanted && this.#failures === 0)) return;
    this.#wake = new AbortController();
    await sleep(this.#pause(), this.#wake.signal);
  }
}
