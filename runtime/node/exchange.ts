/**
 * One request to a gateway and its answer, on the trusted side: the request is read whole, its route
 * is run, and what that comes to is sent, whole or piece by piece.
 *
 * @module
 */
import { Alarm, type Deadlines, TIMEOUT_HEADER } from "../base/deadline.ts";
import { asMeshError, MeshError } from "../base/errors.ts";
import type { InboundCall } from "../mcp/agent_server.ts";
import type { Outcome } from "../boundary/result.ts";
import { PacedBody } from "../base/paced_body.ts";
import { errorEvent } from "../define/sse.ts";
import { type Arrival, ARRIVAL_MS, type Arrivals, NO_ROOM, TOO_LARGE } from "../base/arrivals.ts";
import {
  type RequestParts,
  type ResponseHead,
  responseOf,
  type ResponseParts,
} from "../base/parts.ts";
import { type Problem, problemOf, problemResponse } from "../base/problem.ts";
import type { RouteMatch } from "../define/router.ts";

/** What the exchanges of one gateway share. */
export interface ExchangeOptions {
  /**
   * Runs a route.
   *
   * @throws {MeshError} Whatever it failed with.
   */
  readonly run: (call: InboundCall) => Promise<Outcome>;
  readonly deadlines: Deadlines;
  readonly arrivals: Arrivals;
}

const LATE: Problem = {
  status: 408,
  detail: `the request did not arrive within ${ARRIVAL_MS / 1000} s`,
};
const BROKEN_OFF: Problem = { status: 400, detail: "the body did not arrive" };
const CROWDED: Problem = {
  status: 503,
  detail: "too many large bodies are being received; send it again later",
  error: "overloaded",
  headers: [["retry-after", "1"]],
};
const NO_ANSWERS = {};
const NO_ARGUMENTS = {};
/** Methods whose requests have no body that means anything (RFC 9110 §9.3). */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** The end of an event, as bytes. */
const NEWLINE = 10;

/** One request and its answer. */
export class HttpExchange extends Alarm implements InboundCall {
  /** The response; when the route fails, the problem document that says so. */
  readonly answer: Promise<Response>;
  readonly client = undefined;
  readonly answers = NO_ANSWERS;
  readonly chunks = "only";
  readonly #options: ExchangeOptions;
  readonly #request: Request;
  readonly #match: RouteMatch;
  #respond!: (response: Response) => void;
  #arrival: Arrival | undefined;
  #parts: RequestParts | undefined;
  #gone: AbortController | undefined;
  #stream: AnswerStream | undefined;
  #isOver = false;

  constructor(options: ExchangeOptions, request: Request, match: RouteMatch) {
    super();
    this.#options = options;
    this.#request = request;
    this.#match = match;
    this.answer = new Promise((resolve) => {
      this.#respond = resolve;
      if (BODILESS.has(request.method)) this.#arrived(undefined);
      else this.#receive();
    });
  }

  get key(): string {
    return this.#match.route.key;
  }

  get args(): Record<string, unknown> {
    return this.#parts ?? NO_ARGUMENTS;
  }

  get headers(): Headers {
    return this.#request.headers;
  }

  /** Only a caller that says how long it waits has waited for long enough once a stream goes on. */
  get streamsOn(): boolean {
    return !this.#request.headers.has(TIMEOUT_HEADER);
  }

  /** Fires when the client went away. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      const { signal } = this.#request;
      if (signal.aborted) this.#gone.abort(signal.reason);
      else signal.addEventListener("abort", () => this.#left(signal.reason), { once: true });
    }
    return this.#gone.signal;
  }

  /** It takes too long to arrive. */
  override ring(): void {
    this.#arrival?.giveUp();
    this.#refuse(LATE);
  }

  /** Passes the head of the response on, and then each piece of its body. */
  emit(chunk: unknown): Promise<void> {
    if (this.#isOver) return Promise.reject(new MeshError("cancelled", "the answer is over"));
    try {
      // The side of the gateway's code emits a head first, and then bytes.
      if (this.#stream !== undefined) return this.#stream.write(bytesOf(chunk));
      this.#begin(chunk as ResponseHead);
      return Promise.resolve();
    } catch (error) {
      // It can emit anything, such as a status that does not exist, or no bytes.
      this.#failed(asMeshError(error, "protocol"));
      return Promise.reject(error);
    }
  }

  progress(): void {}

  #receive(): void {
    const { maxBodyBytes } = this.#match.route;
    this.#options.deadlines.set(this, ARRIVAL_MS);
    this.#arrival = this.#options.arrivals.receive(this.#request, maxBodyBytes);
    this.#arrival.body.then((body) => {
      if (this.#isOver) return;
      if (body === TOO_LARGE) return this.#refuse(tooLarge(maxBodyBytes));
      if (body === NO_ROOM) return this.#refuse(CROWDED);
      this[Symbol.dispose]();
      this.#arrived(body);
    }, () => {
      if (!this.#isOver) this.#refuse(BROKEN_OFF);
    });
  }

  #refuse(problem: Problem): void {
    this[Symbol.dispose]();
    this.#isOver = true;
    this.#respond(problemResponse(problem));
  }

  #arrived(body: RequestParts["body"]): void {
    const { method, url, headers } = this.#request;
    this.#parts = { method, url, headers, params: this.#match.params, body };
    this.#options.run(this).then((outcome) => this.#came(outcome), (error) => {
      this.#failed(asMeshError(error, "tool_failed"));
    });
  }

  #begin(head: ResponseHead): void {
    if (this.#request.method === "HEAD") {
      this.#respond(responseOf(head, null));
      this.#isOver = true;
      this.#left(new MeshError("cancelled", "an answer to HEAD has no body"));
      return;
    }
    const stream = new AnswerStream(head, (reason) => this.#left(reason));
    this.#respond(responseOf(head, stream.body));
    this.#stream = stream;
  }

  #left(reason: unknown): void {
    this.#gone ??= new AbortController();
    this.#gone.abort(reason);
  }

  #came(outcome: Outcome): void {
    this.#isOver = true;
    if (this.#stream !== undefined) return this.#stream.end();
    try {
      if (outcome.kind !== "response" || outcome.response === undefined) {
        throw new MeshError("protocol", "the route came to no response");
      }
      this.#respond(this.#whole(outcome.response));
    } catch (error) {
      this.#failed(asMeshError(error, "protocol"));
    }
  }

  #whole({ head, body }: ResponseParts): Response {
    return responseOf(head, this.#request.method === "HEAD" ? null : body ?? null);
  }

  #failed(error: MeshError): void {
    this.#isOver = true;
    if (this.#stream === undefined) this.#respond(problemResponse(problemOf(error)));
    else this.#stream.fail(error);
  }
}

function bytesOf(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (chunk instanceof Uint8Array && chunk.buffer instanceof ArrayBuffer) {
    // It is in memory that is not shared, as was just seen.
    return chunk as Uint8Array<ArrayBuffer>;
  }
  throw new MeshError("protocol", "a piece of a response is not bytes");
}

function tooLarge(most: number): Problem {
  return { status: 413, detail: `the body is larger than ${most} bytes, the most this takes` };
}

/** A body that is sent piece by piece. */
class AnswerStream {
  readonly #body = new PacedBody();
  /** Whether it is of events, whose readers can be told of a failure. */
  readonly #hasEvents: boolean;
  #last: Uint8Array | undefined;

  constructor({ headers }: ResponseHead, onGone: (reason: unknown) => void) {
    this.#hasEvents = headers.some(([name, value]) =>
      name === "content-type" && value.startsWith("text/event-stream")
    );
    const { gone } = this.#body;
    gone.addEventListener("abort", () => onGone(gone.reason), { once: true });
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#body.stream;
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length > 0) this.#last = bytes;
    return this.#body.write(bytes);
  }

  end(): void {
    this.#body.end();
  }

  fail(error: MeshError): void {
    if (!this.#hasEvents || !this.#isBetweenEvents()) return this.#body.fail(error);
    this.#body.push(new TextEncoder().encode(errorEvent(error)));
    this.#body.end();
  }

  /** Whether no event has been begun that the failure would be taken for a part of. */
  #isBetweenEvents(): boolean {
    const last = this.#last;
    return last === undefined || (last.at(-1) === NEWLINE && last.at(-2) === NEWLINE);
  }
}
