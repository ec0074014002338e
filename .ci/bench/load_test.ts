import assert from "node:assert/strict";
import { isComplete, measure, percentiles } from "./load.ts";

const ANSWERS: [what: string, answer: string, complete: boolean][] = [
  ["half a head", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", false],
  ["half a body", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na", false],
  ["a body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", true],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", true],
  ["a first chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", false],
  [
    "a last chunk",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    true,
  ],
];

for (const [what, answer, complete] of ANSWERS) {
  Deno.test(`isComplete() of ${what} is ${complete}`, () => {
    assert.equal(isComplete(answer), complete);
  });
}

Deno.test("percentiles() are those of the sorted durations", () => {
  const times = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(percentiles(times), { p50Ms: 51, p99Ms: 100 });
});

async function loaded(
  answer: (request: Request) => Response | Promise<Response>,
  cpuSeconds?: () => Promise<number | undefined>,
) {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  return await measure({
    hostname: "127.0.0.1",
    port: server.addr.port,
    request: { method: "POST", path: "/mcp", headers: { "x-a": "b" }, body: "é" },
    expects: "done",
    connections: 2,
    durationMs: 50,
    warmupMs: 0,
    ...(cpuSeconds && { cpuSeconds }),
  });
}

Deno.test("measure() counts answers of known length and chunked ones", async () => {
  const seen = new Set<string>();
  const { perSecond, p50Ms, p99Ms } = await loaded(async (request) => {
    const { pathname } = new URL(request.url);
    seen.add([request.method, pathname, request.headers.get("x-a"), await request.text()].join());
    return new Response(seen.size % 2 === 0 ? "done" : new Blob(["done"]).stream());
  });
  assert.deepEqual([...seen], ["POST,/mcp,b,é"]);
  assert.ok(perSecond > 0 && p50Ms > 0 && p99Ms >= p50Ms);
});

Deno.test("measure() counts by processor time where the server tells", async () => {
  let seconds = 0;
  const answer = () => new Response("done");
  const { perSecond, perCoreSecond } = await loaded(answer, () => Promise.resolve(seconds += 0.1));
  assert.equal(Math.round(perCoreSecond ?? 0), Math.round(perSecond * 0.05 / 0.1));
  assert.equal("perCoreSecond" in await loaded(answer, () => Promise.resolve(undefined)), false);
});

Deno.test("measure() refuses to count failures", async () => {
  await assert.rejects(loaded(() => new Response("done", { status: 500 })), /expected 200/);
  await assert.rejects(loaded(() => new Response("other")), /expected 200 and done/);
});

Deno.test("measure() divides what memory grows by among the connections it keeps", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("done"),
  );
  const seen = [5 * 1024, 5 * 1024 + 1_000 * 2048];
  const { kibPerConnection } = await measure({
    hostname: "127.0.0.1",
    port: server.addr.port,
    request: { method: "GET", path: "/" },
    expects: "done",
    durationMs: 10,
    warmupMs: 0,
    memoryBytes: () => Promise.resolve(seen.shift()),
  });
  assert.equal(kibPerConnection, 2);
});
