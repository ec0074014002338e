/** Follows events until it is interrupted, when all that could be collected has been. */
import { systemContext } from "../app/context.ts";
import { followEvents } from "../mesh/event_feed.ts";
import { createRegistryClient } from "../mesh/registry_client.ts";

declare const gc: () => void;

const event = { event_type: "register", agent_id: "clock-1", timestamp: "2026-01-01T00:00:00Z" };
await using server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  ({ url }) =>
    url.includes("/stream")
      ? new Response(
        new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([10])) }),
        {
          headers: { "content-type": "text/event-stream" },
        },
      )
      : Response.json({ events: [event], count: 1 }),
);
const { fetch, program, sleep } = systemContext();
const url = `http://127.0.0.1:${server.addr.port}`;
const interrupted = new AbortController();
const events = followEvents({
  client: createRegistryClient({ url, fetch, timeout: 5, program }),
  filter: {},
  past: 1,
  context: { fetch, sleep },
  signal: interrupted.signal,
  notice: console.error,
});
console.log((await events.next()).value?.agent_id);
const next = events.next();
for (let time = 0; time < 5; time++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
}
interrupted.abort();
console.log((await next).done);
