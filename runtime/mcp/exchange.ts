/**
 * One request on the short path and its answer, which is whole if that is possible, and else a stream.
 *
 * @module
 */
import type { ChunkUse } from "../boundary/host.ts";
import { Alarm, type Deadlines } from "../base/deadline.ts";
import { asMeshError, isMeshError } from "../base/errors.ts";
import type { McpClient } from "../define/handler_context.ts";
import {
  type AgentServer,
  type InboundCall,
  LARGEST_BODY,
  type McpServer,
} from "./agent_server.ts";
import {
  type Arrival,
  ARRIVAL_MS,
  type Arrivals,
  isSmall,
  NO_ROOM,
  TOO_LARGE,
} from "../base/arrivals.ts";
import { type AnswerForm, inForm, withUsualAccept } from "../base/answer_form.ts";
import { isDeep } from "../base/bounded_json.ts";
import { tooDeep } from "../base/deep_message.ts";
import { mayBeInexact } from "../base/exact_json.ts";
import { withIntegerIds } from "../base/large_ids.ts";
import { bodyForSdk } from "../base/sdk_body.ts";
import { KEEP_ALIVE_MS } from "../base/event_text.ts";
import { EventStream } from "./event_stream.ts";
import { isTooLongToKeep } from "./kept_message.ts";
import { type Era, type PlainRequest, plainRequest } from "./plain_request.ts";
import { ProgressNotes, type ProgressParams } from "./progress.ts";
import { crowded, late, tooLarge, tooLongToKeep, unreadable } from "./refusal.ts";
import {
  errorOf,
  errorToOutcome,
  fitting,
  type Outcome,
  outcomeToJson,
  type QuestionsOutcome,
  unwritableOutcome,
} from "../boundary/result.ts";
import { type AgentMcp, requiredCapabilities } from "./server.ts";
import type { ToolLists } from "./tool_lists.ts";
import { errorMessage, MODERN_HEADERS, resultMessage, serverInfo, whole } from "./whole_answer.ts";

/** What the exchanges of one agent share. */
export interface Path {
  readonly agent: AgentServer;
  /** Answers what turns out not to be plain. */
  readonly rest: McpServer;
  /** Signs questions. */
  readonly mcp: AgentMcp;
  readonly deadlines: Deadlines;
  readonly arrivals: Arrivals;
  readonly lists: ToolLists;
}

/** MCP -32021: the client lacks a capability the call needs. */
const MISSING_CAPABILITY = -32021;
const NO_ANSWERS = {};

/**
 * One request and its answer. It is the inbound call and the alarm over itself as well: a call makes
 * as few objects as it can.
 */
export class Exchange extends Alarm implements InboundCall {
  /** The response. */
  readonly answer: Promise<Response>;
  readonly #path: Path;
  readonly #request: Request;
  readonly #form: AnswerForm;
  readonly #era: Era | undefined;
  #arrival: Arrival | undefined;
  #respond!: (response: Response | Promise<Response>) => void;
  #plain: PlainRequest | undefined;
  #stream: EventStream | undefined;
  /** Made when somebody asks for the signal. */
  #gone: AbortController | undefined;
  #notes: ProgressNotes | undefined;
  #isRefused = false;

  /**
   * @param request A request with a body.
   * @param era The era of a plain request, as far as its headers tell; `undefined` when they show that
   * it is not plain.
   * @param form The forms that its client takes an answer in.
   */
  constructor(
    path: Path,
    request: Request,
    era: Era | undefined,
    form: AnswerForm = "any",
  ) {
    super();
    this.#form = form;
    this.#path = path;
    this.#request = request;
    this.#era = era;
    this.answer = new Promise((resolve) => {
      this.#respond = resolve;
      path.deadlines.set(this, ARRIVAL_MS);
      if (isSmall(request)) {
        request.text().then((text) => this.#arrived(text), () => this.#refuse(unreadable()));
      } else this.#receive();
    });
  }

  /** It takes long to arrive, or to be answered. */
  override ring(): void {
    // A connection on which nothing happens for long would be closed by somebody in between.
    if (this.#plain !== undefined) return void this.#open();
    this.#arrival?.giveUp();
    this.#refuse(late());
  }

  get key(): string {
    return this.#plain?.name ?? "";
  }

  get args(): Record<string, unknown> {
    return this.#plain?.args ?? {};
  }

  get headers(): Headers {
    return this.#request.headers;
  }

  /** Fires when the caller went away; also when it is asked for before a stream has begun. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      this.#leaveWith(this.#request.signal);
      if (this.#stream !== undefined) this.#leaveWith(this.#stream.gone);
    }
    return this.#gone.signal;
  }

  get client(): McpClient | undefined {
    return this.#plain?.client;
  }

  get answers(): Readonly<Record<string, unknown>> {
    return NO_ANSWERS;
  }

  get chunks(): ChunkUse {
    return this.#plain?.chunks ?? "none";
  }

  async emit(chunk: unknown): Promise<void> {
    const notes = this.#progressNotes();
    if (notes !== undefined) await this.#open().write(notification(notes.chunk(chunk)));
  }

  progress(progress: number, total?: number, message?: string): void {
    const params = this.#progressNotes()?.report(progress, total, message);
    if (params !== undefined) this.#open().report(notification(params));
  }

  /** Absent when nobody wants them. */
  #progressNotes(): ProgressNotes | undefined {
    const token = this.#plain?.token;
    return token === undefined ? undefined : this.#notes ??= new ProgressNotes(token);
  }

  #receive(): void {
    this.#arrival = this.#path.arrivals.receive(this.#request, LARGEST_BODY);
    this.#arrival.body.then((body) => {
      if (body === TOO_LARGE) return this.#refuse(tooLarge());
      if (body === NO_ROOM) return this.#refuse(crowded());
      this.#arrived(new TextDecoder().decode(body));
    }, () => this.#refuse(unreadable()));
  }

  #refuse(response: Response): void {
    this[Symbol.dispose]();
    this.#isRefused = true;
    this.#respond(response);
  }

  #arrived(text: string): void {
    // The sender of a request that was refused may have sent it again.
    if (this.#isRefused) return;
    if (isDeep(text)) return this.#refuse(tooDeep(text));
    this[Symbol.dispose]();
    if (this.#era === undefined) return this.#passOn(text);
    const { agent, lists, deadlines } = this.#path;
    const plain = plainRequest(
      text,
      this.#era,
      this.#request.headers,
      (tool) => lists.isPassedOn(agent.manifest, tool),
    );
    if (plain === undefined || (plain.isModern && lists.hasHeaders(agent.manifest, plain.name))) {
      return this.#passOn(text);
    }
    if (plain.method === "tools/list") {
      return this.#respond(this.#wholeAnswer(plain, lists.of(agent.manifest, plain.isModern)));
    }
    // JSON is one message, and nothing is said before it.
    const isSilent = this.#form === "json";
    this.#plain = isSilent ? { ...plain, token: undefined, chunks: "none" } : plain;
    if (!plain.isModern && !isSilent) deadlines.set(this, KEEP_ALIVE_MS);
    agent.call(this).then((outcome) => this.#came(outcome, plain), (error) => {
      // A tool that does not exist is the SDK's to refuse; nothing has been sent by then.
      if (!isMeshError(error, "not_found")) {
        return this.#came(errorToOutcome(asMeshError(error, "tool_failed")), plain);
      }
      this[Symbol.dispose]();
      this.#passOn(text);
    });
  }

  /** Lets the SDK answer. */
  #passOn(text: string): void {
    if (isTooLongToKeep(text)) return this.#respond(tooLongToKeep());
    const { url, method, signal } = this.#request;
    const headers = withUsualAccept(this.#request.headers);
    const request = new Request(url, { method, headers, body: text, signal });
    const answered = this.#path.rest.fetch(request, bodyForSdk(text));
    const answer = mayBeInexact(text) ? answered.then(withIntegerIds) : answered;
    const form = this.#form;
    // A subscription has no end to wait for.
    const isAsIs = form === "any" || headers.get("mcp-method") === "subscriptions/listen";
    this.#respond(
      isAsIs ? answer : answer.then((response) => inForm(response, form, /^\s*\[/.test(text))),
    );
  }

  #wholeAnswer({ id, isModern }: PlainRequest, result: string): Response {
    const form = this.#form;
    return whole(id, result, form === "events" || (form === "any" && !isModern));
  }

  #leaveWith(signal: AbortSignal): void {
    const gone = this.#gone;
    if (gone === undefined) return;
    const leave = () => gone.abort(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }

  /** The stream of the answer, which begins with it. */
  #open(): EventStream {
    if (this.#stream !== undefined) return this.#stream;
    this[Symbol.dispose]();
    this.#stream = new EventStream();
    this.#leaveWith(this.#stream.gone);
    this.#respond(this.#stream.response());
    return this.#stream;
  }

  #came(outcome: Outcome, plain: PlainRequest): void {
    this[Symbol.dispose]();
    const stream = this.#stream;
    if (stream !== undefined) {
      void this.#written(outcome, (sent) => this.#message(sent, plain))
        .then((message) => stream.end(message));
    } else {
      this.#respond(
        this.#wholeValue(outcome, plain) ??
          this.#written(outcome, (sent) => this.#whole(sent, plain)),
      );
    }
  }

  /** Writes a value, as almost all outcomes are; `undefined` for anything else, and what does not fit. */
  #wholeValue(outcome: Outcome, plain: PlainRequest): Response | undefined {
    if (outcome.kind !== "value") return undefined;
    try {
      return this.#wholeAnswer(plain, this.#result(outcome, plain));
    } catch {
      return undefined;
    }
  }

  /** Writes an outcome, or that it cannot be written: a sandbox may make up any result or question. */
  #written<T>(outcome: Outcome, write: (outcome: Outcome) => Promise<T>): Promise<T> {
    return write(outcome).catch((error) => write(unwritableOutcome(error)));
  }

  async #whole(outcome: Outcome, plain: PlainRequest): Promise<Response> {
    // A client that lacks what the call needs is told by the status as well (MCP lifecycle §errors).
    if (plain.isModern && errorOf(outcome)?.code === "cannot_ask") {
      const message = await this.#message(outcome, plain);
      return new Response(message, { status: 400, headers: MODERN_HEADERS });
    }
    return this.#wholeAnswer(
      plain,
      outcome.kind === "questions" ? await this.#asked(outcome) : this.#result(outcome, plain),
    );
  }

  /** The JSON-RPC message that tells an outcome. */
  async #message(outcome: Outcome, plain: PlainRequest): Promise<string> {
    const { id, isModern } = plain;
    if (outcome.kind === "questions") return resultMessage(id, await this.#asked(outcome));
    const error = isModern ? errorOf(outcome) : undefined;
    if (error?.code !== "cannot_ask") return resultMessage(id, this.#result(outcome, plain));
    const data = requiredCapabilities(error);
    return errorMessage(id, { code: MISSING_CAPABILITY, message: error.message, data });
  }

  #result(
    outcome: Exclude<Outcome, QuestionsOutcome>,
    { isModern, name }: PlainRequest,
  ): string {
    const { agent: { manifest }, lists } = this.#path;
    const wraps = lists.wraps(manifest, name);
    if (!isModern) return outcomeToJson(outcome, wraps);
    return outcomeToJson(outcome, wraps, `,"resultType":"complete"`, `,${serverInfo(manifest)}`);
  }

  async #asked(outcome: QuestionsOutcome): Promise<string> {
    const { agent, mcp } = this.#path;
    const asked = fitting(JSON.stringify(await mcp.questions(outcome, NO_ANSWERS)));
    return `${asked.slice(0, -1)},"_meta":{${serverInfo(agent.manifest)}}}`;
  }
}

function notification(params: ProgressParams): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params });
}
