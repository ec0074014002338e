import assert from "node:assert/strict";
import fc from "fast-check";
import { MeshError } from "../base/errors.ts";
import { readEvents } from "../base/sse.ts";
import { sse } from "./sse.ts";

async function dataOf(response: Response): Promise<string[]> {
  const data: string[] = [];
  assert.ok(response.body);
  for await (const event of readEvents(response.body)) data.push(event.data);
  return data;
}

/** Pieces that `text` may be cut into. */
function cut(text: string, places: readonly number[]): string[] {
  const at = places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b);
  return [...at, text.length].map((end, index) => text.slice(at[index - 1] ?? 0, end));
}

Deno.test("joining the data of sse() gives the text again, wherever it was cut", async () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom("\r", "\n", "\r\n"), fc.string()) });
  await fc.assert(fc.asyncProperty(text, fc.array(fc.nat()), async (text, places) => {
    const data = await dataOf(sse(cut(text, places)));
    assert.equal(data.pop(), "[DONE]");
    assert.equal(data.join(""), text.toWellFormed().replaceAll(/\r\n?/g, "\n"));
  }));
});

Deno.test("sse() sends what is no string as JSON", async () => {
  const response = sse([{ a: 1 }, [1], 2, true, null, undefined]);
  assert.deepEqual(await dataOf(response), [
    '{"a":1}',
    "[1]",
    "2",
    "true",
    "null",
    "null",
    "[DONE]",
  ]);
});

Deno.test("sse() keeps anybody in between from storing or holding it back", () => {
  const { headers, status } = sse([], { headers: { "x-a": "1", "cache-control": "no-store" } });
  assert.deepEqual([status, Object.fromEntries(headers)], [200, {
    "cache-control": "no-store",
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
    "x-a": "1",
  }]);
});

Deno.test("sse() names and numbers events as told", async () => {
  const named = sse(["a", "b"], {
    event: (chunk) => chunk === "b" ? "bee" : undefined,
    id: (_, index) => String(index),
    done: false,
  });
  assert.equal(await named.text(), "id: 0\ndata: a\n\nid: 1\nevent: bee\ndata: b\n\n");
  assert.equal(
    await sse(["a"], { event: "tick" }).text(),
    "event: tick\ndata: a\n\ndata: [DONE]\n\n",
  );
});

const failures: [error: unknown, data: string][] = [
  [
    new Error("a secret"),
    '{"error":"this request failed; the log of the gateway says why","type":"internal"}',
  ],
  [new MeshError("not_found", "no such trip"), '{"error":"no such trip","type":"not_found"}'],
  [
    new MeshError("unreachable", "cannot reach http://10.0.0.1", { dependency: "plan" }),
    '{"error":"plan cannot be reached","type":"unreachable"}',
  ],
];
for (const [error, data] of failures) {
  Deno.test(`sse() ends with an error event for ${error}`, async () => {
    const told: unknown[] = [];
    const chunks = async function* () {
      yield await Promise.resolve("a");
      throw error;
    };
    const response = sse(chunks(), { onError: (error) => told.push(error) });
    assert.equal(await response.text(), `data: a\n\nevent: error\ndata: ${data}\n\n`);
    assert.deepEqual(told, [error]);
  });
}

Deno.test("sse() fails for a chunk that has no JSON form, and closes the others", async () => {
  const told: unknown[] = [];
  let isClosed = false;
  const chunks = function* () {
    try {
      yield { n: 1n };
    } finally {
      isClosed = true;
    }
  };
  const response = sse(chunks(), { onError: (error) => told.push(error) });
  assert.match(await response.text(), /^event: error\n/);
  assert.match(String(told), /^MeshError: a chunk of the stream has no JSON form: n is a BigInt/);
  assert.equal(isClosed, true);
});

Deno.test("sse() sends bytes as base64, in order", async () => {
  const bytes = new Uint8Array([1, 2, 255]);
  assert.equal(
    await sse([{ at: new Blob([bytes]) }, bytes, "text"], { done: false }).text(),
    'data: {"at":"AQL/"}\n\ndata: "AQL/"\n\ndata: text\n\n',
  );
});

Deno.test("sse() asks for a chunk when its reader asks for an event", async () => {
  let made = 0;
  const chunks = function* () {
    for (;;) yield ++made;
  };
  const reader = sse(chunks()).body?.getReader();
  assert.equal(made, 0);
  await reader?.read();
  await reader?.read();
  assert.equal(made, 2);
  await reader?.cancel();
});

Deno.test("sse() closes its chunks when its reader goes away, even while it waits", async () => {
  const closed = Promise.withResolvers<void>();
  const more = Promise.withResolvers<void>();
  const chunks = async function* () {
    try {
      yield "a";
      await more.promise;
      yield "b";
    } finally {
      closed.resolve();
    }
  };
  const reader = sse(chunks()).body?.getReader();
  await reader?.read();
  const waiting = reader?.read();
  const cancelled = reader?.cancel();
  more.resolve();
  await closed.promise;
  await cancelled;
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

Deno.test("sse() shows a sign of life while there is nothing to send, one at a time", async () => {
  const more = Promise.withResolvers<void>();
  const chunks = async function* () {
    await more.promise;
    yield "a";
  };
  const decoder = new TextDecoder();
  const reader = sse(chunks(), { keepAliveMs: 1 }).body?.getReader();
  for (let count = 0; count < 3; count++) {
    assert.equal(decoder.decode((await reader?.read())?.value), ": keepalive\n\n");
  }
  more.resolve();
  let text = "";
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true };
    if (done) break;
    text += decoder.decode(value);
  }
  assert.equal(text.replaceAll(": keepalive\n\n", ""), "data: a\n\ndata: [DONE]\n\n");
});
