import assert from "node:assert/strict";
import { parseExact } from "./exact_json.ts";
import { withIntegerIds, withTextIds } from "./large_ids.ts";

const LARGE = "1915883588174806058";

const messages: [what: string, message: string, isChanged: boolean][] = [
  ["an id", `{"id":${LARGE},"method":"ping"}`, true],
  ["a negative id", `{"id":-${LARGE},"method":"ping"}`, true],
  ["a progress token", `{"id":1,"params":{"_meta":{"progressToken":${LARGE},"a":1}}}`, true],
  ["the id of a cancelled request", `{"params":{"requestId":${LARGE}}}`, true],
  ["a list", `[{"id":${LARGE}},{"id":2}]`, true],
  ["a number in arguments", `{"id":1,"params":{"arguments":{"id":${LARGE}}}}`, false],
  ["a text of digits", `{"id":"${LARGE}"}`, false],
  ["a number that is no integer", `{"id":1.9158835881748060}`, false],
  ["no message", "7", false],
];
for (const [what, message, isChanged] of messages) {
  Deno.test(`withTextIds() ${isChanged ? "changes" : "leaves"} ${what}, and the answer has it again`, async () => {
    const texts = JSON.stringify(withTextIds(parseExact(message)));
    assert.equal(texts !== message, isChanged);
    if (isChanged) assert.match(texts, /"integer-[^"]+"/);
    assert.equal(await withIntegerIds(new Response(texts)).text(), message);
  });
}

Deno.test("withIntegerIds() passes lines on as they come, wherever they are cut", async () => {
  const line = `data: ${JSON.stringify(withTextIds(parseExact(`{"id":${LARGE}}`)))}\n`;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const response = withIntegerIds(
    new Response(readable, { status: 201, headers: { "content-type": "text/event-stream" } }),
  );
  assert.deepEqual(
    [response.status, response.headers.get("content-type")],
    [201, "text/event-stream"],
  );
  const writer = writable.getWriter();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const encoder = new TextEncoder();
  const sent = writer.write(encoder.encode(line.slice(0, 30)))
    .then(() => writer.write(encoder.encode(`${line.slice(30)}${line.slice(0, 10)}`)));
  assert.equal((await reader?.read())?.value, `data: {"id":${LARGE}}\n`);
  await sent;
  const rest = writer.write(encoder.encode(line.slice(10))).then(() => writer.close());
  assert.equal((await reader?.read())?.value, `data: {"id":${LARGE}}\n`);
  await rest;
  await reader?.cancel();
});
