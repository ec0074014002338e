/**
 * An engine over several models: the first that can be asked answers; one that fails is tried again
 * where that helps, then the next one is asked. Conversations are the same for all of them, so a
 * model may take over in the middle of one.
 *
 * @module
 */
import { sleep } from "../../base/sleep.ts";
import type { Environment } from "../../base/environment.ts";
import {
  endpointOf,
  type EndpointOverrides,
  isReady,
  type MissingModel,
  type ModelEndpoint,
  vendorOf,
} from "./endpoint.ts";
import type { LlmEngine, LlmTurn, LlmTurnOptions, LlmTurnRequest } from "./engine.ts";
import { MeshError } from "../../base/errors.ts";
import { fetchOnce } from "../../base/fetch_once.ts";
import { OpenAiEngine } from "./openai_engine.ts";
import { RETRIES, type RetryPolicy, waitAfter } from "./retry.ts";
import { noAnswer, UpstreamFailure } from "./upstream_failure.ts";

/** What a {@linkcode FailoverEngine} needs. */
export interface FailoverEngineOptions {
  /** LiteLLM names, best first. */
  readonly models: readonly string[];
  /** Reads the variables that decide where they are; asked when they are first needed. */
  readonly environment: () => Environment;
  readonly overrides?: EndpointOverrides;
  /** @default the global one */
  readonly fetch?: typeof fetch;
  /** @default {@linkcode RETRIES} */
  readonly retries?: RetryPolicy;
  /** Waits, until a signal aborts. @default by the clock */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly chance?: () => number;
}

/** How long a model that failed is asked last, in milliseconds. */
const ASIDE_MS = 30_000;

/** An engine over several models. */
export class FailoverEngine implements LlmEngine {
  readonly #options: Required<FailoverEngineOptions>;
  readonly #engines = new Map<string, OpenAiEngine>();
  /** Until when a model is asked last, milliseconds since the epoch. */
  readonly #aside = new Map<string, number>();
  #environment: Environment | undefined;

  constructor(options: FailoverEngineOptions) {
    this.#options = {
      overrides: {},
      fetch: fetchOnce(fetch),
      retries: RETRIES,
      sleep,
      now: Date.now,
      chance: Math.random,
      ...options,
    };
  }

  problems(): readonly string[] {
    const found = this.#options.models.map((name) => this.#find(name));
    return found.some(isReady)
      ? []
      : [...new Set(found.map((missing) => (missing as MissingModel).problem))];
  }

  async turn(request: LlmTurnRequest, options: LlmTurnOptions): Promise<LlmTurn> {
    const candidates = this.#candidates(request, options);
    const failures: { model: string; failure: UpstreamFailure }[] = [];
    for (const endpoint of candidates) {
      try {
        const turn = await this.#ask(endpoint, request, options);
        this.#aside.delete(endpoint.name);
        return turn;
      } catch (error) {
        if (!(error instanceof UpstreamFailure)) throw error;
        failures.push({ model: endpoint.name, failure: error });
        // What a vendor will not have answered is not taken to another one.
        if (error.kind === "refused") break;
        this.#setAside(endpoint.name, error);
        options.log?.warn(`${endpoint.name} did not answer: ${error.message}`);
      }
    }
    if (failures.length === 0) {
      throw new MeshError("llm_upstream", `no model can be asked: ${this.problems().join("; ")}`);
    }
    throw noAnswer(failures);
  }

  /** Asks one model, again where that helps. */
  async #ask(
    endpoint: ModelEndpoint,
    request: LlmTurnRequest,
    options: LlmTurnOptions,
  ): Promise<LlmTurn> {
    const { retries, sleep, chance } = this.#options;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#engineOf(endpoint).attempt(request, options);
      } catch (error) {
        if (!(error instanceof UpstreamFailure)) throw error;
        const wait = waitAfter(error, attempt, retries, chance());
        if (wait === undefined) throw tried(error, attempt);
        options.log?.info(
          `${endpoint.name}: ${error.message}; trying again in ${Math.ceil(wait)} ms`,
        );
        await sleep(wait, options.signal);
        options.signal.throwIfAborted();
      }
    }
  }

  /** The models that can be asked, those that failed lately last. */
  #candidates({ params: { model } }: LlmTurnRequest, { log }: LlmTurnOptions): ModelEndpoint[] {
    const { models, now } = this.#options;
    const names = model === undefined || models.includes(model)
      ? [...new Set(model === undefined ? models : [model, ...models])]
      : this.#withOverride(model, log);
    const time = now();
    const isAside = (name: string) => (this.#aside.get(name) ?? 0) > time;
    return names.map((name) => this.#find(name)).filter(isReady)
      .sort((a, b) => Number(isAside(a.name)) - Number(isAside(b.name)));
  }

  /** A consumer may ask for another model of a vendor that is ours; with its key, that is. */
  #withOverride(model: string, log: LlmTurnOptions["log"]): readonly string[] {
    const { models } = this.#options;
    const vendor = vendorOf(model);
    if (vendor !== "unknown" && models.some((name) => vendorOf(name) === vendor)) {
      return [model, ...models];
    }
    log?.warn(`model "${model}" is not of this provider's vendor; ${models[0]} answers instead`);
    return models;
  }

  #find(name: string): ModelEndpoint | MissingModel {
    const { environment, overrides } = this.#options;
    this.#environment ??= environment();
    return endpointOf(name, this.#environment, overrides);
  }

  #engineOf(endpoint: ModelEndpoint): OpenAiEngine {
    const { name } = endpoint;
    const { models, fetch, now } = this.#options;
    const engine = this.#engines.get(name) ?? new OpenAiEngine(endpoint, { fetch, now });
    // Names that consumers ask for are without number.
    if (models.includes(name)) this.#engines.set(name, engine);
    return engine;
  }

  /** A request that is wrong in itself says nothing about the model. */
  #setAside(name: string, { kind, particulars }: UpstreamFailure): void {
    const { status, retryAfterMs = 0 } = particulars;
    const isWell = kind === "too_long" || status === 400 || status === 422;
    if (isWell || !this.#options.models.includes(name)) return;
    this.#aside.set(name, this.#options.now() + Math.max(ASIDE_MS, retryAfterMs));
  }
}

function tried(failure: UpstreamFailure, attempts: number): UpstreamFailure {
  return attempts === 1 ? failure : new UpstreamFailure(
    failure.kind,
    `${failure.message} (tried ${attempts} times)`,
    failure.particulars,
  );
}
