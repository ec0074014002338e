/**
 * `GET /events/stream`, `GET /agents/stream` and `GET /heartbeat/{id}/stream`: Server-Sent Events
 * of what happens, of who is there, and of an agent's own wiring. Our additions.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { INSTANCE_HEADER } from "../../runtime/protocol/registration.ts";
import { AgentChanges } from "../view/agent_changes.ts";
import type { Entry } from "../directory/entry.ts";
import type { Moment } from "../directory/events.ts";
import type { Members } from "../directory/members.ts";
import { WiringWatch } from "../directory/wiring_watch.ts";
import { feed } from "../base/feed.ts";
import { problem } from "../http/problem.ts";
import { type Channel, type Message, Streams } from "../base/streams.ts";
import { resource } from "./resource.ts";

/** What {@linkcode streamRoutes} needs. */
export interface StreamRoutesOptions {
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
/** Events read from the database at once. */
const BATCH = 100;
/** After the last event of a change. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Adds the streams. */
export function streamRoutes(
  app: Hono,
  { members, log, closing, onBusy }: StreamRoutesOptions,
): void {
  const { store, snapshot, replica } = members;
  const feeds = new Streams({ limit: FEEDS_MAX, onBusy });
  const wirings = new Streams({ limit: WIRING_STREAMS_MAX, onBusy });
  const watch = new WiringWatch(members, log);
  closing.addEventListener("abort", () => {
    feeds.end();
    wirings.end();
    watch[Symbol.dispose]();
  }, { once: true });

  const fed = (next: () => Promise<Iterable<Message> | undefined>) =>
    feeds.open((channel: Channel) => {
      feed({ channel, onAdvance: (listener) => replica.onAdvance(listener), next })
        .catch((error) => log(`a stream broke off: ${error}`));
    }) ?? full(FEEDS_MAX);

  resource(app, "/events/stream", {
    GET: async (context) => {
      const text = (name: string) => new URL(context.req.url).searchParams.get(name) || undefined;
      const wanted: [key: "event_type" | "agent_id" | "function_name", value: string][] = [];
      const type = text("type");
      const [agent, functionName] = [text("agent_id"), text("function_name")];
      if (type !== undefined) wanted.push(["event_type", type]);
      if (agent !== undefined) wanted.push(["agent_id", agent]);
      if (functionName !== undefined) wanted.push(["function_name", functionName]);
      const namespace = text("namespace");
      let moment = momentOf(lastEventId(context)) ?? [await store.latest(), LAST];
      return fed(async () => {
        const placed = await store.events.after(moment, BATCH);
        if (placed.length === 0) return undefined;
        moment = placed.at(-1)?.moment ?? moment;
        return placed.filter(({ event }) =>
          wanted.every(([key, value]) => event[key] === value) &&
          (namespace === undefined || snapshot.get(event.agent_id)?.namespace === namespace)
        ).map(({ event, moment }) => ({ id: moment.join("."), data: event }));
      });
    },
  });

  resource(app, "/agents/stream", {
    GET: (context) => {
      const namespace = new URL(context.req.url).searchParams.get("namespace") || undefined;
      const changes = new AgentChanges({
        members,
        fits: (entry: Entry) => namespace === undefined || entry.namespace === namespace,
        after: epochOf(lastEventId(context)),
      });
      return fed(() => changes.next());
    },
  });

  resource(app, "/heartbeat/:id/stream", {
    GET: async (context) => {
      const id = context.req.param("id") ?? "";
      if (snapshot.get(id)?.isPresent !== true) await replica.follow();
      if (snapshot.get(id)?.isPresent !== true) {
        return problem(410, `no agent ${JSON.stringify(id)} is registered; register it first`);
      }
      if (!members.isHolder(id, context.req.header(INSTANCE_HEADER))) {
        return problem(409, `agent ${JSON.stringify(id)} is held by another instance`);
      }
      return wirings.open((channel) => watch.watch(id, channel)) ?? full(WIRING_STREAMS_MAX);
    },
  });
}

function full(limit: number): Response {
  return problem(
    503,
    `no more than ${limit} of these streams are open at a time; try again later, or ask without one`,
    { "Retry-After": "10" },
  );
}

function lastEventId(context: Context): string {
  return context.req.header("last-event-id") ?? "";
}

function momentOf(id: string): Moment | undefined {
  const [, change, index] = /^(\d{1,15})\.(\d{1,15})$/.exec(id) ?? [];
  return change === undefined ? undefined : [Number(change), Number(index)];
}

function epochOf(id: string): number | undefined {
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
