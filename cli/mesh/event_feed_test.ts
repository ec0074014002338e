import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Event } from "../../runtime/protocol/listing.ts";
import { endless } from "../../runtime/base/endless_fixture.ts";
import { contextFixture } from "../app/context_fixture.ts";
import { EVENTS_MAX, followEvents, type FollowOptions } from "./event_feed.ts";
import { event, type EventRegistry, eventRegistry } from "./event_registry_fixture.ts";
import { createRegistryClient } from "./registry_client.ts";

interface Feed extends AsyncDisposable {
  /** The next so many events, as seconds of their time. */
  next(count: number): Promise<number[]>;
  notices: string[];
  /** Settles with the first notice. */
  noticed: Promise<void>;
}

function follow(registry: EventRegistry, more: Partial<FollowOptions> = {}): Feed {
  const { context } = contextFixture({ fetch: registry.fetch });
  const client = createRegistryClient({ ...context, url: "http://registry", timeout: 5 });
  const stop = new AbortController();
  const notices: string[] = [];
  const noticed = Promise.withResolvers<void>();
  const events = followEvents({
    client,
    context,
    filter: {},
    past: 50,
    signal: stop.signal,
    notice: (line) => {
      notices.push(line);
      noticed.resolve();
    },
    ...more,
  });
  return {
    notices,
    noticed: noticed.promise,
    next: async (count) => {
      const found: Event[] = [];
      while (found.length < count) {
        const { value } = await events.next();
        if (value === undefined) break;
        found.push(value);
      }
      return found.map(({ timestamp }) => new Date(timestamp).getUTCSeconds());
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await events.next();
    },
  };
}

for (const streams of [true, false]) {
  const how = streams ? "over a stream" : "by asking a registry without one again";

  Deno.test(`followEvents() tells the past and then what happens, ${how}`, async () => {
    const registry = eventRegistry({ past: [event(1), event(2), event(3)], streams });
    await using feed = follow(registry, { past: 2 });
    deepEqual(await feed.next(2), [2, 3]);
    registry.happen(event(4));
    registry.happen(event(5));
    deepEqual(await feed.next(2), [4, 5]);
    deepEqual(feed.notices, []);
  });

  Deno.test(`followEvents() goes on when the registry comes back, ${how}`, async () => {
    const registry = eventRegistry({ past: [event(1)], streams });
    await using feed = follow(registry);
    deepEqual(await feed.next(1), [1]);
    registry.goAway();
    const next = feed.next(1);
    registry.happen(event(2));
    await feed.noticed;
    registry.comeBack();
    deepEqual(await next, [2]);
    deepEqual(feed.notices, [
      "The registry at http://registry went away; waiting for it.",
      "The registry at http://registry is back.",
    ]);
  });

  Deno.test(`followEvents() tells only what fits, ${how}`, async () => {
    const registry = eventRegistry({ past: [event(1, { agent_id: "b-1" })], streams });
    await using feed = follow(registry, { filter: { agentId: "a-1", type: "unhealthy" } });
    const next = feed.next(1);
    registry.happen(event(2));
    registry.happen(event(3, { event_type: "unhealthy", agent_id: "b-1" }));
    registry.happen(event(4, { event_type: "unhealthy" }));
    deepEqual(await next, [4]);
  });
}

Deno.test("followEvents() tells an event once that is listed and streamed", async () => {
  const registry = eventRegistry({ past: [event(1)] });
  const listed: typeof fetch = async (input, init) => {
    // It happens after the stream was opened and before the listing is read.
    if (String(input).includes("/events?")) registry.happen(event(2));
    return await registry.fetch(input, init);
  };
  await using feed = follow({ ...registry, fetch: listed });
  deepEqual(await feed.next(2), [1, 2]);
  registry.happen(event(3));
  deepEqual(await feed.next(1), [3]);
});

Deno.test("followEvents() does not take old events for new ones when others are forgotten", async () => {
  const old = event(0, { agent_id: "old-1" });
  const many = Array.from({ length: EVENTS_MAX }, (_, index) => event(1, { data: { index } }));
  const registry = eventRegistry({ past: [old, ...many], streams: false });
  await using feed = follow(registry, { past: 1 });
  deepEqual(await feed.next(1), [1]);
  registry.forget("a-1");
  registry.happen(event(2));
  deepEqual(await feed.next(1), [2]);
});

Deno.test("followEvents() ends an event that never does", async () => {
  const registry = eventRegistry({});
  const { body } = endless("data: ".repeat(2 ** 20));
  const headers = { "content-type": "text/event-stream" };
  const fetch: typeof registry.fetch = (input, init) =>
    String(input).includes("/events/stream")
      ? Promise.resolve(new Response(body, { headers }))
      : registry.fetch(input, init);
  await using feed = follow({ ...registry, fetch });
  await rejects(feed.next(1), { code: 1, message: /events\/stream answers too much/ });
});

Deno.test("followEvents() fails when the registry does not answer at the beginning", async () => {
  const registry = eventRegistry({});
  registry.goAway();
  await using feed = follow(registry);
  await rejects(feed.next(1), { code: 4 });
  equal(feed.notices.length, 0);
});
