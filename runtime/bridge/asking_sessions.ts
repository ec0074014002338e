/**
 * The calls of those whom a server of the 2025 era may ask. Each is made in a session in which the
 * server is told what this caller can be asked for; one that nobody uses serves the next caller who
 * can be asked for the same.
 *
 * @module
 */
import { asMeshError, MeshError } from "../base/errors.ts";
import type { Logger } from "../define/handler_context.ts";
import { AskingSession, type Capabilities, type OpenSession } from "./asking_session.ts";
import { SessionForgotten, type SessionRequest } from "./session.ts";

/** How long answers are waited for, in milliseconds: as long as what asked for them is good. */
const ANSWER_MS = 600_000;
/** How long a session is kept that nobody uses, in milliseconds. */
const IDLE_MS = 300_000;
/** Most sessions at a time. */
const MOST_SESSIONS = 16;

/** What {@linkcode AskingSessions} needs. */
export interface AskingSessionsOptions {
  /** What the server is called in messages. */
  readonly server: string;
  readonly log: Logger;
  /** Opens a session; gives up with the signal. */
  readonly open: (signal: AbortSignal, ...parameters: Parameters<OpenSession>) => Promise<Session>;
}

type Session = Awaited<ReturnType<OpenSession>>;

interface Held {
  readonly session: AskingSession;
  /** Of the capabilities, as text. */
  readonly kind: string;
  /** Whether it has a call. */
  isBusy: boolean;
  /** Ends it when it is not used in time. */
  timer?: ReturnType<typeof setTimeout>;
}

/** The sessions with one server. */
export class AskingSessions implements AsyncDisposable {
  readonly #options: AskingSessionsOptions;
  readonly #held = new Set<Held>();
  readonly #closing = new AbortController();
  #opening = 0;
  /** Whether the server will have no further session. */
  #isRefused = false;

  constructor(options: AskingSessionsOptions) {
    this.#options = options;
  }

  /** The connection to the server is a new one: it may have more sessions now. */
  renew(): void {
    this.#isRefused = false;
  }

  /** Whether a request is to be made here. */
  concerns({ capabilities, params }: SessionRequest): boolean {
    return params["requestState"] !== undefined ||
      (!this.#isRefused && askable(capabilities) !== undefined);
  }

  /**
   * Makes a call, or goes on with one.
   *
   * @returns `undefined` when the server will have no further session.
   * @throws {MeshError} As `Session.request`; `overloaded`; `interrupted` for answers that come too
   * late.
   */
  async request(request: SessionRequest): Promise<Record<string, unknown> | undefined> {
    const { requestState } = request.params;
    if (requestState !== undefined) {
      return await this.#use(this.#waiting(requestState), request, "answer");
    }
    const capabilities = askable(request.capabilities) ?? {};
    for (;;) {
      const held = this.#take(capabilities) ?? await this.#open(capabilities, request.signal);
      if (held === undefined) return undefined;
      try {
        return await this.#use(held, request, "call");
      } catch (error) {
        // Nothing ran; the next session is another one.
        if (!(error instanceof SessionForgotten)) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new MeshError("unreachable", "the agent stopped"));
    await Promise.all([...this.#held].map((held) => this.#end(held)));
  }

  async #use(
    held: Held,
    request: SessionRequest,
    how: "call" | "answer",
  ): Promise<Record<string, unknown>> {
    clearTimeout(held.timer);
    try {
      const result = await held.session[how](request);
      this.#rest(held);
      return result;
    } catch (error) {
      // What is still asked for a call that was given up would be taken for a question of the next.
      if (request.signal.aborted || error instanceof SessionForgotten) void this.#end(held);
      else this.#rest(held);
      throw error;
    }
  }

  #rest(held: Held): void {
    held.isBusy = held.session.isAsking();
    const ms = held.isBusy ? ANSWER_MS : IDLE_MS;
    if (this.#held.has(held)) held.timer = setTimeout(() => void this.#end(held), ms);
  }

  async #end(held: Held): Promise<void> {
    clearTimeout(held.timer);
    this.#held.delete(held);
    await held.session.close();
  }

  #waiting(requestState: unknown): Held {
    for (const held of this.#held) if (held.session.isAsking(requestState)) return held;
    throw new MeshError(
      "interrupted",
      `${this.#options.server} no longer waits for this answer; make the call again`,
    );
  }

  /** A session that nobody uses and that is for these capabilities. */
  #take(capabilities: Capabilities): Held | undefined {
    const kind = JSON.stringify(capabilities);
    for (const held of this.#held) {
      if (held.isBusy || held.kind !== kind) continue;
      held.isBusy = true;
      return held;
    }
    return undefined;
  }

  /** Sees to it that there may be one more. */
  #makeRoom(): void {
    if (this.#held.size + this.#opening < MOST_SESSIONS) return;
    const unused = [...this.#held].find(({ isBusy }) => !isBusy);
    if (unused === undefined) {
      const text =
        `${MOST_SESSIONS} calls that ${this.#options.server} may ask about are under way`;
      throw new MeshError("overloaded", text, { nothingRan: true });
    }
    void this.#end(unused);
  }

  async #open(capabilities: Capabilities, signal: AbortSignal): Promise<Held | undefined> {
    this.#makeRoom();
    const { open, log, server } = this.#options;
    const either = AbortSignal.any([signal, this.#closing.signal]);
    this.#opening += 1;
    try {
      const session = await AskingSession.open(
        (...parameters) => open(either, ...parameters),
        capabilities,
      );
      const held: Held = { session, kind: JSON.stringify(capabilities), isBusy: true };
      this.#held.add(held);
      void session.ended.then(() => this.#end(held));
      return held;
    } catch (error) {
      either.throwIfAborted();
      const { message } = asMeshError(error, "protocol");
      log.warn(`callers are not asked, ${server} will have no further session: ${message}`);
      this.#isRefused = true;
      return undefined;
    } finally {
      this.#opening -= 1;
    }
  }
}

/** What of a caller's capabilities a server may make use of; `undefined` when it is nothing. */
function askable(capabilities: Capabilities = {}): Capabilities | undefined {
  // Not roots: servers ask for them when the session begins, when there is no call and no caller.
  const { elicitation, sampling } = capabilities;
  const some = {
    ...(elicitation === undefined ? {} : { elicitation }),
    ...(sampling === undefined ? {} : { sampling }),
  };
  return Object.keys(some).length === 0 ? undefined : some;
}
