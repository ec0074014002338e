/**
 * One MCP request over HTTP: sends a JSON-RPC request and reads the messages that answer it, as JSON or
 * as Server-Sent Events (MCP 2025-06-18, transports, "Sending Messages to the Server").
 *
 * The first message with a result or an error is the answer, and nothing after it is read. Its id is not
 * compared with the request's: an HTTP response belongs to one request, and servers that could not read
 * the request leave the id out.
 *
 * @module
 */
import { boundedText } from "./bounded_body.ts";
import { cutText } from "./cut_text.ts";
import { MeshError } from "./errors.ts";
import { parseExact } from "./exact_json.ts";
import { isObject, type JsonObject } from "./json.ts";
import { keptWithBody } from "./kept_response.ts";
import { isEventStream } from "./media_range.ts";
import { causeTexts } from "./network_failure.ts";
import { fateText, httpFailure, lostRequest, type TransportFailure } from "./resend.ts";
import { eventsOf, readEvents, type ServerSentEvent } from "./sse.ts";

/** Headers of every request that has a message for its body. */
export const MCP_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
} as const;

/** Comment that the registry's proxy ends an event stream with when the time of the call is up. */
export const TIME_UP_COMMENT = "mesh-proxy-timeout";

/** Longest part of a foreign text in a message, in characters. */
const SAID_MAX = 500;

/** A request. */
export interface McpRequest {
  readonly fetch: typeof fetch;
  readonly url: string;
  /** All headers, {@linkcode MCP_HEADERS} too. */
  readonly headers: HeadersInit;
  /** A JSON-RPC request, as JSON. */
  readonly body: string;
  /** Gives the request up. */
  readonly signal: AbortSignal;
  /** The receiver, in messages. */
  readonly peer: string;
  /** Whether redirects are followed. A peer may lead its caller nowhere else. @default "error" */
  readonly redirect?: RequestRedirect;
  /** Reads the JSON of a message. @default {@linkcode parseExact} */
  readonly parse?: (text: string) => unknown;
  /** Takes the text of each message of an answer, before it is read. */
  readonly onText?: (text: string) => void;
}

/** The message that ends a request; exactly one of `result` and `error` is there. */
export interface McpAnswer {
  readonly result?: JsonObject;
  /** A JSON-RPC error, as the peer wrote it. */
  readonly error?: JsonObject;
  /** HTTP status of the answer. */
  readonly status: number;
}

/** A JSON-RPC error. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Returns a JSON-RPC error as MCP has it; a member that is missing or of another type is 0 or "". */
export function rpcErrorIn({ code, message, data }: JsonObject = {}): RpcError {
  return {
    code: typeof code === "number" ? code : 0,
    message: typeof message === "string" ? message : "",
    ...(data === undefined ? {} : { data }),
  };
}

/** Ways in which a request gets no answer. */
export type Loss =
  /** No connection came about, so nothing was sent. */
  | "unsent"
  /** The connection was lost before the answer began. */
  | "unanswered"
  /** The status says that this is not an answer. */
  | "refused"
  /** The connection was lost in the middle of the answer. */
  | "broken"
  /** A stream ended without an answer. */
  | "ended"
  /** The registry's proxy ended the stream because the time was up. */
  | "late"
  /** A message is longer or nested deeper than the mesh carries. */
  | "too_long"
  /** The answer is not a JSON-RPC message. */
  | "unreadable"
  /** The message has neither a result nor an error. */
  | "empty";

/** The failure of a request that got no answer. */
export class LostRequest extends MeshError {
  readonly loss: Loss;
  /** HTTP status; `undefined` when the answer did not begin. */
  readonly status: number | undefined;
  /** The text that came instead of a message; "" when there is none. */
  readonly said: string;
  /** The JSON-RPC message in the body of a refusal. */
  readonly answer: McpAnswer | undefined;

  /**
   * @param peer The receiver, in the message.
   * @param particulars Facts about the answer; a refusal's say what it means for sending the request again.
   */
  constructor(loss: Loss, peer: string, particulars: LossParticulars = {}) {
    const whole = { ...CODES[loss], ...particulars };
    const { code, nothingRan, status, said = "", answer, cause, retryAfterMs } = whole;
    const later = retryAfterMs === undefined ? {} : { retryAfterMs };
    super(code, lossText(loss, peer, whole), {
      nothingRan,
      ...(cause === undefined ? {} : { cause }),
      ...(loss === "refused" ? { details: { status, ...later } } : {}),
    });
    this.loss = loss;
    this.status = status;
    this.said = said;
    this.answer = answer;
  }
}

interface LossParticulars extends Partial<TransportFailure> {
  readonly status?: number;
  readonly said?: string;
  readonly answer?: McpAnswer | undefined;
  readonly cause?: unknown;
}

const PROTOCOL = { code: "protocol", nothingRan: false } as const;
const INTERRUPTED = { code: "interrupted", nothingRan: false } as const;
const CODES = {
  unsent: { code: "unreachable", nothingRan: true },
  unanswered: INTERRUPTED,
  refused: PROTOCOL,
  broken: INTERRUPTED,
  ended: INTERRUPTED,
  late: { code: "timeout", nothingRan: false },
  too_long: PROTOCOL,
  unreadable: PROTOCOL,
  empty: PROTOCOL,
} as const satisfies Record<Loss, unknown>;

function lossText(
  loss: Loss,
  peer: string,
  { code, nothingRan = false, status, said = "", cause }: Omit<LossParticulars, "code"> & {
    readonly code: string;
  },
): string {
  const shown = cutText(said, SAID_MAX);
  switch (loss) {
    case "unsent":
      return `${peer} cannot be reached, nothing ran: ${causeTexts(cause)}`;
    case "unanswered":
      return `${peer} was lost before it answered; the call may have run: ${causeTexts(cause)}`;
    case "refused": {
      const text = `${peer} answered ${status}${shown === "" ? "" : `: ${shown}`}`;
      return code === "interrupted" ? `${text}; ${fateText({ nothingRan })}` : text;
    }
    case "broken":
      return `${peer} was lost in the middle of its answer; the call may have run: ` +
        causeTexts(cause);
    case "ended":
      return `${peer} ended its answer without a result; the call may have run`;
    case "late":
      return `${peer} gave no answer in time; the call may have run`;
    case "too_long":
      return `${peer} answered more than fits: ${causeTexts(cause)}`;
    case "unreadable":
      return `${peer} answered something that is no message: ${shown}`;
    case "empty":
      return `${peer} answered without a result`;
  }
}

/** Returns the address that an agent takes MCP requests at. */
export function mcpUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, "");
  return base.endsWith("/mcp") ? base : `${base}/mcp`;
}

/**
 * Sends a request and waits for its answer.
 *
 * @param onMessage Takes each message that comes before the answer; the next one is read when it is
 * done.
 * @throws {LostRequest} When there is no answer.
 * @throws The reason of the signal when that is why, and whatever `onMessage` throws.
 */
export async function requestMcp(
  request: McpRequest,
  onMessage?: (message: JsonObject) => Promise<void> | void,
): Promise<McpAnswer> {
  const response = await send(request);
  if (!isStream(response)) {
    const { answer, message, lost } = await wholeAnswer(response, request);
    if (answer !== undefined) return answer;
    if (message !== undefined) await onMessage?.(message);
    throw lost;
  }
  await using messages = streamedMessages(response, request);
  for (;;) {
    const { done, value } = await messages.next();
    if (done) return value;
    const taken = onMessage?.(value);
    if (taken !== undefined) await taken;
  }
}

/**
 * Sends a request.
 *
 * @returns Yields the notifications and the questions of the peer as they come, then returns the answer.
 * Leaving the loop ends the request.
 * @throws {LostRequest} When there is no answer.
 * @throws The reason of the signal when that is why.
 */
export async function* mcpMessages(request: McpRequest): AsyncGenerator<JsonObject, McpAnswer> {
  const response = await send(request);
  if (isStream(response)) return yield* streamedMessages(response, request);
  const { answer, message, lost } = await wholeAnswer(response, request);
  if (answer !== undefined) return answer;
  if (message !== undefined) yield message;
  throw lost;
}

/** Sends a request, whose answer has a status of success. */
async function send(request: McpRequest): Promise<Response> {
  const { fetch, url, headers, body, signal, peer, redirect = "error" } = request;
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers, body, signal, redirect });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new LostRequest(lostRequest(cause).nothingRan ? "unsent" : "unanswered", peer, { cause });
  }
  if (response.ok) return response;
  throw await lostIn(await refusal(response, request), response, request);
}

function isStream({ headers }: Response): boolean {
  return isEventStream(headers.get("content-type"));
}

/** Ends a response that has failed, and returns what to throw for it. */
async function lostIn(
  cause: unknown,
  response: Response,
  { signal, peer }: McpRequest,
): Promise<unknown> {
  await response.body?.cancel().catch(() => {});
  if (signal.aborted) return signal.reason;
  if (cause instanceof LostRequest) return cause;
  const loss = cause instanceof RangeError ? "too_long" : "broken";
  return new LostRequest(loss, peer, { status: response.status, cause });
}

/** An answer that is one message: the answer, or else what is lost with it, after the message if any. */
type WholeAnswer =
  | { readonly answer: McpAnswer; readonly message?: undefined; readonly lost?: undefined }
  | { readonly answer?: undefined; readonly message?: JsonObject; readonly lost: LostRequest };

async function wholeAnswer(response: Response, request: McpRequest): Promise<WholeAnswer> {
  const { status } = response;
  const { peer, onText } = request;
  try {
    const said = await boundedText(response);
    onText?.(said);
    const message = readMessage(said, request);
    if (message === undefined) throw new LostRequest("unreadable", peer, { status, said });
    const answer = answerIn(message, status);
    if (answer !== undefined) return { answer };
    const lost = new LostRequest("empty", peer, { status, said });
    return typeof message["method"] === "string" ? { message, lost } : { lost };
  } catch (cause) {
    throw await lostIn(cause, response, request);
  }
}

async function* streamedMessages(
  response: Response,
  request: McpRequest,
): AsyncGenerator<JsonObject, McpAnswer> {
  const { status } = response;
  const { peer, onText } = request;
  let isLate = false;
  const onComment = (comment: string) => void (isLate ||= comment.startsWith(TIME_UP_COMMENT));
  try {
    for await (const { event, data, isCut } of await streamedEvents(response, onComment)) {
      if (data === "") continue;
      onText?.(data);
      const message = readMessage(data, request);
      const answer = message && answerIn(message, status);
      if (answer !== undefined) return answer;
      // An answer that is whole counts although the end of its event is missing; nothing else does.
      if (isCut || isLate) break;
      if (typeof message?.["method"] === "string") yield message;
      else if (message === undefined) {
        // An event of another type is for other readers: MCP sends only `message`.
        if (event === "message") throw new LostRequest("unreadable", peer, { status, said: data });
      } else if (isResponse(message)) throw new LostRequest("empty", peer, { status, said: data });
    }
    throw new LostRequest(isLate ? "late" : "ended", peer, { status });
  } catch (cause) {
    throw await lostIn(cause, response, request);
  }
}

async function streamedEvents(
  response: Response,
  onComment: (text: string) => void,
): Promise<AsyncIterable<ServerSentEvent> | Iterable<ServerSentEvent>> {
  const { body, headers } = response;
  const options = { onComment, withCut: true };
  // A stream that says its length is complete: reading it at once is several times faster.
  if (body === null || headers.has("content-length")) {
    return eventsOf(await boundedText(response), options);
  }
  keptWithBody(response);
  return readEvents(body, options);
}

/** Returns the message of a text; `undefined` when it is not one. */
function readMessage(text: string, { parse = parseExact }: McpRequest): JsonObject | undefined {
  try {
    const message = parse(text);
    return isObject(message) ? message : undefined;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return undefined;
  }
}

/** Returns the answer that a message is. Some servers write the member that does not apply as `null`. */
function answerIn({ result, error }: JsonObject, status: number): McpAnswer | undefined {
  if (isObject(error)) return { error, status };
  return isObject(result) ? { result, status } : undefined;
}

function isResponse(message: JsonObject): boolean {
  return "id" in message || "result" in message || "error" in message;
}

async function refusal(response: Response, request: McpRequest): Promise<LostRequest> {
  const { status, headers } = response;
  const failure = httpFailure(status, headers);
  // The status says enough when the text is lost.
  const said = await boundedText(response).catch(() => "");
  const texts = isStream(response)
    ? Array.from(eventsOf(said, { withCut: true }), ({ data }) => data)
    : [said];
  const answer = texts.map((text) => refusalIn(text, status, request))
    .find((answer) => answer !== undefined);
  return new LostRequest("refused", request.peer, { ...failure, status, said, answer });
}

/** Returns the JSON-RPC answer in the body of a refusal; anybody may write JSON that looks like one. */
function refusalIn(text: string, status: number, request: McpRequest): McpAnswer | undefined {
  try {
    const message = readMessage(text, request);
    return message?.["jsonrpc"] === "2.0" ? answerIn(message, status) : undefined;
  } catch {
    return undefined;
  }
}
