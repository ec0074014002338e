import assert from "node:assert/strict";
import { endless } from "./endless_fixture.ts";
import type { JsonObject } from "./json.ts";
import {
  type Loss,
  LostRequest,
  MCP_HEADERS,
  mcpMessages,
  type McpRequest,
  mcpUrl,
  requestMcp,
  rpcErrorIn,
} from "./mcp_request.ts";
import { boundedJson } from "./bounded_json.ts";
import { detailOf } from "./error_details.ts";

const JSON_TYPE = { "content-type": "application/json" };
const EVENTS = { "content-type": "text/event-stream; charset=utf-8" };
const request: McpRequest = {
  fetch,
  url: "http://peer:1/mcp",
  headers: MCP_HEADERS,
  body: '{"jsonrpc":"2.0","id":1,"method":"tools/call"}',
  signal: new AbortController().signal,
  peer: "peer",
};

const result = { content: [], n: 1 };
const RESULT = JSON.stringify({ jsonrpc: "2.0", id: 1, result });
const ERROR = '{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"bad","data":"why"}}';
const error = { code: -32602, message: "bad", data: "why" };
const NOTE = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"n":1}}';
const QUESTION = '{"jsonrpc":"2.0","id":0,"method":"sampling/createMessage"}';
const events = (...data: string[]) => data.map((one) => `data: ${one}\n\n`).join("");

function answering(text: string, init: ResponseInit): typeof fetch {
  return () => Promise.resolve(new Response(text, init));
}

/** A body of pieces of three bytes, as networks may cut it. */
function inPieces(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  const count = Math.ceil(bytes.length / 3);
  return ReadableStream.from(
    Array.from({ length: count }, (_, at) => bytes.slice(3 * at, 3 * at + 3)),
  );
}

/** Text of an answer, the messages before its end, and how it ends. */
type Row = [what: string, text: string, messages: string[], end: Partial<McpEnd>];

interface McpEnd {
  readonly result: JsonObject;
  readonly error: JsonObject;
  readonly loss: Loss;
  readonly said: string;
}

const whole: Row[] = [
  ["a result", RESULT, [], { result }],
  ["an error", ERROR, [], { error }],
  ["a result with another id", RESULT.replace('"id":1', '"id":"x"'), [], { result }],
  ["a result without an id", '{"result":{"n":1}}', [], { result: { n: 1 } }],
  ["a result beside an error that is null", '{"result":{},"error":null}', [], { result: {} }],
  ["an error beside a result that is null", `{"result":null,${ERROR.slice(1)}`, [], { error }],
  ["an error beside a result", `{"result":{},${ERROR.slice(1)}`, [], { error }],
  ["an error without members", '{"error":{}}', [], { error: {} }],
  ["a byte order mark before the message", `\ufeff${RESULT}`, [], { result }],
  ["spaces around the message", `\r\n ${RESULT}\r\n`, [], { result }],
  ["a null for a result", '{"id":1,"result":null}', [], { loss: "empty" }],
  ["a text for a result", '{"id":1,"result":"done"}', [], { loss: "empty" }],
  ["a list for a result", '{"id":1,"result":[]}', [], { loss: "empty" }],
  ["a text for an error", '{"id":1,"error":"no"}', [], { loss: "empty" }],
  ["neither result nor error", '{"jsonrpc":"2.0","id":1}', [], { loss: "empty" }],
  ["no members", "{}", [], { loss: "empty" }],
  ["a notification alone", NOTE, [NOTE], { loss: "empty" }],
  ["a question to its caller", QUESTION, [QUESTION], { loss: "empty" }],
  ["a list of messages", `[${RESULT}]`, [], { loss: "unreadable", said: `[${RESULT}]` }],
  ["null", "null", [], { loss: "unreadable", said: "null" }],
  ["HTML", "<html>", [], { loss: "unreadable", said: "<html>" }],
  ["JSON that was cut off", RESULT.slice(0, -1), [], { loss: "unreadable" }],
  ["nothing", "", [], { loss: "unreadable", said: "" }],
  ["what is nested too deep", `{"result":{"a":${deep(5000)}}}`, [], { loss: "too_long" }],
  ["a deep id", `{"id":${deep(300)},"result":{}}`, [], { loss: "too_long" }],
];

const streamed: Row[] = [
  ["a result", events(RESULT), [], { result }],
  ["an error", events(ERROR), [], { error }],
  ["messages before the result", events(NOTE, QUESTION, RESULT), [NOTE, QUESTION], { result }],
  ["several answers", events(RESULT, ERROR, NOTE), [], { result }],
  ["a result with another id", events('{"id":7,"result":{}}'), [], { result: {} }],
  ["comments, pings and empty events", `: hi\n\ndata\n\ndata: \n\n${events(RESULT)}`, [], {
    result,
  }],
  [
    "events of other types that are not messages",
    `event: ping\ndata: ok\n\n${events(RESULT)}`,
    [],
    {
      result,
    },
  ],
  ["an answer of another type", `event: result\n${events(RESULT)}`, [], { result }],
  ["objects that are no messages", events("{}", RESULT), [], { result }],
  ["\\r\\n for line ends", events(NOTE, RESULT).replaceAll("\n", "\r\n"), [NOTE], { result }],
  ["\\r for line ends", events(NOTE, RESULT).replaceAll("\n", "\r"), [NOTE], { result }],
  ["a message over several lines", events(RESULT.replaceAll(",", "\ndata: ,")), [], { result }],
  ["a result whose event does not end", `data: ${RESULT}`, [], { result }],
  ["a result whose event is one line end short", `data: ${RESULT}\n`, [], { result }],
  ["a result that is cut off", `data: ${RESULT.slice(0, -1)}`, [], { loss: "ended" }],
  ["a notification whose event does not end", `data: ${NOTE}\n`, [], { loss: "ended" }],
  ["no result", events(NOTE), [NOTE], { loss: "ended" }],
  ["nothing", "", [], { loss: "ended" }],
  ["comments alone", ": bye\n\n", [], { loss: "ended" }],
  ["what is not a message", events(NOTE, "<p>", RESULT), [NOTE], {
    loss: "unreadable",
    said: "<p>",
  }],
  ["a null for a result", events('{"id":1,"result":null}'), [], { loss: "empty" }],
  ["a notification that is nested too deep", events(`{"method":"n","params":${deep(1e5)}}`), [], {
    loss: "too_long",
  }],
  ["the proxy's word that the time is up", `${events(NOTE)}\n: mesh-proxy-timeout budget=1s\n\n`, [
    NOTE,
  ], { loss: "late" }],
  ["that word in the middle of an event", 'data: {"res\n: mesh-proxy-timeout budget=1s\n\n', [], {
    loss: "late",
  }],
];

function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

/** Reads an answer to its end. */
async function read(fetch: typeof globalThis.fetch): Promise<[string[], Partial<McpEnd>]> {
  const messages: string[] = [];
  const take = (message: JsonObject) => void messages.push(JSON.stringify(message));
  try {
    const { status: _, ...answer } = await requestMcp({ ...request, fetch }, take);
    return [messages, answer];
  } catch (error) {
    assert.ok(error instanceof LostRequest, String(error));
    return [messages, { loss: error.loss, said: error.said }];
  }
}

for (
  const [form, headers, rows] of [["JSON", JSON_TYPE, whole], ["events", EVENTS, streamed]] as const
) {
  for (const [what, text, messages, end] of rows) {
    Deno.test(`requestMcp() of ${form} with ${what}`, async () => {
      const length = { "content-length": String(new TextEncoder().encode(text).length) };
      const bodies: [BodyInit | null, HeadersInit][] = [
        [text, headers],
        [text, { ...headers, ...length }],
        [inPieces(text), headers],
      ];
      if (text === "") bodies.push([null, headers]);
      for (const [body, headers] of bodies) {
        const [before, ended] = await read(() => Promise.resolve(new Response(body, { headers })));
        assert.deepEqual(before, messages);
        assert.partialDeepStrictEqual(ended, end);
      }
    });
  }
}

Deno.test("requestMcp() takes JSON of any media type but events", async () => {
  for (const headers of [{}, { "content-type": "text/plain" }, { "content-type": "TEXT/html" }]) {
    const [, end] = await read(answering(RESULT, { headers }));
    assert.deepEqual(end, { result });
  }
});

const refusals: [status: number, headers: HeadersInit, text: string, expected: JsonObject][] = [
  [400, JSON_TYPE, ERROR, { code: "protocol", nothingRan: true, answer: { error, status: 400 } }],
  [400, EVENTS, events(NOTE, ERROR), { code: "protocol", answer: { error, status: 400 } }],
  [500, JSON_TYPE, RESULT, { code: "interrupted", answer: { result, status: 500 } }],
  [404, {}, '{"error":{"message":"no"}}', { nothingRan: true, answer: undefined }],
  [400, {}, "7", { code: "protocol", answer: undefined, said: "7" }],
  [400, {}, `{"jsonrpc":"2.0","error":{"data":${deep(300)}}}`, { answer: undefined }],
  [500, {}, "", {
    code: "interrupted",
    nothingRan: false,
    message: /^peer answered 500; it may have run$/,
  }],
  [502, {}, "oops", { code: "interrupted", message: /^peer answered 502: oops; it may have run$/ }],
  [404, {}, "x".repeat(10_000), { code: "protocol", message: /^.{400,600}$/ }],
  [429, { "retry-after": "2" }, "", {
    code: "overloaded",
    nothingRan: true,
    details: { status: 429, retryAfterMs: 2000 },
  }],
  [503, { "retry-after-ms": "5" }, "busy", {
    code: "overloaded",
    nothingRan: true,
    message: /^peer answered 503: busy$/,
  }],
  [503, { "x-mesh-refused": "overloaded" }, "", { code: "overloaded", nothingRan: true }],
  [503, {}, "", { code: "interrupted", nothingRan: false, details: { status: 503 } }],
  [304, {}, "", { code: "protocol", nothingRan: false }],
];
for (const [status, headers, text, expected] of refusals) {
  const shown = text.slice(0, 40);
  Deno.test(`requestMcp() of HTTP ${status} ${JSON.stringify(headers)} ${shown}`, async () => {
    const body = status === 304 ? null : text;
    const fetch = () => Promise.resolve(new Response(body, { status, headers }));
    await assert.rejects(requestMcp({ ...request, fetch }), {
      loss: "refused",
      status,
      ...expected,
    });
  });
}

Deno.test("requestMcp() says how long a refusal asks its caller to stay away", async () => {
  const fetch = answering("", { status: 503, headers: { "retry-after": "3" } });
  const lost = await requestMcp({ ...request, fetch }).catch((error) => error);
  assert.equal(detailOf(lost, "retryAfterMs"), 3_000);
});

const losses: [what: string, error: Error, loss: Loss, code: string, nothingRan: boolean][] = [
  [
    "a refused connection",
    failed("client error (Connect): refused"),
    "unsent",
    "unreachable",
    true,
  ],
  ["a name that is not known", failed("dns error: no such host"), "unsent", "unreachable", true],
  ["a closed connection", failed("connection closed"), "unanswered", "interrupted", false],
  ["a reset", new TypeError("connection reset"), "unanswered", "interrupted", false],
];

function failed(why: string): Error {
  return new TypeError("fetch failed", { cause: new Error(why) });
}

for (const [what, cause, loss, code, nothingRan] of losses) {
  Deno.test(`requestMcp() of ${what} is ${loss}`, async () => {
    await assert.rejects(
      requestMcp({ ...request, fetch: () => Promise.reject(cause) }),
      { name: "MeshError", loss, code, nothingRan, status: undefined, cause },
    );
  });
}

/** A body that fails after a text. */
function breaking(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = [new TextEncoder().encode(text)];
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.error(new TypeError("error reading a body"));
      else controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
}

Deno.test("requestMcp() of an answer that breaks off is broken, after its answer it is not", async () => {
  const broken = { loss: "broken", code: "interrupted", nothingRan: false };
  const over = (body: BodyInit, init: ResponseInit) =>
    requestMcp({ ...request, fetch: () => Promise.resolve(new Response(body, init)) });
  await assert.rejects(over(breaking(RESULT.slice(0, 9)), { headers: JSON_TYPE }), broken);
  await assert.rejects(over(breaking(events(NOTE)), { headers: EVENTS }), broken);
  await assert.rejects(over(breaking(`data: ${RESULT}`), { headers: EVENTS }), broken);
  assert.deepEqual((await over(breaking(events(RESULT)), { headers: EVENTS })).result, result);
  await assert.rejects(over(breaking("no"), { status: 404 }), { loss: "refused", said: "" });
});

Deno.test("requestMcp() reads no more than fits, whatever the form and the status", async () => {
  for (const [headers, status] of [[JSON_TYPE, 200], [EVENTS, 200], [JSON_TYPE, 500]] as const) {
    const state = endless(" ".repeat(2 ** 20));
    const fetch = () => Promise.resolve(new Response(state.body, { status, headers }));
    const loss = status === 200 ? "too_long" : "refused";
    await assert.rejects(requestMcp({ ...request, fetch }), { loss });
    assert.equal(state.isCancelled, true);
    assert.ok(state.sent < 36 * 2 ** 20, `${state.sent} bytes`);
  }
});

Deno.test("requestMcp() reads a stream that is long, of messages that are not", async () => {
  const note = JSON.stringify({
    method: "notifications/message",
    params: { a: "x".repeat(2 ** 20) },
  });
  let left = 40;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(events(left-- > 0 ? note : RESULT)));
    },
  });
  let seen = 0;
  const fetch = () => Promise.resolve(new Response(body, { headers: EVENTS }));
  const answer = await requestMcp({ ...request, fetch }, () => void seen++);
  assert.deepEqual([seen, answer.result], [40, result]);
});

Deno.test("requestMcp() keeps the digits of numbers unless its caller reads them otherwise", async () => {
  const text = '{"result":{"n":12345678901234567890}}';
  for (const [headers, body] of [[JSON_TYPE, text], [EVENTS, events(text)]] as const) {
    const fetch = answering(body, { headers });
    const exact = await requestMcp({ ...request, fetch });
    assert.equal(JSON.stringify(exact.result), '{"n":12345678901234567890}');
    const plain = await requestMcp({ ...request, fetch, parse: boundedJson });
    assert.deepEqual(plain.result, { n: 12345678901234567000 });
  }
});

Deno.test("requestMcp() gives each message's text out, the answer's too", async () => {
  const texts: string[] = [];
  const fetch = answering(events(NOTE, "", RESULT, NOTE), { headers: EVENTS });
  await requestMcp({ ...request, fetch, onText: (text) => void texts.push(text) });
  assert.deepEqual(texts, [NOTE, RESULT]);
});

Deno.test("requestMcp() fails with the signal's reason, before the answer, in it and in a refusal", async () => {
  const reason = new Error("gave up");
  const waiting: ((signal: AbortSignal) => Promise<Response>)[] = [
    (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new TypeError("aborted")))
      ),
    (signal) => Promise.resolve(new Response(hanging(signal), { headers: EVENTS })),
    (signal) => Promise.resolve(new Response(hanging(signal), { headers: JSON_TYPE })),
    (signal) => Promise.resolve(new Response(hanging(signal), { status: 500 })),
  ];
  for (const wait of waiting) {
    const abort = new AbortController();
    const asked = Promise.withResolvers<void>();
    const fetch = (_url: unknown, init?: RequestInit) => {
      asked.resolve();
      return wait(init?.signal ?? abort.signal);
    };
    const calling = requestMcp({ ...request, fetch, signal: abort.signal });
    await asked.promise;
    abort.abort(reason);
    await assert.rejects(calling, reason);
  }
});

function hanging(signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(": hi\n\n"));
      signal.addEventListener("abort", () => controller.error(new TypeError("aborted")));
    },
  });
}

Deno.test("leaving mcpMessages(), or failing in requestMcp(), ends the request", async () => {
  const leaving = endless(events(NOTE));
  const over = (state: { readonly body: BodyInit }) => () =>
    Promise.resolve(new Response(state.body, { headers: EVENTS }));
  for await (const _ of mcpMessages({ ...request, fetch: over(leaving) })) break;
  assert.equal(leaving.isCancelled, true);
  const failing = endless(events(NOTE));
  const own = new Error("the caller's own");
  const call = requestMcp({ ...request, fetch: over(failing) }, () => {
    throw own;
  });
  await assert.rejects(call, own);
  assert.equal(failing.isCancelled, true);
});

Deno.test("requestMcp() reads the next message when the one before has been taken", async () => {
  const state = endless(events(NOTE));
  const fetch = () => Promise.resolve(new Response(state.body, { headers: EVENTS }));
  const taken = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const calling = requestMcp({ ...request, fetch }, async () => {
    taken.resolve();
    await held.promise;
    throw new Error("enough");
  });
  await taken.promise;
  assert.equal(state.sent, events(NOTE).length);
  held.resolve();
  await assert.rejects(calling, /enough/);
});

Deno.test("requestMcp() follows no redirect unless it may", async () => {
  const seen: (RequestRedirect | undefined)[] = [];
  const fetch = (_url: unknown, init?: RequestInit) => {
    seen.push(init?.redirect);
    return Promise.resolve(new Response(RESULT));
  };
  await requestMcp({ ...request, fetch });
  await requestMcp({ ...request, fetch, redirect: "follow" });
  assert.deepEqual(seen, ["error", "follow"]);
});

Deno.test("mcpUrl() ends in /mcp, once", () => {
  for (const endpoint of ["http://a:1", "http://a:1/", "http://a:1/mcp", "http://a:1/mcp/"]) {
    assert.equal(mcpUrl(endpoint), "http://a:1/mcp");
  }
  assert.equal(mcpUrl("http://a:1/sub"), "http://a:1/sub/mcp");
});

Deno.test("rpcErrorIn() fills in what is missing or of another type", () => {
  assert.deepEqual(rpcErrorIn(error), error);
  assert.deepEqual(rpcErrorIn({ code: "E", message: 7 }), { code: 0, message: "" });
  assert.deepEqual(rpcErrorIn(), { code: 0, message: "" });
});
