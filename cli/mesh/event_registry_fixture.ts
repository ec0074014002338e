/**
 * A registry whose events a test writes, for tests of those who read them.
 *
 * @module
 */
import type { AgentInfo, Event } from "../../runtime/protocol/listing.ts";
import { fakeRegistry } from "./mesh_fixture.ts";

/** A registry and what a test does to it. */
export interface EventRegistry {
  fetch: typeof fetch;
  /** Paths with their queries, in the order they were asked for. */
  asked: string[];
  /** Lets an event happen: listed from now on and told to open streams. */
  happen(event: Event): void;
  /** Forgets the events of an agent. */
  forget(agentId: string): void;
  /** Closes the streams; until `comeBack` nobody answers. */
  goAway(): void;
  comeBack(): void;
}

/** An event at the given second. */
export function event(second: number, more: Partial<Event> = {}): Event {
  const timestamp = new Date(Date.parse("2026-06-01T12:00:00Z") + second * 1_000).toISOString();
  return { event_type: "register", agent_id: "a-1", timestamp, ...more };
}

/**
 * A registry with events.
 *
 * @param streams Whether it has `/events/stream`; the reference has not.
 */
export function eventRegistry(
  { past = [], streams = true, agents = [] }: {
    past?: Event[];
    streams?: boolean;
    agents?: AgentInfo[];
  },
): EventRegistry {
  let events = past;
  let away = false;
  const asked: string[] = [];
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  const stream = (signal: AbortSignal | null | undefined) => {
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
        open.add(controller);
        signal?.addEventListener("abort", () => {
          if (open.delete(controller)) controller.error(signal.reason);
        });
      },
      cancel: () => void open.delete(controller),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const listed = ({ searchParams }: URL) => {
    const fits = (name: string, value: string | undefined) =>
      (searchParams.get(name) ?? value) === value;
    const found = events.toReversed().filter((each) =>
      fits("type", each.event_type) && fits("agent_id", each.agent_id) &&
      fits("function_name", each.function_name)
    ).slice(0, Number(searchParams.get("limit")));
    return Response.json({ events: found, count: found.length });
  };
  const others = fakeRegistry(agents);
  return {
    asked,
    happen: (each) => {
      events = [...events, each];
      const message = encoder.encode(`id: ${events.length}\ndata: ${JSON.stringify(each)}\n\n`);
      for (const controller of open) controller.enqueue(message);
    },
    forget: (agentId) => events = events.filter(({ agent_id }) => agent_id !== agentId),
    goAway: () => {
      away = true;
      for (const controller of open) controller.close();
      open.clear();
    },
    comeBack: () => away = false,
    fetch: (input, init) => {
      const url = new URL(new Request(input).url);
      asked.push(`${url.pathname}${url.search}`);
      if (away) return Promise.reject(new TypeError("connection refused"));
      if (url.pathname === "/events/stream") {
        return Promise.resolve(
          streams ? stream(init?.signal) : new Response("404 page not found", { status: 404 }),
        );
      }
      return url.pathname === "/events" ? Promise.resolve(listed(url)) : others.fetch(input, init);
    },
  };
}
