/**
 * Keeps a connection to an MCP server: makes it, makes it again when it is lost, ever less often
 * while that fails, and knows what is wrong in between.
 *
 * @module
 */
import { abortable } from "../base/within.ts";
import { sleep } from "../base/sleep.ts";
import { backoffMs } from "../base/backoff.ts";
import { asMeshError, MeshError } from "../base/errors.ts";
import type { Logger } from "../define/handler_context.ts";
import { away } from "./failure.ts";
import { Session, type SessionEvents, SessionForgotten, type SessionRequest } from "./session.ts";
import type { Target } from "./target.ts";

/** What a {@linkcode Link} needs. */
export interface LinkOptions {
  readonly target: Target;
  /** Variables a started server gets beside its own. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** Makes use of a new connection; the server is away until it is done. */
  readonly onSession: (session: Session) => Promise<void>;
  /** The server went away or came back, or may have. */
  readonly onChange: () => void;
  /** Tools, prompts or resources came or went. */
  readonly onListsChanged: (session: Session) => void;
  readonly onResourceUpdated: (uri: string) => void;
}

/** First and longest wait before the next attempt, in milliseconds. */
const AGAIN = { firstMs: 250, longestMs: 30_000 };
/** A connection that stood this long was a good one, in milliseconds. */
const GOOD_MS = 10_000;

/** The connection to one server, through all its losses. */
export class Link {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #session: Session | undefined;
  #next = Promise.withResolvers<void>();
  #reason: MeshError;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#reason = new MeshError("unreachable", `${options.target.text} is still starting`);
  }

  /**
   * Begins, and waits for the first attempt; whatever comes of it, the link goes on until it is
   * closed.
   *
   * @throws {MeshError} Why the first attempt failed.
   */
  async open(): Promise<void> {
    const first = this.#next.promise;
    this.#loop = this.#run();
    await first;
  }

  /** Whether the server may ask within a session; see {@linkcode Session.mayAsk}. */
  get mayAsk(): boolean {
    return this.#session?.mayAsk ?? false;
  }

  /** Looks whether the server is there; returns what is wrong, if anything. */
  async check(): Promise<MeshError | undefined> {
    return this.#session === undefined ? this.#reason : await this.#session.check();
  }

  /**
   * Sends a request. One that was refused because the server had forgotten the session goes out once
   * more over the next.
   *
   * @throws {MeshError} As {@linkcode Session.request}; `unreachable` while the server is away.
   */
  async request(request: SessionRequest): Promise<Record<string, unknown>> {
    const session = this.#standing();
    try {
      return await session.request(request);
    } catch (error) {
      if (!(error instanceof SessionForgotten)) throw error;
    }
    this.#lose(session);
    await abortable(this.#next.promise, request.signal);
    try {
      return await this.#standing().request(request);
    } catch (error) {
      throw error instanceof SessionForgotten ? away(asMeshError(error.cause, "protocol")) : error;
    }
  }

  /** Ends it, and a server that was started. Never throws. */
  async close(): Promise<void> {
    this.#stop.abort(new MeshError("unreachable", "the agent stopped"));
    await this.#loop;
  }

  #standing(): Session {
    if (this.#session !== undefined) return this.#session;
    const { message } = this.#reason;
    throw new MeshError("unreachable", message, { cause: this.#reason, nothingRan: true });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let attempts = 1;
    while (!signal.aborted) {
      const started = performance.now();
      await this.#stand(signal);
      attempts = performance.now() - started > GOOD_MS ? 1 : attempts + 1;
      const wait = backoffMs(AGAIN, attempts, Math.random());
      await sleep(wait, signal);
    }
    this.#fail(this.#reason);
  }

  /** Makes one connection and stays with it until it is lost or the link is closed. */
  async #stand(signal: AbortSignal): Promise<void> {
    const { onSession, onChange } = this.#options;
    let session: Session | undefined;
    const stopped = () => void session?.close();
    signal.addEventListener("abort", stopped, { once: true });
    try {
      session = await this.#connect(signal);
      await onSession(session);
      this.#session = session;
      this.#next.resolve();
      onChange();
      this.#reason = await session.ended;
      this.#lose(session);
    } catch (error) {
      this.#reason = asMeshError(error, "protocol");
      this.#fail(this.#reason);
    } finally {
      signal.removeEventListener("abort", stopped);
      onChange();
      await session?.close();
    }
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    const { target, inherited, log, onListsChanged, onResourceUpdated, onChange } = this.#options;
    let session: Session | undefined;
    const events: SessionEvents = {
      listsChanged: () => session && onListsChanged(session),
      resourceUpdated: onResourceUpdated,
      trouble: onChange,
    };
    return session = await Session.open(target, { inherited, log, signal }, events);
  }

  #lose(session: Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#next = Promise.withResolvers();
  }

  /** Tells those who wait for a connection that there is none yet. */
  #fail(reason: MeshError): void {
    const { promise, reject } = this.#next;
    // Nobody may be waiting.
    promise.catch(() => {});
    this.#next = Promise.withResolvers();
    reject(reason);
  }
}
