import assert from "node:assert/strict";
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

Deno.test("what eventText() writes is read as it was, with line ends as \\n", () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom("\r", "\n", ":", " "), fc.string()) });
  fc.assert(fc.property(fc.array(text), (texts) => {
    const written = texts.map((data) => KEEP_ALIVE_TEXT + eventText({ data })).join("");
    assert.deepEqual(
      Array.from(eventsOf(written), ({ data }) => data),
      texts.map((data) => data.replaceAll(/\r\n?/g, "\n")),
    );
  }));
});
