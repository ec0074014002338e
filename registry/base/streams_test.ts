import { deepEqual, equal, ok } from "node:assert/strict";
import { KEEP_ALIVE_TEXT } from "../../runtime/base/event_text.ts";
import { StreamReader } from "../suites/sse_fixture.ts";
import { type Channel, Streams } from "./streams.ts";

Deno.test("Streams opens no more than its limit, and again when one has gone", async () => {
  const busy: boolean[] = [];
  const streams = new Streams({ limit: 1, onBusy: (any) => busy.push(any) });
  const first = streams.open(() => {});
  ok(first);
  equal(streams.open(() => {}), undefined);
  await first.body?.cancel();
  equal(streams.size, 0);
  ok(streams.open(() => {}));
  streams.end();
  equal(streams.open(() => {}), undefined);
  deepEqual(busy, [true, false, true, false]);
});

Deno.test("a channel is ready when its client has read, and when it has gone", async () => {
  const streams = new Streams({ limit: 1 });
  const opened = Promise.withResolvers<Channel>();
  const response = streams.open(opened.resolve);
  const channel = await opened.promise;
  ok(response);
  channel.send({ data: 1 });
  const ready = channel.ready();
  const reader = new StreamReader(response);
  equal((await reader.next())?.data, 1);
  await ready;
  channel.send({ data: 2 });
  await reader[Symbol.asyncDispose]();
  await channel.ready();
  equal(channel.closed.aborted, true);
  channel.send({ data: 3 });
});

Deno.test("a stream is kept alive by comments", async () => {
  const streams = new Streams({ limit: 1, keepAliveMs: 1 });
  const response = streams.open(() => {});
  ok(response?.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  equal((await reader.read()).value, "retry: 2000\n\n");
  equal((await reader.read()).value, KEEP_ALIVE_TEXT);
  await reader.cancel();
});
