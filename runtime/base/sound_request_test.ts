import assert from "node:assert/strict";
import { mayHaveNull, soundRequest } from "./sound_request.ts";

const requests: [what: string, request: unknown, sound: unknown][] = [
  ["params", { id: 1, method: "ping", params: null }, { id: 1, method: "ping" }],
  ["a cursor", { method: "m", params: { cursor: null } }, { method: "m", params: {} }],
  ["arguments", { method: "m", params: { name: "t", arguments: null } }, {
    method: "m",
    params: { name: "t" },
  }],
  [
    "a member of arguments",
    { method: "m", params: { arguments: { a: null, b: [null] } } },
    { method: "m", params: { arguments: { a: null, b: [null] } } },
  ],
  ["_meta", { method: "m", params: { _meta: null } }, { method: "m", params: {} }],
  [
    "a progress token, and as meta data of others",
    { method: "m", params: { _meta: { progressToken: null, "x/y": null } } },
    { method: "m", params: { _meta: { "x/y": null } } },
  ],
  [
    "capabilities and descriptions of the client",
    {
      method: "initialize",
      params: {
        capabilities: { roots: null, sampling: {}, experimental: null },
        clientInfo: { name: "c", version: "1", title: null, icons: [{ src: "s", sizes: null }] },
      },
    },
    {
      method: "initialize",
      params: {
        capabilities: { sampling: {} },
        clientInfo: { name: "c", version: "1", icons: [{ src: "s" }] },
      },
    },
  ],
  [
    "a member of an envelope, and within one",
    {
      method: "m",
      params: {
        _meta: {
          "io.modelcontextprotocol/logLevel": null,
          "io.modelcontextprotocol/clientCapabilities": { roots: null },
        },
      },
    },
    { method: "m", params: { _meta: { "io.modelcontextprotocol/clientCapabilities": {} } } },
  ],
  [
    "a value in a person's answers",
    { method: "m", params: { inputResponses: { a: { content: { b: null } } } } },
    { method: "m", params: { inputResponses: { a: { content: { b: null } } } } },
  ],
  ["result and error", { id: 1, method: "ping", result: null, error: null }, {
    id: 1,
    method: "ping",
  }],
  ["the id of a notification", { id: null, method: "notifications/initialized" }, {
    method: "notifications/initialized",
  }],
  ["the id of a request", { id: null, method: "ping" }, { id: null, method: "ping" }],
  ["the result of a response", { id: 1, result: null }, { id: 1, result: null }],
  ["params in a list", [{ method: "m", params: null }, 1], [{ method: "m" }, 1]],
  ["the body", null, null],
];
for (const [what, request, sound] of requests) {
  Deno.test(`soundRequest() of a request with null as ${what}`, () => {
    assert.deepEqual(soundRequest(request), sound);
  });
}

Deno.test("mayHaveNull() sees every member that is null", () => {
  for (const text of ['{"a":null}', '{"a" : null }', '{"a":\nnull}']) {
    assert.equal(mayHaveNull(text), true);
  }
  for (const text of ['{"a":1}', "[null]", '{"a":nullable}']) {
    assert.equal(mayHaveNull(text), false);
  }
});
