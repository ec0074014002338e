import assert from "node:assert/strict";
import { eventLines } from "./event_lines.ts";

Deno.test("eventLines() reads a long line once, however many pieces it comes in", async () => {
  const piece = new TextEncoder().encode("x".repeat(16_384));
  const pieces = [...Array(1_000).fill(piece), new TextEncoder().encode("\ny")];
  const lines: number[] = [];
  const read = eventLines(ReadableStream.from(pieces), (line) => {
    lines.push(line.length);
    return "";
  });
  assert.equal(await new Response(read).text(), "\n");
  assert.deepEqual(lines, [16_384_000, 1]);
});

Deno.test("eventLines() gives a line as soon as it is whole", async () => {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = writable.getWriter();
  const reader = eventLines(readable, (line) => line.toUpperCase()).getReader();
  const write = (text: string) => void writer.write(new TextEncoder().encode(text));
  for (const end of ["\r", "\n", "\r\n"]) {
    write("da");
    write(`ta${end}next`);
    const { value } = await reader.read();
    assert.equal(new TextDecoder().decode(value), `DATA${end}`);
    write(end);
    assert.equal(new TextDecoder().decode((await reader.read()).value), `NEXT${end}`);
  }
  await Promise.all([writer.close(), reader.cancel()]);
});
