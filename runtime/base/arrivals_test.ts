import assert from "node:assert/strict";
import { Arrivals, NO_ROOM, TOO_LARGE } from "./arrivals.ts";

const KIB = 1024;

/** A request whose body is written piece by piece. */
function arriving(headers: Record<string, string> = {}) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const request = new Request("http://localhost/", { method: "POST", headers, body: readable });
  return { request, writer: writable.getWriter() };
}

function whole(size: number, announced = size): Request {
  const headers = { "content-length": String(announced) };
  return new Request("http://localhost/", { method: "POST", headers, body: new Uint8Array(size) });
}

const bodies: [name: string, request: () => Request, most: number, size: number | symbol][] = [
  ["nothing", () => new Request("http://localhost/", { method: "POST" }), 1, 0],
  ["a small body", () => whole(10), 10, 10],
  ["a small body that is too large", () => whole(11), 10, TOO_LARGE],
  ["a large body", () => whole(100 * KIB), 100 * KIB, 100 * KIB],
  ["a large body that is too large", () => whole(101 * KIB), 100 * KIB, TOO_LARGE],
  ["a small body that is longer than it says", () => whole(101 * KIB, 1), 100 * KIB, TOO_LARGE],
  [
    "a large body that is longer than it says",
    () => whole(110 * KIB, 90 * KIB),
    100 * KIB,
    TOO_LARGE,
  ],
];
for (const [name, request, most, expected] of bodies) {
  Deno.test(`Arrivals receives ${name}`, async () => {
    const body = await new Arrivals().receive(request(), most).body;
    assert.equal(typeof body === "symbol" ? body : body?.length ?? 0, expected);
  });
}

Deno.test("Arrivals stops reading a body of unknown length that is too large", async () => {
  const { request, writer } = arriving();
  const { body } = new Arrivals().receive(request, 10);
  const gone = writer.closed.catch(() => "cancelled");
  await writer.write(new Uint8Array(11));
  assert.equal(await body, TOO_LARGE);
  assert.equal(await gone, "cancelled");
});

Deno.test("Arrivals refuses bodies while others hold the room there is, and no longer", async () => {
  const arrivals = new Arrivals(100);
  const [first, second] = [arriving(), arriving()];
  const { body: slow } = arrivals.receive(first.request, 1_000);
  await first.writer.write(new Uint8Array(101));
  const { body: refused } = arrivals.receive(second.request, 1_000);
  const written = second.writer.write(new Uint8Array(1));
  assert.equal(await refused, NO_ROOM);
  await written.catch(() => {});
  // One that is alone may take all it is allowed.
  await first.writer.write(new Uint8Array(800));
  await first.writer.close();
  assert.equal((await slow as Uint8Array).length, 901);
  const third = arriving();
  const { body } = arrivals.receive(third.request, 1_000);
  await third.writer.write(new Uint8Array(5));
  await third.writer.close();
  assert.equal((await body as Uint8Array).length, 5);
});

Deno.test("Arrivals keeps nothing of a body that is given up", async () => {
  const arrivals = new Arrivals(100);
  const { request, writer } = arriving();
  const arrival = arrivals.receive(request, 1_000);
  await writer.write(new Uint8Array(101));
  const failed = assert.rejects(arrival.body, /no longer waited for/);
  arrival.giveUp();
  await failed;
  await writer.closed.catch(() => {});
  const { body } = arrivals.receive(whole(70 * KIB), 100 * KIB);
  assert.equal((await body as Uint8Array).length, 70 * KIB);
});
