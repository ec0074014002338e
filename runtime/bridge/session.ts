/**
 * One connection to an MCP server, from the handshake until it is lost. Requests and results pass as
 * they are: nothing is checked against the SDK's types, which would drop what they do not know.
 *
 * @module
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
  type Progress,
  SERVER_INFO_META_KEY,
  SseError,
} from "@modelcontextprotocol/client";
import * as z from "zod";
import { LONGEST_TIMER_MS } from "../base/sleep.ts";
import { within } from "../base/within.ts";
import { MeshError } from "../base/errors.ts";
import type { Logger } from "../define/handler_context.ts";
import { isPlain } from "../base/json_form.ts";
import { allPages } from "../mcp/pages.ts";
import { asNumbers } from "../base/exact_json.ts";
import { ChildTransport } from "./child_transport.ts";
import { HttpTransport } from "./http_transport.ts";
import { connect, type Connection, type ConnectionOptions } from "./connect.ts";
import {
  away,
  connectionFailure,
  isAlive,
  isForgotten,
  isTimeout,
  requestFailure,
  safeText,
} from "./failure.ts";
import { CallLines, type OnLogLine } from "./server_log.ts";
import { followChanges } from "./subscription.ts";
import { withoutNulls } from "./without_nulls.ts";
import type { Target } from "./target.ts";

/** What a session tells of. */
export interface SessionEvents {
  /** Tools, prompts or resources came or went. */
  readonly listsChanged: () => void;
  /** What is under this URI has changed. */
  readonly resourceUpdated: (uri: string) => void;
  /** Something beside a request failed: worth a {@linkcode Session.check}. */
  readonly trouble: () => void;
  /**
   * The server wants something of the client, in a session it was told capabilities for.
   *
   * @param signal Fires when it no longer does.
   */
  readonly asked?: (
    request: ServerRequest,
    signal: AbortSignal,
  ) => Promise<Record<string, unknown>>;
}

/** A request that the server sent of its own accord. */
export interface ServerRequest {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** One request. */
export interface SessionRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Takes what the server logs during the request; without one it is in the agent's log. */
  readonly onLog?: OnLogLine;
  /** The quietest level of lines that the caller wants; absent when it wants none. */
  readonly logLevel?: string | undefined;
  /** What the caller can be asked for; absent when it cannot be asked. */
  readonly capabilities?: Readonly<Record<string, unknown>> | undefined;
  /** Of a call, the tool's input schema, when it wants arguments repeated in headers (MCP SEP-2243). */
  readonly mirrored?: Readonly<Record<string, unknown>> | undefined;
}

/** A request was refused before it ran: the server has forgotten the session. */
export class SessionForgotten extends Error {
  override readonly name = "SessionForgotten";
}

/** Any result: what a server answers is its own business. */
const AnyResult = z.looseObject({});
/** How long a server may take to show that it is alive, in milliseconds. */
const CHECK_MS = 5_000;
/** Longest wait for a stream on which the server may ask, in milliseconds. */
const LISTENING_MS = 5_000;

/** A connection that stands, until it does not. */
export class Session {
  readonly #connection: Connection;
  readonly #target: Target;
  readonly #events: SessionEvents;
  readonly #ended = Promise.withResolvers<MeshError>();
  readonly #closing = new AbortController();
  readonly #lines = new CallLines();
  #ending: MeshError | undefined;
  #checking: Promise<MeshError | undefined> | undefined;
  #followed = new AbortController();

  /**
   * Connects.
   *
   * @throws {MeshError} As {@linkcode connect}.
   */
  static async open(
    target: Target,
    options: Omit<ConnectionOptions, "onLine"> & { readonly log: Logger },
    events: SessionEvents,
  ): Promise<Session> {
    const { log } = options;
    const onLine = (line: string) => log.info(`server: ${line}`);
    return new Session(await connect(target, { ...options, onLine }), target, events, log);
  }

  private constructor(
    connection: Connection,
    target: Target,
    events: SessionEvents,
    log: Logger,
  ) {
    this.#connection = connection;
    this.#target = target;
    this.#events = events;
    const { client } = connection;
    client.onclose = () => this.#lost(this.#closed());
    client.onerror = (error) => this.#failed(error, log);
    for (const kind of ["tools", "prompts", "resources"] as const) {
      client.setNotificationHandler(
        `notifications/${kind}/list_changed`,
        () => events.listsChanged(),
      );
    }
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      events.resourceUpdated(params.uri);
    });
    this.#lines.follow(client, log);
    const { asked } = events;
    if (asked === undefined) return;
    client.fallbackRequestHandler = ({ method, params }, { mcpReq }) =>
      asked({ method, params }, mcpReq.signal);
  }

  /** Resolves with why it ended. */
  get ended(): Promise<MeshError> {
    return this.#ended.promise;
  }

  /** The version the server says it has, and what it says a client should know. */
  get server(): {
    readonly version: string | undefined;
    readonly instructions: string | undefined;
  } {
    const { client } = this.#connection;
    return {
      version: client.getServerVersion()?.version,
      instructions: client.getInstructions(),
    };
  }

  /** Whether the server speaks MCP of 2026. */
  get isModern(): boolean {
    return this.#connection.client.getProtocolEra() === "modern";
  }

  /** Whether arguments of tools may have to be repeated in headers: over HTTP, in the 2026 era. */
  get mirrors(): boolean {
    return this.isModern && !(this.#connection.transport instanceof ChildTransport);
  }

  /**
   * Whether the server may send requests of its own accord: over HTTP, in a session of the 2025 era. A
   * process that was started may too, but there is only one of it for all callers.
   */
  get mayAsk(): boolean {
    const { transport } = this.#connection;
    if (this.isModern || transport instanceof ChildTransport) return false;
    return !(transport instanceof HttpTransport) || transport.sessionId !== undefined;
  }

  /** Waits until what the server sends of its own accord arrives; gives up after a while. */
  async listening(): Promise<void> {
    const { transport } = this.#connection;
    if (transport instanceof HttpTransport) await within(LISTENING_MS, transport.listening);
  }

  /** Whether the server offers these. */
  has(kind: "tools" | "prompts" | "resources" | "completions"): boolean {
    return this.#connection.client.getServerCapabilities()?.[kind] !== undefined;
  }

  /**
   * Sends a request.
   *
   * @returns The result as the server wrote it.
   * @throws {MeshError} `unreachable` when nothing was sent, `interrupted` when it may have run,
   * `bad_input`, `not_found`, `tool_failed`, `cannot_ask`, `overloaded`, `protocol`, or the reason of
   * the signal.
   * @throws {SessionForgotten} When the session is over and nothing ran.
   */
  async request(request: SessionRequest): Promise<Record<string, unknown>> {
    const { signal } = request;
    if (this.#ending !== undefined) throw away(this.#ending);
    signal.throwIfAborted();
    try {
      const result = withoutServerInfo(await this.#call(request));
      // What is in a list is looked at one by one: the others are good without the one that is not.
      if (request.method.endsWith("/list")) return result;
      if (isPlain(result)) {
        // Only results of tools go on as they were written; code reads the others, which stay objects.
        const read = request.method === "tools/call" ? result : asNumbers(result) as typeof result;
        return withoutNulls(read, this.isModern);
      }
      const text = `${this.#target.text} answered something that is nested too deep or too long`;
      throw new MeshError("protocol", text);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isForgotten(error, this.#connection.transport)) {
        const reason = this.#forgotten(error);
        this.end(reason);
        throw new SessionForgotten(reason.message, { cause: reason });
      }
      const failure = requestFailure(error, this.#target, this.#ending, request);
      if (failure.code === "unreachable" || failure.code === "interrupted") this.#events.trouble();
      throw failure;
    }
  }

  /**
   * Reads a list, all pages of it.
   *
   * @param items What the result calls its items.
   * @throws {MeshError} As {@linkcode Session.request}.
   */
  async list(method: string, items: string): Promise<unknown[]> {
    const { signal } = this.#closing;
    return await allPages(items, (params) => this.request({ method, params, signal }));
  }

  /** Has the server tell of changes of its lists and of what is under these URIs. */
  follow(uris: readonly string[]): void {
    this.#followed.abort();
    this.#followed = new AbortController();
    void followChanges(this.#connection.client, {
      uris,
      signal: AbortSignal.any([this.#followed.signal, this.#closing.signal]),
      onMissed: () => this.#events.listsChanged(),
    });
  }

  /**
   * Looks whether the server is there. A connection that is found dead ends.
   *
   * @returns What is wrong, if anything.
   */
  async check(): Promise<MeshError | undefined> {
    if (this.#ending !== undefined) return this.#ending;
    // What one look meets is trouble that would lead to the next.
    return await (this.#checking ??= this.#check().finally(() => this.#checking = undefined));
  }

  async #check(): Promise<MeshError | undefined> {
    const { client, transport } = this.#connection;
    // A process tells by itself when it is gone, and one that is busy need not answer.
    if (transport instanceof ChildTransport) return undefined;
    try {
      const options = { timeout: CHECK_MS, signal: this.#closing.signal };
      await (this.isModern ? client.discover(options) : client.ping(options));
      return undefined;
    } catch (error) {
      if (isAlive(error, transport)) return undefined;
      const failure = isForgotten(error, transport)
        ? this.#forgotten(error)
        : connectionFailure(error, this.#target);
      // One that is silent may only be busy, and what it is busy with is not to be cut off.
      if (!isTimeout(error)) this.end(failure);
      return this.#ending ?? failure;
    }
  }

  /** Ends it: requests under way fail. */
  end(reason: MeshError): void {
    this.#lost(reason);
    void this.#connection.client.close().catch(() => {});
  }

  /** Ends it in good order. Never throws. */
  async close(): Promise<void> {
    this.#lost(new MeshError("unreachable", "the agent stopped"));
    await this.#connection.client.close().catch(() => {});
  }

  async #call(request: SessionRequest): Promise<Record<string, unknown>> {
    const { transport } = this.#connection;
    if (request.onLog === undefined) return await this.#send(request);
    const call = crypto.randomUUID();
    using _call = this.#lines.begin(call, request.onLog);
    const send = () => this.#send(request);
    return await (transport instanceof HttpTransport ? transport.sending(call, send) : send());
  }

  #send(request: SessionRequest): Promise<Record<string, unknown>> {
    const { client } = this.#connection;
    const { method, params, signal, onProgress, logLevel, capabilities, mirrored } = request;
    const { isModern } = this;
    const options = {
      signal,
      // The deadline of a request is its signal's.
      timeout: LONGEST_TIMER_MS,
      allowInputRequired: true,
      ...(onProgress === undefined ? {} : { onprogress: onProgress }),
    };
    // In this era every request says what its sender can be asked for, and what it wants to be told.
    const meta = {
      ...(capabilities !== undefined && { [CLIENT_CAPABILITIES_META_KEY]: capabilities }),
      ...(logLevel !== undefined && { [LOG_LEVEL_META_KEY]: logLevel }),
    };
    const sent = isModern && Object.keys(meta).length > 0 ? { ...params, _meta: meta } : params;
    if (!isModern || mirrored === undefined || typeof sent["name"] !== "string") {
      return client.request({ method, params: sent }, AnyResult, options);
    }
    const { name } = sent;
    const toolDefinition = { name, inputSchema: { ...mirrored, type: "object" as const } };
    return client.callTool({ ...sent, name }, { ...options, toolDefinition });
  }

  #failed(error: Error, log: Logger): void {
    if (this.#ending !== undefined) return;
    log.debug(`connection: ${safeText(error.message, this.#target)}`);
    if (!(error instanceof SseError)) return this.#events.trouble();
    // A server of 2024 has lost the session with the stream. Whoever reports it goes on to plan its
    // own return, which only closing it afterwards calls off.
    queueMicrotask(() => this.end(connectionFailure(error, this.#target)));
  }

  #lost(reason: MeshError): void {
    if (this.#ending !== undefined) return;
    this.#ending = reason;
    this.#closing.abort(reason);
    this.#ended.resolve(reason);
  }

  #closed(): MeshError {
    const { transport } = this.#connection;
    const ending = transport instanceof ChildTransport ? transport.ending : undefined;
    const text = ending ?? `the connection to ${this.#target.text} was closed`;
    return new MeshError("unreachable", text);
  }

  #forgotten(cause: unknown): MeshError {
    const text = `${this.#target.text} has forgotten the session`;
    return new MeshError("unreachable", text, { cause });
  }
}

/** The name of the server behind is not that of the agent, who says its own. */
function withoutServerInfo(result: Record<string, unknown>): Record<string, unknown> {
  const { _meta: meta, ...rest } = result;
  if (typeof meta !== "object" || meta === null || !(SERVER_INFO_META_KEY in meta)) return result;
  const { [SERVER_INFO_META_KEY]: _, ...others } = meta;
  return Object.keys(others).length === 0 ? rest : { ...rest, _meta: others };
}
