/**
 * A session with a server of the 2025 era in which it may ask. Its questions are requests of their
 * own that do not say which call they are about, so there is one call at a time. To the rest of the
 * bridge the server is like one of 2026: a question is the result of the call for now, and the answers
 * come with the next request (MCP 2026-07-28, multi-round-trip requests), while the call waits here.
 *
 * @module
 */
import { type Progress, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/client";
import { isObject } from "../base/json.ts";
import { canAnswer, type InputRequest } from "../define/ask.ts";
import { MeshError } from "../base/errors.ts";
import { questionOfRequest } from "./foreign_question.ts";
import type { OnLogLine } from "./server_log.ts";
import type { ServerRequest, Session, SessionRequest } from "./session.ts";

/** What a caller can be asked for (MCP `ClientCapabilities`). */
export type Capabilities = Readonly<Record<string, unknown>>;

/** Opens a session in which the server is told these capabilities. */
export type OpenSession = (
  capabilities: Capabilities,
  asked: (request: ServerRequest, signal: AbortSignal) => Promise<Record<string, unknown>>,
) => Promise<Session>;

interface Question {
  readonly request: InputRequest;
  answer(answer: Record<string, unknown>): void;
}

interface Call {
  /** What the server answers in the end. */
  readonly result: Promise<Record<string, unknown>>;
  readonly giveUp: AbortController;
  /** What has not been answered, by key. */
  readonly questions: Map<string, Question>;
  /** Resolved while there are questions. */
  asked: PromiseWithResolvers<undefined>;
  onProgress: ((progress: Progress) => void) | undefined;
  onLog: OnLogLine | undefined;
}

/** One session. */
export class AskingSession {
  /** There from `open` on. */
  #session!: Session;
  readonly #capabilities: Capabilities;
  #call: Call | undefined;
  /** The `requestState` under which answers are waited for. */
  #state: string | undefined;

  /**
   * Opens a session, and waits until the server can be heard.
   *
   * @throws {MeshError} As {@linkcode Session.open}.
   */
  static async open(open: OpenSession, capabilities: Capabilities): Promise<AskingSession> {
    const self = new AskingSession(capabilities);
    self.#session = await open(capabilities, (request, signal) => self.#ask(request, signal));
    await self.#session.listening();
    return self;
  }

  private constructor(capabilities: Capabilities) {
    this.#capabilities = capabilities;
  }

  /** Whether a call waits for answers; that of a `requestState`, when one is given. */
  isAsking(requestState: unknown = this.#state): boolean {
    return this.#state !== undefined && this.#state === requestState;
  }

  /** Resolves when it is over. */
  get ended(): Promise<unknown> {
    return this.#session.ended;
  }

  /**
   * Makes a call, when there is none.
   *
   * @returns Its result, or what the server asks first.
   * @throws {MeshError} As {@linkcode Session.request}.
   * @throws {SessionForgotten}
   */
  async call(request: SessionRequest): Promise<Record<string, unknown>> {
    const giveUp = new AbortController();
    const call: Call = this.#call = {
      giveUp,
      questions: new Map(),
      asked: Promise.withResolvers(),
      onProgress: undefined,
      onLog: undefined,
      result: this.#session.request({
        ...request,
        signal: giveUp.signal,
        onProgress: (progress) => call.onProgress?.(progress),
        onLog: (line) => call.onLog?.(line),
      }),
    };
    // Whoever waits for answers does not see how it ends before they are there.
    call.result.catch(() => {});
    return await this.#round(call, request);
  }

  /** Answers what the server asked, while it waits; the rest as {@linkcode AskingSession.call}. */
  async answer(request: SessionRequest): Promise<Record<string, unknown>> {
    this.#state = undefined;
    const call = this.#call;
    if (call === undefined) throw new MeshError("protocol", "nothing was asked");
    const { inputResponses: answers } = request.params;
    for (const [key, { answer }] of call.questions) {
      const given = isObject(answers) ? answers[key] : undefined;
      if (isObject(given)) answer(given);
    }
    if (call.questions.size === 0) call.asked = Promise.withResolvers();
    return await this.#round(call, request);
  }

  /** Ends it, and the call there may be. Never throws. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  /** One request of the caller, until there is something to say to it. */
  async #round(
    call: Call,
    { signal, onProgress, onLog }: SessionRequest,
  ): Promise<Record<string, unknown>> {
    call.onProgress = onProgress;
    call.onLog = onLog;
    const left = () => call.giveUp.abort(signal.reason);
    if (signal.aborted) left();
    signal.addEventListener("abort", left, { once: true });
    try {
      const result = await Promise.race([call.result, call.asked.promise]);
      if (result === undefined) return this.#askCaller(call);
      this.#call = undefined;
      return result;
    } catch (error) {
      this.#call = undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", left);
      call.onProgress = undefined;
      call.onLog = undefined;
    }
  }

  #askCaller({ questions }: Call): Record<string, unknown> {
    this.#state = crypto.randomUUID();
    return {
      resultType: "input_required",
      inputRequests: Object.fromEntries([...questions].map(([key, { request }]) => [key, request])),
      requestState: this.#state,
    };
  }

  #ask(asked: ServerRequest, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { _meta, ...params } = asked.params ?? {};
    const question = questionOfRequest({ method: asked.method, params });
    // What it asks without a call is nobody's to answer.
    const call = this.#call;
    if (
      question === undefined || call === undefined ||
      !canAnswer(this.#capabilities, question.capability)
    ) {
      refuse();
    }
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    const key = crypto.randomUUID();
    const over = () => call.questions.delete(key);
    signal.addEventListener("abort", over, { once: true });
    const answer = (given: Record<string, unknown>) => {
      over();
      resolve(given);
    };
    call.questions.set(key, { request: question.request, answer });
    call.asked.resolve(undefined);
    return promise;
  }
}

/** What a client says that was not asked for what it offers. */
function refuse(): never {
  throw new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found");
}
