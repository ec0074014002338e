/**
 * A registry's events: those of the past, and those to come. New ones arrive over
 * `/events/stream`; a registry without that, such as the reference's, is asked again and again.
 *
 * @module
 */
import { isEventStream } from "../../runtime/base/media_range.ts";
import { readEvents } from "../../runtime/base/sse.ts";
import { type Event, EventListSchema, EventSchema } from "../../runtime/protocol/listing.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { answersTooMuch, type RegistryClient } from "./registry_client.ts";

/** Most events a registry tells at once. */
export const EVENTS_MAX = 500;
/** How often a registry without a stream is asked, and one that went away is tried. */
const POLL_MS = 2_000;
/** Events remembered to tell new ones from those shown: more than one listing holds. */
const REMEMBERED = 4 * EVENTS_MAX;

/** Which events are wanted. */
export interface EventFilter {
  type?: string | undefined;
  agentId?: string | undefined;
  functionName?: string | undefined;
}

/**
 * The newest events that fit, newest first.
 *
 * @param limit At most so many, up to {@linkcode EVENTS_MAX}.
 * @throws {CliError} as {@linkcode RegistryClient.ask} does.
 */
export async function listEvents(
  client: RegistryClient,
  filter: EventFilter,
  limit: number,
): Promise<Event[]> {
  const query = filterQuery(filter);
  // A registry reads a limit of 0 as 1.
  query.set("limit", String(Math.max(limit, 1)));
  const { events } = await client.ask({ path: `/events?${query}`, schema: EventListSchema });
  return events.slice(0, limit);
}

/** What {@linkcode followEvents} needs. */
export interface FollowOptions {
  client: RegistryClient;
  filter: EventFilter;
  /** How many events of the past come first. */
  past: number;
  context: Pick<Context, "fetch" | "sleep">;
  /** Ends it. */
  signal: AbortSignal;
  /** Takes one line about how the connection goes. */
  notice(line: string): void;
}

/**
 * Events as they happen, oldest first, over restarts of the registry, until the signal aborts. None
 * comes twice; two that are alike to the millisecond are one.
 *
 * @throws {CliError} when the registry does not answer at the beginning.
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<Event> {
  const { client, signal, context, notice } = options;
  const seen = new SeenEvents();
  let away = false;
  while (!signal.aborted) {
    try {
      const stream = await openStream(options);
      // The stream is open before the listing is read, so that nothing falls between the two.
      const fresh = await freshEvents(options, seen).catch(async (error: unknown) => {
        await stream?.cancel();
        throw error;
      });
      if (away) notice(`The registry at ${client.url} is back.`);
      away = false;
      yield* fresh;
      if (stream !== undefined) yield* streamed(stream, options.filter, seen);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RangeError) throw answersTooMuch(`${client.url}/events/stream`, error);
      // What is refused at the beginning stays refused; later it is a registry that restarts.
      if (seen.isEmpty || !isOutage(error)) throw error;
      if (!away) notice(`The registry at ${client.url} went away; waiting for it.`);
      away = true;
    }
    await context.sleep(POLL_MS, signal);
  }
}

function isOutage(error: unknown): boolean {
  // A stream that breaks off is a TypeError of fetch.
  return error instanceof TypeError || error instanceof CliError && error.code === EXIT.unreachable;
}

type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** The stream of events, or `undefined` from a registry that has none to give. */
async function openStream(
  { client, filter, context, signal }: FollowOptions,
): Promise<ByteStream | undefined> {
  let response: Response;
  try {
    response = await context.fetch(`${client.url}/events/stream?${filterQuery(filter)}`, {
      headers: { accept: "text/event-stream" },
      signal,
    });
  } catch {
    // The listing that is read next tells what is wrong with the registry.
    return undefined;
  }
  const isStream = isEventStream(response.headers.get("content-type"));
  if (response.ok && isStream && response.body !== null) return response.body;
  await response.body?.cancel();
  return undefined;
}

async function freshEvents(
  { client, filter, past }: FollowOptions,
  seen: SeenEvents,
): Promise<Event[]> {
  const first = seen.isEmpty;
  const listing = (await listEvents(client, filter, EVENTS_MAX)).toReversed();
  const fresh = seen.admit(listing);
  return first ? fresh.slice(fresh.length - Math.min(past, fresh.length)) : fresh;
}

async function* streamed(
  stream: ByteStream,
  filter: EventFilter,
  seen: SeenEvents,
): AsyncGenerator<Event> {
  for await (const { data } of readEvents(stream)) {
    const event = readEvent(data);
    if (event !== undefined && fits(event, filter)) yield* seen.admit([event]);
  }
}

function readEvent(data: string): Event | undefined {
  try {
    return EventSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

function fits(event: Event, { type, agentId, functionName }: EventFilter): boolean {
  return (type === undefined || event.event_type === type) &&
    (agentId === undefined || event.agent_id === agentId) &&
    (functionName === undefined || event.function_name === functionName);
}

function filterQuery({ type, agentId, functionName }: EventFilter): URLSearchParams {
  return new URLSearchParams({
    ...(type === undefined ? {} : { type }),
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    ...(functionName === undefined ? {} : { function_name: functionName }),
  });
}

/** Knows which events were shown. */
class SeenEvents {
  readonly #texts = new Set<string>();
  /** Nothing has been listed yet. */
  isEmpty = true;
  /** Time of the oldest event of a first listing that may not have held all. */
  #floor = "";

  /** Those of `events`, oldest first, that are new; they are not the next time. */
  admit(events: Event[]): Event[] {
    if (this.isEmpty && events.length >= EVENTS_MAX) this.#floor = events[0]?.timestamp ?? "";
    this.isEmpty = false;
    return events.filter((event) => {
      const text = JSON.stringify(event);
      // When a registry forgets events, older ones than were listed at first come into view.
      if (this.#texts.has(text) || event.timestamp < this.#floor) return false;
      this.#texts.add(text);
      const [oldest] = this.#texts;
      if (this.#texts.size > REMEMBERED && oldest !== undefined) this.#texts.delete(oldest);
      return true;
    });
  }
}
