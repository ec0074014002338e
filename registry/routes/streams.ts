/**
 * The Server-Sent Events of the directory: feeds, of what happens and of who is there, and the
 * wiring of single agents. The routes that open them stand with their resources: `/events/stream` with the events.
 *
 * @module
 */
import type { Members } from "../directory/members.ts";
import { WiringWatch } from "../directory/wiring_watch.ts";
import { feed } from "../base/feed.ts";
import { refused } from "../describe/operation.ts";
import { type Answered, madeElsewhere } from "../http/answered.ts";
import { problem } from "../http/problem.ts";
import { type Channel, type Message, Streams } from "../base/streams.ts";

/** Options for {@linkcode DirectoryStreams}. */
export interface DirectoryStreamsOptions {
  members: Members;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Aborts when no more streams are wanted. */
  closing: AbortSignal;
  /** Called when the first stream of a kind opens, and when the last of it ends. */
  onBusy: (busy: boolean) => void;
}

/** Streams of events and of agents open at a time. */
export const FEEDS_MAX = 256;
/** Agents that hold a wiring stream at a time. */
export const WIRING_STREAMS_MAX = 16_384;

/** The answers of a route that opens a stream. */
export const STREAM_ANSWERS = {
  200: { about: "Events", body: "text/event-stream" },
  503: refused("Too many streams are open"),
} as const;

/** The open streams of one registry. */
export class DirectoryStreams {
  readonly #members: Members;
  readonly #log: (line: string) => void;
  readonly #feeds: Streams;
  readonly #wirings: Streams;
  readonly #watch: WiringWatch;

  constructor({ members, log, closing, onBusy }: DirectoryStreamsOptions) {
    this.#members = members;
    this.#log = log;
    this.#feeds = new Streams({ limit: FEEDS_MAX, onBusy });
    this.#wirings = new Streams({ limit: WIRING_STREAMS_MAX, onBusy });
    this.#watch = new WiringWatch(members, log);
    closing.addEventListener("abort", () => {
      this.#feeds.end();
      this.#wirings.end();
      this.#watch[Symbol.dispose]();
    }, { once: true });
  }

  /** Answers with a feed. @param next Returns the news after each change, if there is any. */
  feed(next: () => Promise<Iterable<Message> | undefined>): Answered<200 | 503> {
    const onAdvance = (listener: () => void) => this.#members.replica.onAdvance(listener);
    const opened = this.#feeds.open((channel: Channel) => {
      feed({ channel, onAdvance, next })
        .catch((error) => this.#log(`a stream broke off: ${error}`));
    });
    return opened === undefined ? full(FEEDS_MAX) : madeElsewhere(opened);
  }

  /** Answers with the changes of one agent's wiring. */
  wiring(id: string): Answered<200 | 503> {
    const opened = this.#wirings.open((channel) => this.#watch.watch(id, channel));
    return opened === undefined ? full(WIRING_STREAMS_MAX) : madeElsewhere(opened);
  }
}

/** Returns the id of the last message that a client has read; empty for a first read. */
export function lastEventId({ headers }: Request): string {
  return headers.get("last-event-id") ?? "";
}

function full(limit: number): Answered<503> {
  return problem(
    503,
    `no more than ${limit} of these streams are open at a time; try again later, or ask without one`,
    { "Retry-After": "10" },
  );
}
