import assert from "node:assert/strict";
import { accepts, mediaType } from "./media_range.ts";

/** Headers, and whether they take JSON and events. */
const headers: [accept: string | null, json: boolean, events: boolean][] = [
  [null, true, true],
  ["", true, true],
  ["application/json, text/event-stream", true, true],
  ["text/event-stream,application/json", true, true],
  ["Application/JSON , TEXT/Event-Stream", true, true],
  ["application/json;charset=utf-8, text/event-stream; charset=utf-8", true, true],
  ["*/*", true, true],
  ["*/*;q=0.8", true, true],
  ["*", true, true],
  ["application/*, text/*", true, true],
  ["application/*", true, false],
  ["text/*;q=0.1", false, true],
  ["application/json", true, false],
  ["text/event-stream", false, true],
  ["application/json, text/event-stream;q=0", true, false],
  ["*/*, text/event-stream;q=0", true, false],
  ["*/*;q=0", false, false],
  ["*/*;q=0, application/json", true, false],
  ["text/*;q=0, */*", true, false],
  ["application/json;q=0.000", false, false],
  ["application/json; q=1.0, text/event-stream; q = .5", true, true],
  ["application/json;q=high", true, false],
  ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", true, true],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true, true],
  ["text/html", false, false],
  ["application/jsonp, text/event-streams", false, false],
  ["application/xml+application/json", false, false],
  ['text/html;x="application/json, */*"', false, false],
  ['application/json;profile="a,b;q=0", text/event-stream', true, true],
  [", ,application/json,,", true, false],
];
for (const [accept, json, events] of headers) {
  Deno.test(`accepts() by ${JSON.stringify(accept)}`, () => {
    assert.deepEqual(
      [accepts(accept, "application/json"), accepts(accept, "text/event-stream")],
      [json, events],
    );
  });
}

const types: [header: string | null, type: string][] = [
  [null, ""],
  ["application/json", "application/json"],
  ["Application/JSON", "application/json"],
  ["application/json; charset=utf-8", "application/json"],
  [" application/json ;charset=UTF-8", "application/json"],
  ["text/plain;x=application/json", "text/plain"],
];
for (const [header, type] of types) {
  Deno.test(`mediaType() of ${JSON.stringify(header)}`, () => {
    assert.equal(mediaType(header), type);
  });
}
