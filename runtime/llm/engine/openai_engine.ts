/**
 * An engine over an OpenAI-compatible endpoint. The `openai` package writes and sends the request; the
 * answer is read here, because the package keeps only what has OpenAI's shape. One attempt is one request;
 * what an endpoint turns out not to take is left out, lowered, and remembered.
 *
 * @module
 */
import type OpenAI from "openai";
import { MeshError } from "../../base/errors.ts";
import { boundedText } from "../../base/bounded_body.ts";
import type { ModelEndpoint } from "./endpoint.ts";
import type { LlmTurn, LlmTurnOptions, LlmTurnRequest } from "./engine.ts";
import { answerIn } from "./openai_answer.ts";
import { OpenAiReply } from "./openai_reply.ts";
import { type WireRequest, wireRequest } from "./openai_request.ts";
import { refusal, shownWords, UpstreamFailure, upstreamFailure } from "./upstream_failure.ts";

/** Most parameters and tools one request may lose. */
const REFUSALS_MAX = 8;

/** Longest body of a refusal that is read, in characters. */
const REFUSAL_MAX = 1024 * 1024;

/** Headers that belong to a chat completions request; the package would send others it finds. */
const HEADERS = ["accept", "authorization", "content-type", "user-agent"];

/** What an {@linkcode OpenAiEngine} needs. */
export interface OpenAiEngineOptions {
  /** How requests leave. */
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Things that an endpoint has turned out not to take. */
interface Lessons {
  readonly parameters: Set<string>;
  readonly tools: Set<string>;
  /** Names of rules for tools and messages. */
  readonly rules: Set<string>;
  /** Most tokens of an answer. */
  tokensMax: number;
  toolsMax: number;
  /** The most tools that were too many, as far as the log says. */
  surplus: number;
}

/** One model at one endpoint. */
export class OpenAiEngine {
  readonly #endpoint: ModelEndpoint;
  readonly #options: OpenAiEngineOptions;
  readonly #lessons: Lessons = {
    parameters: new Set(),
    tools: new Set(),
    rules: new Set(),
    tokensMax: Infinity,
    toolsMax: Infinity,
    surplus: 0,
  };
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
    // For this conversation alone.
    let tokensMax = Infinity;
    for (let refusals = 0;; refusals++) {
      const wire = this.#written(request, options, tokensMax);
      try {
        return await this.#send(wire, options);
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason;
        if (error instanceof MeshError || isForbidden(error)) throw error;
        const failure = upstreamFailure(error, this.#endpoint, wire.sent);
        const { most = Infinity, onlyNow = false } = failure.particulars;
        const isLessened = refusals < REFUSALS_MAX && this.#learn(failure, wire, options);
        if (!isLessened) throw failure;
        if (onlyNow) tokensMax = most;
      }
    }
  }

  /** Takes a lesson; whether there is one, so that the request is worth sending without what it is of. */
  #learn(failure: UpstreamFailure, wire: WireRequest, { log }: LlmTurnOptions): boolean {
    const { kind, message, particulars: { parameter, most, onlyNow, tool, rule } } = failure;
    const learned = (what: string) => {
      log?.warn(`${this.#endpoint.name} ${what} from now on`, { said: message });
      return true;
    };
    if (rule !== undefined) {
      this.#lessons.rules.add(rule);
      return learned(`wants requests by the rule "${rule}"; they keep it`);
    }
    if (kind === "tool" && tool !== undefined) {
      const name = wire.ownName(tool);
      this.#lessons.tools.add(name);
      return learned(`does not take the tool ${name}; it is not offered`);
    }
    if (kind === "tool" && most !== undefined) {
      this.#lessons.toolsMax = most;
      return learned(`takes ${most} tools; no more are offered`);
    }
    if (kind !== "parameter" || parameter === undefined) return false;
    if (onlyNow) {
      log?.info(`${this.#endpoint.name} is asked for fewer tokens`, { said: message, most });
      return true;
    }
    if (most !== undefined) {
      this.#lessons.tokensMax = most;
      return learned(`gives answers of ${most} tokens at most; no more are asked for`);
    }
    this.#lessons.parameters.add(parameter);
    return learned(`does not take ${parameter}; it is left out`);
  }

  #written(
    request: LlmTurnRequest,
    { onText, log }: LlmTurnOptions,
    tokensMax: number,
  ): WireRequest {
    const { model, traits } = this.#endpoint;
    const { parameters, tools, rules } = this.#lessons;
    const toolsMax = Math.min(this.#lessons.toolsMax, traits.toolsMax);
    const wire = wireRequest(request, {
      model,
      traits: { ...traits, toolsMax },
      stream: onText !== undefined,
      refused: parameters,
      refusedTools: tools,
      learned: rules,
      tokensMax: Math.min(tokensMax, this.#lessons.tokensMax),
    });
    if (wire.surplus > this.#lessons.surplus) {
      this.#lessons.surplus = wire.surplus;
      log?.warn(`${this.#endpoint.name} takes ${toolsMax} tools; ${wire.surplus} are not offered`);
    }
    return wire;
  }

  async #send(wire: WireRequest, { signal, onText, log }: LlmTurnOptions): Promise<LlmTurn> {
    const reply = new OpenAiReply(wire.sent.tools);
    const { isStream, objects } = await answerIn(await this.#post(wire, signal));
    let shown = 0;
    try {
      for await (const object of objects) {
        const text = reply.add(object);
        if (text === "" || onText === undefined) continue;
        shown += text.length;
        await onText(text);
      }
      signal.throwIfAborted();
      this.#check(reply, isStream, log);
    } catch (error) {
      if (signal.aborted || shown === 0) throw error;
      const failure = upstreamFailure(error, this.#endpoint, wire.sent);
      throw new MeshError(
        "llm_upstream",
        `${this.#endpoint.name} broke off after ${shown} characters: ${failure.message}`,
      );
    }
    return wire.read(reply.turn(this.#endpoint.name));
  }

  /** Refuses what is not an answer. */
  #check(reply: OpenAiReply, isStream: boolean, log: LlmTurnOptions["log"]): void {
    const { reason, ending } = reply;
    if (ending === "failed") {
      throw new UpstreamFailure("temporary", `the answer ended with "${reason}"`);
    }
    if (!reply.isWhole && isStream) {
      throw new UpstreamFailure("temporary", "the answer ended before it was whole");
    }
    if (!reply.isWhole && !reply.hasBegun) {
      throw new UpstreamFailure("temporary", "the answer has neither text nor a reason for it");
    }
    if (reply.isWithoutItsCalls) {
      throw new UpstreamFailure("temporary", "the answer says that it calls tools, and calls none");
    }
    if (ending === undefined) {
      log?.warn(
        `${this.#endpoint.name} ended an answer with an unknown word; it counts as "stop"`,
        { said: shownWords(reason ?? "", this.#endpoint) },
      );
    }
  }

  async #post({ body }: WireRequest, signal: AbortSignal): Promise<Response> {
    const client = this.#client ??= await this.#connect();
    // The body is made of plain data that endpoints check; the package's types know only OpenAI's.
    return await client.post("/chat/completions", { body: { ...body }, signal }).asResponse();
  }

  async #connect(): Promise<OpenAI> {
    const { baseUrl, key } = this.#endpoint;
    // Loaded when it is used: most agents are no providers.
    const { OpenAI } = await import("openai");
    return new OpenAI({
      baseURL: baseUrl,
      // An endpoint that needs no key still gets one.
      apiKey: key ?? "none",
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      // Trying again is decided here, and what goes wrong is told here.
      maxRetries: 0,
      logLevel: "off",
      fetch: (url, init) => this.#fetch(url, init),
    });
  }

  async #fetch(url: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const { headers } = this.#endpoint;
    const response = await this.#options.fetch(url, {
      ...init,
      headers: onlyOurs(init?.headers, headers),
    });
    if (response.ok) return response;
    // The status says enough when the text is lost.
    const text = await boundedText(response, REFUSAL_MAX).catch(() => "");
    throw refusal(response, text, this.#options.now());
  }
}

/** Whether a request failed for want of a permission flag, which is nothing of the endpoint's. */
function isForbidden(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.NotCapable) return true;
  }
  return false;
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
