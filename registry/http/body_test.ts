import { equal, match } from "node:assert/strict";
import { Bodies, BODY_MAX_BYTES } from "./body.ts";

/** A request whose body comes in chunks, without a declared length. */
function chunked(sizes: number[], cancelled: () => void = () => {}): Request {
  const left = [...sizes];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = left.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(7));
    },
    cancel: cancelled,
  });
  return new Request("http://localhost/", { method: "POST", body });
}

/** How long the body is that was received, or the status of the refusal. */
async function received(request: Request, bodies = new Bodies()): Promise<[string, number]> {
  const body = await bodies.read(request);
  return body instanceof Response ? ["status", body.status] : ["length", body.length];
}

async function check(request: Request, expected: [string, number], bodies?: Bodies): Promise<void> {
  equal((await received(request, bodies)).join(), expected.join());
}

const half = BODY_MAX_BYTES / 2;
const rows: [sizes: number[], expected: [string, number]][] = [
  [[], ["length", 0]],
  [[1, 2, 3], ["length", 6]],
  [[half, half], ["length", BODY_MAX_BYTES]],
  [[half, half, 1], ["status", 413]],
];
for (const [sizes, expected] of rows) {
  Deno.test(`Bodies reads chunks of ${sizes} bytes`, () => check(chunked(sizes), expected));
}

Deno.test("Bodies stops reading once there is too much", async () => {
  const cancelled = Promise.withResolvers<void>();
  const endless = Array.from({ length: 1000 }, () => half);
  await check(chunked(endless, cancelled.resolve), ["status", 413]);
  await cancelled.promise;
});

Deno.test("Bodies reads nothing as nothing", () =>
  check(new Request("http://localhost/", { method: "POST" }), ["length", 0]));

Deno.test("Bodies does not trust a declared length", async () => {
  const body = new Uint8Array(BODY_MAX_BYTES + 1);
  for (const length of ["1", "100000"]) {
    const headers = { "content-length": length };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    await check(request, ["status", 413]);
  }
});

for (const declared of [undefined, "10", "100000"]) {
  const name = declared === undefined ? "of unknown length" : `of ${declared} bytes`;
  Deno.test(`Bodies waits for a body ${name} no longer than its patience`, async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => cancelled.resolve(),
    });
    const headers = declared === undefined ? {} : { "content-length": declared };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    const answer = await new Bodies(20).read(request);
    equal(answer instanceof Response && answer.status, 408);
    if (!(answer instanceof Response)) return;
    equal(answer.headers.get("connection"), "close");
    match((await answer.json()).error, /did not arrive within 0.02 s/);
    // A small one is read in one go, which ends with its connection.
    if (declared !== "10") await cancelled.promise;
  });
}

Deno.test("Bodies refuses a body that breaks off", async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new Error("broken")) });
  await check(new Request("http://localhost/", { method: "POST", body }), ["status", 400]);
});
