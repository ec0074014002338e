/**
 * MCP over HTTP as the SDK does it, except that a request whose answer breaks off is told at once:
 * the SDK would let it wait for its deadline.
 *
 * @module
 */
import {
  type JSONRPCMessage,
  StreamableHTTPClientTransport,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import { AsyncLocalStorage } from "node:async_hooks";
import { isJsonType } from "../base/answer_form.ts";
import { within } from "../base/within.ts";
import { failureMeta } from "../base/failure.ts";
import { isEventStream } from "../base/media_range.ts";
import { authorization, fetchFor } from "./http_access.ts";
import { eventLines } from "./event_lines.ts";
import type { ForeignMessages } from "./foreign_messages.ts";
import { notedLine } from "./server_log.ts";
import type { HttpTarget } from "./target.ts";

/** `data` of the error that answers a request whose answer broke off; nothing on the wire equals it. */
export const BROKEN_OFF: unknown = Object.freeze({});
/** JSON-RPC code of errors that are made here: of the range left to implementations. */
const FAILED_CODE = -32000;
/** The stream a server tells of changes on is opened again for as long as the session lasts. */
const RECONNECTION = {
  initialReconnectionDelay: 1_000,
  maxReconnectionDelay: 30_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: Infinity,
};
/** How long saying goodbye to a server may take, in milliseconds. */
const CLOSE_MS = 500;

/** Messages to and from a URL. */
export class HttpTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  /** Each request has an answer of its own: giving one up ends it (MCP 2026-07-28, cancellation). */
  readonly hasPerRequestStream = true;
  readonly #inner: StreamableHTTPClientTransport;
  readonly #unanswered = new Set<string | number>();
  readonly #listening = Promise.withResolvers<void>();
  /** Which call is sent, as far as the fetch that sends it. */
  readonly #call = new AsyncLocalStorage<string>();

  /** @param messages Makes the server's ones that the SDK reads. */
  constructor(target: HttpTarget, messages: ForeignMessages) {
    const fetch = fetchFor(target, (body) => this.#tooLong(body, target));
    this.#inner = new StreamableHTTPClientTransport(target.url, {
      reconnectionOptions: RECONNECTION,
      ...authorization(target),
      fetch: async (input, init) => {
        try {
          const call = this.#call.getStore();
          const noted = (line: string) => notedLine(line, call);
          return await readableAnswer(await fetch(input, init), messages, noted);
        } finally {
          if (init?.method === "GET") this.#listening.resolve();
        }
      },
    });
  }

  /** Sends what `send` does as a call: log lines in its answer are noted to be of this call. */
  sending<Sent>(call: string, send: () => Sent): Sent {
    return this.#call.run(call, send);
  }

  /**
   * Resolves when what the server says unasked arrives here, or when it has said that it says nothing.
   * The SDK asks for that after the handshake, and does not tell when it is so.
   */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** The session the server gave, if it keeps any. */
  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  /** Revision that requests after the handshake are sent under. */
  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion(version);
  }

  /** Begins taking messages; connects nothing yet. */
  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message) => {
      if (!("method" in message) && message.id !== undefined) this.#unanswered.delete(message.id);
      this.onmessage?.(message);
    };
    await this.#inner.start();
  }

  /** Sends a message; a request is answered through `onmessage` in any case. */
  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const id = "method" in message && "id" in message ? message.id : undefined;
    // The SDK's two declarations of these options differ in how they write "absent".
    const sent = options as NonNullable<Parameters<StreamableHTTPClientTransport["send"]>[1]>;
    if (id === undefined) {
      this.#givenUp(message);
      return await this.#inner.send(message, sent);
    }
    this.#unanswered.add(id);
    sent.requestSignal?.addEventListener("abort", () => this.#unanswered.delete(id), {
      once: true,
    });
    try {
      await this.#inner.send(message, {
        ...sent,
        onRequestStreamEnd: () => {
          this.#brokeOff(id);
          sent.onRequestStreamEnd?.();
        },
      });
    } catch (error) {
      this.#unanswered.delete(id);
      throw error;
    }
  }

  /** Ends everything that is under way, and the session if there is one. */
  async close(): Promise<void> {
    // A courtesy to the server: whether it takes it changes nothing here.
    await within(CLOSE_MS, this.#inner.terminateSession().catch(() => {}));
    await this.#inner.close();
  }

  /** Nobody waits for the answer to a request that is cancelled. */
  #givenUp(message: JSONRPCMessage): void {
    if (!("method" in message) || message.method !== "notifications/cancelled") return;
    const id = message.params?.["requestId"];
    if (typeof id === "string" || typeof id === "number") this.#unanswered.delete(id);
  }

  #brokeOff(id: string | number): void {
    this.#failed(id, "the answer broke off", BROKEN_OFF);
  }

  /** Fails the request whose answer has an event that is too long. */
  #tooLong(body: RequestInit["body"], { text }: HttpTarget): void {
    // The SDK writes every message as text; what else is asked has no body, or none of its own.
    if (typeof body !== "string") return;
    const { id }: { readonly id?: string | number } = JSON.parse(body);
    const message = `${text} answered more than fits`;
    if (id !== undefined) this.#failed(id, message, failureMeta({ code: "protocol", message }));
  }

  #failed(id: string | number, message: string, data: unknown): void {
    if (!this.#unanswered.delete(id)) return;
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code: FAILED_CODE, message, data } });
  }
}

/**
 * Returns an answer that the SDK reads.
 *
 * @param replace Replaces a line of an event stream before.
 */
export async function readableAnswer(
  response: Response,
  messages: ForeignMessages,
  replace: (line: string) => string = (line) => line,
): Promise<Response> {
  const { body, headers } = response;
  const type = headers.get("content-type");
  if (body === null) return response;
  if (isEventStream(type)) {
    const readable = (line: string) => messages.readableLine(replace(line));
    return new Response(eventLines(body, readable), response);
  }
  if (!isJsonType(type)) return response;
  return new Response(messages.readable(await response.text()), response);
}
