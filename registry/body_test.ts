import { equal } from "node:assert/strict";
import { BODY_MAX_BYTES, readBody } from "./body.ts";

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

const half = BODY_MAX_BYTES / 2;
const rows: [sizes: number[], length: number | undefined][] = [
  [[], 0],
  [[1, 2, 3], 6],
  [[half, half], BODY_MAX_BYTES],
  [[half, half, 1], undefined],
];
for (const [sizes, length] of rows) {
  Deno.test(`readBody() of chunks of ${sizes} bytes`, async () => {
    const body = await readBody(chunked(sizes));
    equal(body?.length, length);
    equal(body?.every((byte) => byte === 7) ?? true, true);
  });
}

Deno.test("readBody() stops reading once there is too much", async () => {
  let cancelled = false;
  const endless = Array.from({ length: 1000 }, () => half);
  equal(await readBody(chunked(endless, () => cancelled = true)), undefined);
  equal(cancelled, true);
});

Deno.test("readBody() of nothing is empty", async () => {
  const request = new Request("http://localhost/", { method: "POST" });
  equal((await readBody(request))?.length, 0);
});

Deno.test("readBody() does not trust a declared length", async () => {
  const headers = { "content-length": "1" };
  const body = new Uint8Array(BODY_MAX_BYTES + 1);
  const request = new Request("http://localhost/", { method: "POST", body, headers });
  equal(await readBody(request), undefined);
});
