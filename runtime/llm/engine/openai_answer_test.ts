import assert from "node:assert/strict";
import { answerIn } from "./openai_answer.ts";
import { type Sent, ToldFailure, upstreamFailure } from "./upstream_failure.ts";

async function read(body: BodyInit | null, type = "text/event-stream") {
  const { isStream, objects } = await answerIn(
    new Response(body, { headers: { "content-type": type } }),
  );
  const all: unknown[] = [];
  for await (const object of objects) all.push(object);
  return { isStream, all };
}

const ANSWER = { choices: [{ message: { content: "hé" } }] };
const EVENT = { choices: [{ delta: { content: "hé" } }] };
const answer = JSON.stringify(ANSWER);
const event = `data: ${JSON.stringify(EVENT)}`;

const whole: [name: string, body: string][] = [
  ["JSON", answer],
  ["JSON after blanks", `\n\n   ${answer}\n`],
  ["JSON after a byte order mark", `\ufeff${answer}`],
];
for (const [name, body] of whole) {
  for (const type of ["application/json", "text/event-stream", "text/plain"]) {
    Deno.test(`answerIn() reads ${name} of type ${type}`, async () => {
      assert.deepEqual(await read(body, type), { isStream: false, all: [ANSWER] });
    });
  }
}

const streams: [name: string, body: string][] = [
  ["events", `${event}\n\n${event}\n\ndata: [DONE]\n\n`],
  [
    "events with CRLF, comments and a byte order mark",
    `\ufeff: hi\r\n\r\n${event}\r\n\r\n:\r\n\r\n${event}\r\n\r\ndata: [DONE]\r\n\r\n`,
  ],
  ["events without blanks and ends", `data:${event.slice(6)}\n\n${event}`],
  ["events with names and ids", `event: message\nid: 1\n${event}\n\nretry: 5\n${event}\n\n`],
  ["events, and nothing after the end", `${event}\n\n${event}\n\ndata: [DONE]\n\ndata: {oops\n\n`],
  ["events over several lines", `${event.replace(":[", ":\ndata: [")}\n\n${event}\n\n`],
  ["events among empty ones", `data:\n\n${event}\n\ndata: \n\n${event}\n\n`],
];
for (const [name, body] of streams) {
  for (const type of ["text/event-stream", "application/json"]) {
    Deno.test(`answerIn() reads ${name} of type ${type}`, async () => {
      assert.deepEqual(await read(body, type), { isStream: true, all: [EVENT, EVENT] });
    });
  }
}

const failures: [name: string, body: string, message: string][] = [
  ["an error for an answer", '{"error":{"message":"no"}}', "no"],
  ["an error beside choices", '{"choices":[],"error":{"message":"no"}}', "no"],
  ["an error in a choice", '{"choices":[{"message":{},"error":{"message":"no"}}]}', "no"],
  ["Gemini's list", '[{"error":{"message":"no"}}]', "no"],
  ["an error in an event", `${event}\n\ndata: {"error":{"message":"no"}}\n\n`, "no"],
  ["an event of type error", `event: error\ndata: {"message":"no"}\n\n`, "no"],
  ["a field called error", `${event}\n\nerror: {"error":{"message":"no"}}\n\n`, "no"],
  ["vLLM's error in an event", `data: {"object":"error","message":"no","code":400}\n\n`, "no"],
  ["an error in the choice of an event", `data: {"choices":[{"delta":{},"error":"no"}]}\n\n`, "no"],
];
for (const [name, body, message] of failures) {
  Deno.test(`answerIn() throws ${name}`, async () => {
    await assert.rejects(read(body), (error) => {
      assert.ok(error instanceof ToldFailure);
      assert.equal(error.told.message, message);
      return true;
    });
  });
}

const SENT: Sent = { parameters: [], tools: [], rules: [] };

const nothing: [name: string, body: string, message: RegExp][] = [
  ["a page", "<html>down</html>", /^the answer is not JSON: <html>down/],
  ["words", "Internal error", /^the answer is not JSON: Internal error$/],
  ["nothing", "", /^the answer is empty$/],
  ["null", "null", /^the answer has no choices: null$/],
  ["an empty list of choices", '{"choices":[]}', /^the answer has no choices/],
  [
    "an event that is not JSON",
    `${event}\n\ndata: {oops\n\n`,
    /^the answer is not JSON: \{oops$/,
  ],
];
for (const [name, body, message] of nothing) {
  Deno.test(`answerIn() refuses ${name} as temporary`, async () => {
    await assert.rejects(read(body), (error) => {
      const failure = upstreamFailure(error, { key: undefined, baseUrl: "http://host/v1" }, SENT);
      assert.equal(failure.kind, "temporary");
      assert.match(failure.message, message);
      return true;
    });
  });
}

for (const body of ["prompt is too long", "event: error\ndata: prompt is too long\n\n"]) {
  Deno.test(`answerIn() throws what is said in plain words, as ${JSON.stringify(body)}`, async () => {
    await assert.rejects(read(body), (error) => {
      assert.equal(
        upstreamFailure(error, { key: undefined, baseUrl: "http://host/v1" }, SENT).kind,
        "too_long",
      );
      return true;
    });
  });
}

Deno.test("answerIn() gives each event when it has come", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const written = writer.write(encoder.encode(`${event}\n\n`));
  const { objects } = await answerIn(new Response(readable));
  const reading = objects[Symbol.asyncIterator]();
  assert.deepEqual((await reading.next()).value, EVENT);
  await written;
  const next = reading.next();
  await writer.write(encoder.encode(`${event}\n\n`));
  assert.deepEqual((await next).value, EVENT);
  await reading.return?.();
  await writer.closed.catch(() => {});
});

Deno.test("answerIn() keeps all digits of a number", async () => {
  const body = '{"choices":[{"message":{"id":1915883588174806058}}]}';
  assert.equal(JSON.stringify((await read(body)).all[0]), body);
});

Deno.test("answerIn() reads no more than fits", async () => {
  const mebibyte = new Uint8Array(1024 * 1024).fill(32);
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent += 1;
      controller.enqueue(sent === 1 ? new TextEncoder().encode("{") : mebibyte);
    },
  });
  await assert.rejects(read(body), RangeError);
  assert.ok(sent < 40);
});
