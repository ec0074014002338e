import assert from "node:assert/strict";
// @ts-types="./std/http.d.ts"
import { ServerSentEventStream } from "@std/http/server-sent-event-stream";
import fc from "fast-check";
import { endless } from "./endless_fixture.ts";
import { eventsOf, readEvents } from "./sse.ts";

const rows: [name: string, stream: string, expected: [event: string, data: string][]][] = [
  ["one event", "data: a\n\n", [["message", "a"]]],
  ["several data lines", "data: a\ndata: b\n\n", [["message", "a\nb"]]],
  ["CRLF and CR", "data: a\r\n\r\ndata: b\r\r", [["message", "a"], ["message", "b"]]],
  ["a named event", "event: error\ndata: {}\n\ndata: x\n\n", [["error", "{}"], ["message", "x"]]],
  ["comments and other fields", ": hi\nid: 3\nretry: 5\ndata: a\n\n", [["message", "a"]]],
  ["no space after the colon", "data:a\n\n", [["message", "a"]]],
  ["only one space is taken", "data:  a\n\n", [["message", " a"]]],
  ["a field without a colon", "data\n\n", [["message", ""]]],
  ["an event that was cut off", "data: a\n\ndata: b\n", [["message", "a"]]],
  ["characters of several bytes", "data: 日本 ☕\n\n", [["message", "日本 ☕"]]],
];

for (const [name, stream, expected] of rows) {
  Deno.test(`eventsOf() a whole text: ${name}`, () => {
    assert.deepEqual(Array.from(eventsOf(stream), ({ event, data }) => [event, data]), expected);
  });
  for (const size of [1, 2, 7, 1000]) {
    Deno.test(`readEvents() in pieces of ${size}: ${name}`, async () => {
      const bytes = new TextEncoder().encode(stream);
      const pieces = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, index) => bytes.slice(index * size, (index + 1) * size),
      );
      const seen: [string, string][] = [];
      for await (const { event, data } of readEvents(ReadableStream.from(pieces))) {
        seen.push([event, data]);
      }
      assert.deepEqual(seen, expected);
    });
  }
}

const bodyOf = (...pieces: string[]) =>
  ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));

const cuts: [stream: string, last: string | undefined][] = [
  ["data: a\n\ndata: b\n", "b"],
  ["data: a\n\ndata: b", "b"],
  ["data: a\n\ndata: b\r", "b"],
  ["data: a\n\ndata: b\ndata: c", "b\nc"],
  ["data: a\n\nid: 3\ndat", undefined],
  ["data: a\n\n", undefined],
];
for (const [stream, last] of cuts) {
  Deno.test(`events of ${JSON.stringify(stream)} with the one that was cut off`, async () => {
    const options = { withCut: true };
    for (
      const events of [
        [...eventsOf(stream, options)],
        await Array.fromAsync(readEvents(bodyOf(...stream), options)),
      ]
    ) {
      const [first, ...rest] = events;
      assert.deepEqual([first?.data, first?.isCut], ["a", undefined]);
      const expected = last === undefined ? [] : [[last, true]];
      assert.deepEqual(rest.map(({ data, isCut }) => [data, isCut]), expected);
    }
  });
}

Deno.test("events are read with the comments between them", async () => {
  const stream = ": one\ndata: a\n:two\n\n";
  for (
    const read of [eventsOf, (text: string, options = {}) => readEvents(bodyOf(text), options)]
  ) {
    const comments: string[] = [];
    const onComment = (text: string) => void comments.push(text);
    assert.equal((await Array.fromAsync(read(stream, { onComment }))).length, 1);
    assert.deepEqual(comments, ["one", "two"]);
  }
});

Deno.test("readEvents() refuses an event that is too long, in one line or in many", async () => {
  const many = Array.from({ length: 8 }, () => "data:\n");
  for (
    const long of [["data: aaa", "aaa", "aaa"], ["data: aaaa\n", "data: aaaa\n", ": \n"], many]
  ) {
    const body = bodyOf("data: fits\n\n", ...long);
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const { data } of readEvents(body, { maxLength: 7 })) seen.push(data);
    }, RangeError);
    assert.deepEqual(seen, ["fits"]);
  }
});

Deno.test("readEvents() without a limit of its caller ends a line that never does", async () => {
  const state = endless("x".repeat(2 ** 20));
  await assert.rejects(Array.fromAsync(readEvents(state.body)), RangeError);
  assert.deepEqual([state.sent, state.isCancelled], [33 * 2 ** 20, true]);
});

Deno.test("readEvents() counts lines of data that are empty for what it takes to hold them", async () => {
  const body = bodyOf(...Array.from({ length: 200 }, () => "data:\n"), "\n");
  await assert.rejects(Array.fromAsync(readEvents(body, { maxLength: 1_000 })), RangeError);
});

Deno.test("readEvents() does not mind many events that are short each", async () => {
  const body = bodyOf(...Array.from({ length: 100 }, () => "data: four\n\n"));
  const seen = await Array.fromAsync(readEvents(body, { maxLength: 10 }));
  assert.equal(seen.length, 100);
});

Deno.test("leaving readEvents() cancels the body", async () => {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
    cancel: () => cancelled.resolve(),
  });
  for await (const { data } of readEvents(body)) {
    assert.equal(data, "a");
    break;
  }
  await cancelled.promise;
});

Deno.test("readEvents() reads what others write, in whichever pieces", async () => {
  const name = fc.string({ minLength: 1 });
  const data = fc.string({ unit: fc.oneof(fc.constantFrom("\r", "\n", ":"), fc.string()) })
    // Others write no space behind the colon, so one that data begins with is taken for it.
    .map((text) => text.replaceAll(/(^|[\r\n]) /g, "$1x"));
  const field = fc.record({ comment: data, event: name, data });
  await fc.assert(
    fc.asyncProperty(fc.array(field), fc.integer({ min: 1, max: 9 }), async (events, size) => {
      const bytes = await new Response(
        ReadableStream.from(events).pipeThrough(new ServerSentEventStream()),
      ).bytes();
      const pieces = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, index) => bytes.slice(index * size, (index + 1) * size),
      );
      const read = await Array.fromAsync(readEvents(ReadableStream.from(pieces)));
      assert.deepEqual(
        read.map(({ event, data }) => ({ event, data })),
        events.map(({ event, data }) => ({
          event: event.replace(/^ /, ""),
          data: data.replaceAll(/\r\n?/g, "\n"),
        })),
      );
    }),
  );
});
