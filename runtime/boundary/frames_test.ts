import { deepEqual, equal, throws } from "node:assert/strict";
import { repeats } from "../../.ci/fixtures/repeats.ts";
import { BODY_MAX, type Frame, FrameReader, FrameWriter, HEAD_MAX } from "./frames.ts";

/** Everything that a writer was given, as one run of bytes. */
function written(frames: readonly Frame[]): Uint8Array {
  const writer = new FrameWriter();
  for (const frame of frames) writer.write(frame);
  return joined(writer.take());
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Heads and texts of the frames in some pieces. */
function readFrom(pieces: Iterable<Uint8Array>): [head: unknown, body: string][] {
  const frames: [unknown, string][] = [];
  const reader = new FrameReader((head, body) => frames.push([head, body.text()]));
  for (const piece of pieces) reader.push(piece);
  return frames;
}

/** Bytes in pieces whose lengths `next` gives. */
function* cut(bytes: Uint8Array, next: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = at + next();
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** The eight bytes before a head. */
function prefix(head: number, body: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint32(0, head, true);
  bytes.setUint32(4, body, true);
  return new Uint8Array(bytes.buffer);
}

const FRAMES: Frame[] = [
  { head: "{}" },
  { head: '{"type":"a"}', body: "1" },
  { head: '["ü€😀"]', body: "ü€😀".repeat(100) },
  { head: "0", body: "x".repeat(200_000) },
  { head: '{"b":1}', body: new Uint8Array([123, 125]) },
  { head: "null", body: "y".repeat(16 * 1024) },
  { head: "true", body: new TextEncoder().encode("z".repeat(100_000)) },
  { head: `"${"h".repeat(30_000)}"`, body: "" },
];
const EXPECTED = FRAMES.map(({ head, body = "" }) => [
  JSON.parse(head),
  typeof body === "string" ? body : new TextDecoder().decode(body),
]);

Deno.test("frames are read as they were written, in one piece", () => {
  deepEqual(readFrom([written(FRAMES)]), EXPECTED);
});

Deno.test("frames are read as they were written, byte by byte", () => {
  deepEqual(readFrom(cut(written(FRAMES), () => 1)), EXPECTED);
});

Deno.test("frames are read as they were written, in pieces of any length", () => {
  const bytes = written(FRAMES);
  for (let round = 0; round < repeats(300); round++) {
    const most = 10 ** (1 + Math.random() * 5);
    deepEqual(readFrom(cut(bytes, () => Math.ceil(Math.random() * most))), EXPECTED);
  }
});

Deno.test("pieces that were taken are not written to again", () => {
  const writer = new FrameWriter();
  writer.write({ head: "1", body: "first" });
  const first = joined(writer.take());
  const pieces = writer.take();
  writer.write({ head: "2", body: "second" });
  deepEqual(pieces, []);
  deepEqual(readFrom([first, ...writer.take()]), [[1, "first"], [2, "second"]]);
});

Deno.test("the bytes of a body are nobody else's", () => {
  const bytes = written([{ head: "1", body: new Uint8Array([1, 2]) }]);
  let taken = new Uint8Array();
  new FrameReader((_head, body) => taken = body.bytes()).push(bytes);
  bytes.fill(0);
  deepEqual(taken, new Uint8Array([1, 2]));
  equal(taken.buffer.byteLength, 2);
});

const malformed: [what: string, bytes: Uint8Array][] = [
  ["a head that is too long", prefix(HEAD_MAX + 1, 0)],
  ["a head that is far too long", prefix(2 ** 32 - 1, 0)],
  ["a body that is too long", prefix(2, BODY_MAX + 1)],
  ["a body that is far too long", prefix(2, 2 ** 32 - 1)],
  ["no head", prefix(0, 0)],
  ["no head before a body", joined([prefix(0, 2), new Uint8Array([123, 125])])],
  ["a head that is not JSON", joined([prefix(2, 0), new TextEncoder().encode("{]")])],
  ["a head that is not UTF-8", joined([prefix(2, 0), new Uint8Array([0xff, 0xfe])])],
  ["text instead of frames", new TextEncoder().encode('{"type":"loaded"}\n')],
];
for (const [what, bytes] of malformed) {
  for (const [how, length] of [["whole", bytes.length], ["byte by byte", 1]] as const) {
    Deno.test(`${what} is refused, ${how}`, () => {
      throws(() => readFrom(cut(bytes, () => length)), { code: "protocol" });
    });
  }
}

Deno.test("a long head is read where that is allowed", () => {
  const heads: unknown[] = [];
  const head = JSON.stringify("h".repeat(HEAD_MAX));
  new FrameReader((each) => heads.push(each), 2 * HEAD_MAX).push(written([{ head }]));
  deepEqual(heads, [JSON.parse(head)]);
});
