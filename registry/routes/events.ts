/**
 * `GET /events` lists the history, newest first; `GET /events/stream`, our addition, goes on with it.
 *
 * @module
 */
import type { Event } from "../../runtime/protocol/listing.ts";
import type { Moment } from "../directory/events.ts";
import type { Members } from "../directory/members.ts";
import { limit, NAMESPACE, text } from "../base/parameter.ts";
import { BAD_VALUE } from "../describe/operation.ts";
import { type Route, route } from "./route.ts";
import { type DirectoryStreams, lastEventId, STREAM_ANSWERS } from "./streams.ts";

/** How many events are listed unless asked, and at most. */
const LIMIT = { fallback: 50, max: 500 };
/** Events read from the database at once, for a stream. */
const BATCH = 100;
/** After the last event of a change. */
const LAST = Number.MAX_SAFE_INTEGER;

/** The parameters that narrow a list or a stream of events. */
const NARROWING = {
  type: text("Such as register or dependency_resolved"),
  agent_id: text("Only of this agent"),
  function_name: text("Only of this function"),
  namespace: NAMESPACE,
} as const;

/** Returns the event routes. */
export function eventRoutes(members: Members, streams: DirectoryStreams): readonly Route[] {
  const { store, snapshot } = members;
  return [
    route({
      method: "GET",
      path: "/events",
      about: "What happened, newest first",
      query: { ...NARROWING, limit: limit(LIMIT) },
      answers: { 200: { about: "The events", body: "EventList" }, 400: BAD_VALUE },
      handler: async ({ query, json }) => {
        const { type, agent_id: agentId, function_name: functionName, namespace, limit } = query;
        await members.observe();
        const events = await store.events.list({
          ...(type && { type }),
          ...(agentId && { agentId }),
          ...(functionName && { functionName }),
          ...(namespace && {
            fits: ({ agent_id }) => snapshot.get(agent_id)?.namespace === namespace,
          }),
          limit,
        });
        return json(200, { events, count: events.length });
      },
    }),
    route({
      method: "GET",
      path: "/events/stream",
      about: "What happens, as it happens; `Last-Event-ID` goes on where a stream broke off",
      query: NARROWING,
      answers: STREAM_ANSWERS,
      handler: async ({ request, query: { type, agent_id, function_name, namespace } }) => {
        const isWanted = (event: Event) =>
          (type === undefined || event.event_type === type) &&
          (agent_id === undefined || event.agent_id === agent_id) &&
          (function_name === undefined || event.function_name === function_name) &&
          (namespace === undefined || snapshot.get(event.agent_id)?.namespace === namespace);
        let moment = momentOf(lastEventId(request)) ?? [await store.latest(), LAST];
        return streams.feed(async () => {
          const placed = await store.events.after(moment, BATCH);
          if (placed.length === 0) return undefined;
          moment = placed.at(-1)?.moment ?? moment;
          return placed.filter(({ event }) => isWanted(event))
            .map(({ event, moment }) => ({ id: moment.join("."), data: event }));
        });
      },
    }),
  ];
}

function momentOf(id: string): Moment | undefined {
  const [, change, index] = /^(\d{1,15})\.(\d{1,15})$/.exec(id) ?? [];
  return change === undefined ? undefined : [Number(change), Number(index)];
}
