import assert from "node:assert/strict";
import { boundedBytes, boundedEvents, boundedText } from "./bounded_body.ts";
import { endless } from "./endless_fixture.ts";

Deno.test("boundedText() reads what fits, whether or not it says its length", async () => {
  const whole = new Response("é".repeat(5), { headers: { "content-length": "10" } });
  assert.equal(await boundedText(whole, 10), "ééééé");
  const stream = new Response("é".repeat(10)).body;
  assert.equal(await boundedText(new Response(stream), 10), "é".repeat(10));
  assert.equal(await boundedText(new Response(null, { status: 204 })), "");
});

Deno.test("boundedBytes() reads what fits, and stops reading what turns out longer", async () => {
  const state = endless("é".repeat(10));
  const { body } = state;
  assert.deepEqual(await boundedBytes(new Response("abc"), 3), new TextEncoder().encode("abc"));
  assert.equal((await boundedBytes(new Response(null), 0)).length, 0);
  await assert.rejects(boundedBytes(new Response(body), 25), /the 25 bytes that fit/);
  assert.equal(state.isCancelled, true);
});

Deno.test("boundedText() refuses what says that it is longer, unread", async () => {
  const state = endless("é".repeat(10));
  const { body } = state;
  const response = new Response(body, { headers: { "content-length": "11" } });
  await assert.rejects(boundedText(response, 10), RangeError);
  assert.equal(response.bodyUsed, false);
  await response.body?.cancel();
  assert.equal(state.isCancelled, true);
});

Deno.test("boundedText() stops reading what turns out longer", async () => {
  const state = endless("é".repeat(10));
  const { body } = state;
  await assert.rejects(boundedText(new Response(body), 25), /the 25 characters that fit/);
  assert.equal(state.isCancelled, true);
});

Deno.test("boundedText() stops reading a compressed answer that turns out longer", async () => {
  const packed = await new Response(
    new Blob([new Uint8Array(10 * 1024 * 1024)]).stream().pipeThrough(
      new CompressionStream("gzip"),
    ),
  ).bytes();
  assert.ok(packed.length < 20_000);
  const headers = { "content-encoding": "gzip" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(packed, { headers }),
  );
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
  assert.equal(response.headers.get("content-length"), String(packed.length));
  await assert.rejects(boundedText(response, 1024 * 1024), /1048576 characters that fit/);
});

const streams: [name: string, text: string, fits: boolean][] = [
  ["events that fit", `data: ${"x".repeat(80)}\n\n`.repeat(50), true],
  ["events with other line ends", `data: ${"x".repeat(80)}\r\n\r\n`.repeat(50), true],
  ["events with the oldest line ends", `data: ${"x".repeat(80)}\r\r`.repeat(50), true],
  ["a line that is too long", `data: ${"x".repeat(100)}`, false],
  ["lines that are too long together", "data: 12345678\n".repeat(10), false],
  ["lines with other ends that are too long together", "data: 12345678\r\n".repeat(10), false],
  ["lines with the oldest ends that are too long together", "data: 12345678\r".repeat(10), false],
];
for (const [name, text, fits] of streams) {
  for (const size of [1, 7, 10_000]) {
    Deno.test(`boundedEvents() ${fits ? "passes on" : "refuses"} ${name}, ${size} bytes at a time`, async () => {
      const bytes = new TextEncoder().encode(text);
      const parts = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, index) => bytes.slice(index * size, (index + 1) * size),
      );
      let told = 0;
      const bounded = boundedEvents(ReadableStream.from(parts), 100, () => told++);
      const read = new Response(bounded).text();
      if (fits) assert.equal(await read, text);
      else await assert.rejects(read, RangeError);
      assert.equal(told, fits ? 0 : 1);
    });
  }
}
