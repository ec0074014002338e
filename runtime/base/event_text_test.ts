import assert from "node:assert/strict";
// @ts-types="./std/http.d.ts"
import { ServerSentEventParseStream } from "@std/http/server-sent-event-parse-stream";
import fc from "fast-check";
import { eventText, KEEP_ALIVE_TEXT, messageEvent } from "./event_text.ts";
import { eventsOf } from "./sse.ts";

const rows: [fields: Parameters<typeof eventText>[0], text: string][] = [
  [{ data: "a" }, "data: a\n\n"],
  [{ data: "" }, "data: \n\n"],
  [{ data: " a" }, "data:  a\n\n"],
  [{ data: "a\nb\n" }, "data: a\ndata: b\ndata: \n\n"],
  [{ data: "a\r\nb\rc" }, "data: a\ndata: b\ndata: c\n\n"],
  [{ event: "error", data: "{}" }, "event: error\ndata: {}\n\n"],
  [{ id: "7", event: "tick", data: "x" }, "id: 7\nevent: tick\ndata: x\n\n"],
];
for (const [fields, text] of rows) {
  Deno.test(`eventText() writes ${JSON.stringify(fields)}`, () => {
    assert.equal(eventText(fields), text);
  });
}

Deno.test("messageEvent() writes a message with its type", () => {
  assert.equal(messageEvent('{"id":1}'), 'event: message\ndata: {"id":1}\n\n');
});

Deno.test("eventText() refuses an id or a type that ends a line", () => {
  assert.throws(() => eventText({ id: "a\nb", data: "" }), /the id of an event cannot be "a\\nb"/);
  assert.throws(() => eventText({ event: "a\rb", data: "" }), /the event of an event/);
});

/** Text with much of what separates lines and fields. */
const text = fc.string({ unit: fc.oneof(fc.constantFrom("\r", "\n", ":", " "), fc.string()) });
const asRead = (data: string) => data.replaceAll(/\r\n?/g, "\n");

Deno.test("what eventText() writes is read as it was, with line ends as \\n", () => {
  fc.assert(fc.property(fc.array(text), (texts) => {
    const written = texts.map((data) => KEEP_ALIVE_TEXT + eventText({ data })).join("");
    assert.deepEqual(
      Array.from(eventsOf(written), ({ data }) => data),
      texts.map(asRead),
    );
  }));
});

Deno.test("what eventText() writes is read the same by others", async () => {
  const name = fc.string({ minLength: 1, unit: "binary-ascii" })
    .map((name) => name.replaceAll(/[\r\n\0]/g, "x"));
  const fields = fc.record({ id: name, event: name, data: text });
  await fc.assert(fc.asyncProperty(fc.array(fields), async (events) => {
    const body = new Response(events.map(eventText).join("")).body ?? ReadableStream.from([]);
    const read = await Array.fromAsync(body.pipeThrough(new ServerSentEventParseStream()));
    assert.deepEqual(
      read.map((event) => ({ ...event })),
      events.map(({ id, event, data }) => ({ id, event, data: asRead(data) })),
    );
  }));
});
