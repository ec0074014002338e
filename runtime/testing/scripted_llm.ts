/**
 * A scripted language model: a real HTTP server that speaks OpenAI's chat completions and says what a
 * test wrote down, so that what runs between an agent and a vendor runs in the test too.
 *
 * @module
 */
import { checkDefinition, checkOptions } from "../define/check/check.ts";
import { list } from "../define/check/kind.ts";
import type { Refusal } from "./habit.ts";
import { type HabitName, habitsNamed } from "./habits.ts";
import { Habits } from "./habits_played.ts";
import {
  completionBody,
  errorBody,
  fits,
  type ScriptedRequestBody,
  type ScriptedStep,
  streamedAnswer,
} from "./scripted_step.ts";
import { SCRIPTED_LLM_OPTIONS, SCRIPTED_STEP } from "./shapes.ts";

/** A request the scripted model got. */
export interface ScriptedRequest {
  /** Path of its URL, such as `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: ScriptedRequestBody;
  /** Whether its sender gave it up before the answer was whole. */
  readonly isAborted: boolean;
  /** Resolves when its sender gives it up. */
  readonly aborted: Promise<void>;
}

/** Options of {@linkcode scriptedLlm}. */
export interface ScriptedLlmOptions {
  /** Answers what neither a rule nor the queue does, as often as it is asked. */
  readonly otherwise?: ScriptedStep;
  /** The key it wants; others get 401. Any will do by default. */
  readonly key?: string;
  /** Habits of vendors that it has; `meshctl man habits` lists them. OpenAI's by default. */
  readonly habit?: HabitName | readonly HabitName[];
  /**
   * Whether requests are kept in `requests`. Benchmarks turn it off.
   *
   * @default true
   */
  readonly record?: boolean;
}

/** A scripted language model. Made by {@linkcode scriptedLlm}. */
export interface ScriptedLlm extends AsyncDisposable {
  /** Base URL, such as `http://127.0.0.1:40123/v1`. */
  readonly url: string;
  /** What it was asked so far, oldest first. */
  readonly requests: readonly ScriptedRequest[];
  /** Steps of the queue that are left. */
  readonly left: number;
  /** Adds steps to the end of the queue, and rules after the rules. */
  push(...steps: ScriptedStep[]): void;
  /** Lets deltas of slow steps go, now or when they are due. */
  release(deltas?: number): void;
  /** The next request that arrives. */
  nextRequest(): Promise<ScriptedRequest>;
}

/** What a step answers to requests nobody wrote an answer for: not a status that is tried again. */
const OVER: ScriptedStep = { status: 400, error: "the script has no step left for this request" };

/**
 * Starts a scripted language model on a free port of this machine.
 *
 * @param steps What it does, request by request; steps with `when` are rules that always hold.
 *
 * @example
 * ```ts
 * import { scriptedLlm } from "mesh/testing";
 *
 * await using llm = scriptedLlm([
 *   { status: 429, headers: { "retry-after": "0" } },
 *   { toolCalls: [{ name: "search", arguments: { q: "ramen" } }] },
 *   { text: ["Eat ", "ramen."] },
 * ]);
 * const environment = { OPENAI_BASE_URL: llm.url, OPENAI_API_KEY: "any" };
 * ```
 */
export function scriptedLlm(
  steps: readonly ScriptedStep[] = [],
  options: ScriptedLlmOptions = {},
): ScriptedLlm {
  checkOptions(SCRIPTED_LLM_OPTIONS, "scriptedLlm()", options);
  return new Script(steps, options);
}

const STEPS = list(SCRIPTED_STEP, '[{ text: "…" }]');

/** What a body that is cut fails with: Deno prints it, and there is nothing to say. */
const CUT = "";

class Recorded implements ScriptedRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: ScriptedRequestBody;
  isAborted = false;
  readonly aborted: Promise<void>;
  readonly #gone = Promise.withResolvers<void>();

  constructor(request: Request, body: ScriptedRequestBody) {
    this.path = new URL(request.url).pathname;
    this.headers = request.headers;
    this.body = body;
    this.aborted = this.#gone.promise;
  }

  abort(): void {
    this.isAborted = true;
    this.#gone.resolve();
  }
}

class Script implements ScriptedLlm {
  readonly requests: Recorded[] = [];
  readonly #rules: ScriptedStep[] = [];
  readonly #queue: ScriptedStep[] = [];
  readonly #options: ScriptedLlmOptions;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #over = new AbortController();
  #waiting: ((request: ScriptedRequest) => void)[] = [];
  #released = 0;
  #held: (() => void)[] = [];

  constructor(steps: readonly ScriptedStep[], options: ScriptedLlmOptions) {
    this.#options = options;
    this.push(...steps);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  get left(): number {
    return this.#queue.length;
  }

  push(...steps: ScriptedStep[]): void {
    checkDefinition(STEPS, "script", steps);
    for (const step of steps) (step.when === undefined ? this.#queue : this.#rules).push(step);
  }

  release(deltas = Infinity): void {
    this.#released += deltas;
    while (this.#released > 0 && this.#held.length > 0) {
      this.#released -= 1;
      this.#held.shift()?.();
    }
  }

  nextRequest(): Promise<ScriptedRequest> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method !== "POST" || !request.url.endsWith("/chat/completions")) {
      return new Response("not found", { status: 404 });
    }
    // Scripts are for clients under test: what they send is looked at by the test itself.
    const body = await request.json() as ScriptedRequestBody;
    const recorded = new Recorded(request, body);
    if (this.#options.record !== false) this.requests.push(recorded);
    for (const resolve of this.#waiting.splice(0)) resolve(recorded);
    const { key } = this.#options;
    if (key !== undefined && request.headers.get("authorization") !== `Bearer ${key}`) {
      return failure({ status: 401, error: "Incorrect API key provided" });
    }
    // A request that is refused leaves the script where it is.
    const refused = this.#habits().refusal(body);
    if (refused !== undefined) return refusedWith(refused);
    const step = this.#stepFor(body);
    const habits = this.#habits(step);
    const refusal = habits.refusal(body);
    if (refusal !== undefined) return refusedWith(refusal);
    if (step.status !== undefined) return failure(step);
    if (step.hang === true) return await this.#hang(request, recorded);
    return habits.streams(body)
      ? this.#stream(step, recorded, habits)
      : await this.#buffered(step, request, recorded, habits);
  }

  #habits({ habit = [] }: ScriptedStep = {}): Habits {
    return new Habits([this.#options.habit ?? [], habit].flatMap(habitsNamed));
  }

  #stepFor(body: ScriptedRequestBody): ScriptedStep {
    return this.#rules.find((rule) => fits(rule, body)) ?? this.#queue.shift() ??
      this.#options.otherwise ?? OVER;
  }

  async #hang(request: Request, recorded: Recorded): Promise<Response> {
    await new Promise<void>((resolve) => {
      request.signal.addEventListener("abort", () => {
        recorded.abort();
        resolve();
      }, { once: true });
      this.#over.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return new Response(null, { status: 503 });
  }

  async #buffered(
    step: ScriptedStep,
    request: Request,
    recorded: Recorded,
    habits: Habits,
  ): Promise<Response> {
    if (step.slow === true) {
      const gone = () => recorded.abort();
      request.signal.addEventListener("abort", gone, { once: true });
      await this.#turn(recorded);
      request.signal.removeEventListener("abort", gone);
    }
    const text = step.malformed ?? completionBody(step, recorded.body, habits);
    const headers = {
      "content-type": habits.contentType("application/json"),
      ...step.headers,
    };
    if (step.cut !== true) return new Response(text, { headers });
    const half = text.slice(0, text.length / 2);
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(half)),
      pull: (controller) => controller.error(CUT),
    }, { highWaterMark: 0 });
    return new Response(body, { headers });
  }

  #stream(step: ScriptedStep, recorded: Recorded, habits: Habits): Response {
    const events = this.#events(step, recorded, habits);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await events.next();
        if (done !== true) return controller.enqueue(encoder.encode(value));
        if (step.cut === true) controller.error(CUT);
        else controller.close();
      },
      cancel: async () => {
        recorded.abort();
        await events.return();
      },
    }, { highWaterMark: 0 });
    return new Response(body, {
      headers: {
        "content-type": habits.contentType("text/event-stream; charset=utf-8"),
        ...step.headers,
      },
    });
  }

  async *#events(
    step: ScriptedStep,
    recorded: Recorded,
    habits: Habits,
  ): AsyncGenerator<string, void> {
    const { before, text, after } = streamedAnswer(step, recorded.body, habits);
    if (habits.areOfTheText) {
      if (step.slow === true) await this.#turn(recorded);
      return yield habits.written([...before, ...text, ...after].join(""), true);
    }
    yield* before;
    for (const delta of text) {
      if (step.slow === true) await this.#turn(recorded);
      yield delta;
    }
    if (step.cut !== true) yield* after;
  }

  /** Resolves when the test lets one more delta go; also when nobody is there to get it. */
  #turn(recorded: Recorded): Promise<void> {
    if (this.#released > 0) {
      this.#released -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#held.push(resolve);
      void recorded.aborted.then(() => {
        // What is let go of later is for those who are still there.
        this.#held = this.#held.filter((held) => held !== resolve);
        resolve();
      });
      this.#over.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

function failure(step: ScriptedStep): Response {
  return new Response(errorBody(step), {
    status: step.status ?? 500,
    headers: { "content-type": "application/json", ...step.headers },
  });
}

function refusedWith({ status, body, headers }: Refusal): Response {
  const isPage = typeof body === "string";
  return new Response(isPage ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": isPage ? "text/html" : "application/json", ...headers },
  });
}
