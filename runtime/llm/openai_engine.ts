/**
 * An engine over an OpenAI-compatible endpoint, through the `openai` package. One attempt is one
 * request; what an endpoint turns out not to take is left out and remembered.
 *
 * @module
 */
import type OpenAI from "openai";
import { MeshError } from "../errors.ts";
import { boundedResponse } from "../protocol/bounded_body.ts";
import type { ModelEndpoint } from "./endpoint.ts";
import type { LlmTurn, LlmTurnOptions, LlmTurnRequest } from "./engine.ts";
import { OpenAiReply, type WireAnswer } from "./openai_reply.ts";
import { isOptional, type WireBody, wireBody } from "./openai_request.ts";
import { UpstreamFailure, upstreamFailure } from "./upstream_failure.ts";

/** Most parameters one request may lose. */
const REFUSALS_MAX = 6;

/** Headers that belong to a chat completions request; the package would send others it finds. */
const HEADERS = ["accept", "authorization", "content-type", "user-agent"];

/** What an {@linkcode OpenAiEngine} needs. */
export interface OpenAiEngineOptions {
  /** How requests leave. */
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One model at one endpoint. */
export class OpenAiEngine {
  readonly #endpoint: ModelEndpoint;
  readonly #options: OpenAiEngineOptions;
  readonly #refused = new Set<string>();
  #client: OpenAI | undefined;

  constructor(endpoint: ModelEndpoint, options: OpenAiEngineOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  /**
   * Makes one attempt at a turn.
   *
   * @throws {UpstreamFailure} What is wrong, and what may help.
   * @throws {MeshError} The reason of the signal; `llm_upstream` when it failed after text had come.
   * @throws What forbids the request, when a permission flag is missing.
   */
  async attempt(request: LlmTurnRequest, options: LlmTurnOptions): Promise<LlmTurn> {
    for (let refusals = 0;; refusals++) {
      const body = this.#body(request, options);
      try {
        return await this.#send(body, options);
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason;
        if (error instanceof MeshError || isForbidden(error)) throw error;
        const sent = Object.keys(body).filter(isOptional);
        const failure = upstreamFailure(error, this.#endpoint, sent, this.#options.now());
        if (failure.parameter === undefined || refusals >= REFUSALS_MAX) throw failure;
        this.#refused.add(failure.parameter);
        options.log?.warn(
          `${this.#endpoint.name} does not take ${failure.parameter}; it is left out from now on`,
          { said: failure.message },
        );
      }
    }
  }

  #body(request: LlmTurnRequest, { onText }: LlmTurnOptions): WireBody {
    const { model, traits } = this.#endpoint;
    const stream = onText !== undefined;
    return wireBody(request, { model, traits, stream, refused: this.#refused });
  }

  async #send(body: WireBody, { signal, onText }: LlmTurnOptions): Promise<LlmTurn> {
    const client = this.#client ??= await this.#connect();
    const reply = new OpenAiReply();
    // The body is made of plain data that endpoints check; the package's types know only OpenAI's.
    const options = { body: { ...body }, signal };
    if (onText === undefined) {
      const answer = await client.post<WireAnswer>("/chat/completions", options);
      addWhole(reply, answer);
      if (!reply.hasBegun && !reply.isWhole) {
        throw new UpstreamFailure("temporary", "the answer has neither text nor a reason for it");
      }
      return reply.turn(this.#endpoint.name);
    }
    const stream = await client.post("/chat/completions", { ...options, stream: true }) as
      & AsyncIterable<WireAnswer>
      & { readonly controller: AbortController };
    let shown = 0;
    try {
      for await (const event of stream) {
        const text = reply.add(event);
        if (text === "") continue;
        shown += text.length;
        await onText(text);
      }
      // The package ends the stream of an aborted request as if it were whole.
      signal.throwIfAborted();
      if (!reply.isWhole) {
        throw new UpstreamFailure("temporary", "the answer ended before it was whole");
      }
    } catch (error) {
      if (signal.aborted || shown === 0) throw error;
      const failure = upstreamFailure(error, this.#endpoint, [], this.#options.now());
      throw new MeshError(
        "llm_upstream",
        `${this.#endpoint.name} broke off after ${shown} characters: ${failure.message}`,
      );
    }
    return reply.turn(this.#endpoint.name);
  }

  async #connect(): Promise<OpenAI> {
    const { baseUrl, key, headers } = this.#endpoint;
    // Loaded when it is used: most agents are no providers.
    const { OpenAI } = await import("openai");
    return new OpenAI({
      baseURL: baseUrl,
      // Those that need no key still want one.
      apiKey: key ?? "none",
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      // Trying again is decided here, and what goes wrong is told here.
      maxRetries: 0,
      logLevel: "off",
      fetch: async (url, init) => {
        const sent = { ...init, headers: onlyOurs(init?.headers, headers) };
        return await boundedResponse(await this.#options.fetch(url, sent));
      },
    });
  }
}

/** Whether a request failed for want of a permission flag, which is nothing of the endpoint's. */
function isForbidden(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.NotCapable) return true;
  }
  return false;
}

/** Takes over a buffered answer. */
function addWhole(reply: OpenAiReply, answer: WireAnswer): void {
  if (typeof answer !== "object" || answer === null || !answer.choices?.length) {
    // Some put an error where the answer should be, and say 200.
    const said = JSON.stringify(answer)?.slice(0, 200);
    throw new UpstreamFailure("temporary", `the answer has no choices: ${said}`);
  }
  reply.add(answer);
}

/** The package takes headers from the environment; they are nobody's business at another vendor. */
function onlyOurs(
  given: ConstructorParameters<typeof Headers>[0],
  more: Readonly<Record<string, string>>,
): Headers {
  const headers = new Headers(given);
  const kept = HEADERS.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new Headers([...kept, ...Object.entries(more)]);
}
