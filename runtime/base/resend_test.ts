import assert from "node:assert/strict";
import { httpFailure, lostRequest, REFUSED_HEADER, type Resend, resendOf } from "./resend.ts";

const decisions: [
  code: string,
  nothingRan: boolean,
  repeatable: { idempotent?: boolean; keyed?: boolean },
  resend: Resend,
][] = [
  ["unreachable", true, {}, "elsewhere"],
  ["overloaded", true, {}, "elsewhere"],
  ["host_crashed", true, {}, "elsewhere"],
  // The same codes, thrown by a tool that had begun.
  ["unreachable", false, {}, "nowhere"],
  ["overloaded", false, {}, "nowhere"],
  ["host_crashed", false, {}, "nowhere"],
  ["overloaded", false, { idempotent: true }, "nowhere"],
  // Another provider would say the same.
  ["bad_input", true, {}, "nowhere"],
  ["not_found", true, {}, "nowhere"],
  ["dependency_unavailable", true, {}, "nowhere"],
  ["timeout", true, { idempotent: true }, "nowhere"],
  ["interrupted", false, {}, "nowhere"],
  ["interrupted", false, { idempotent: true }, "elsewhere"],
  ["interrupted", false, { keyed: true }, "same"],
  ["interrupted", false, { idempotent: true, keyed: true }, "elsewhere"],
  ["timeout", false, { idempotent: true, keyed: true }, "nowhere"],
  ["cancelled", false, { idempotent: true }, "nowhere"],
  ["tool_failed", false, { idempotent: true }, "nowhere"],
  ["stream_stalled", false, { idempotent: true }, "nowhere"],
  ["protocol", false, { idempotent: true }, "nowhere"],
];

for (const [code, nothingRan, repeatable, resend] of decisions) {
  const how = `${code}${nothingRan ? " before anything ran" : ""} ${JSON.stringify(repeatable)}`;
  Deno.test(`resendOf() ${how} is ${resend}`, () => {
    assert.equal(resendOf({ code, nothingRan }, repeatable), resend);
  });
}

const statuses: [
  status: number,
  headers: Record<string, string>,
  code: string,
  nothingRan: boolean,
  retryAfterMs?: number,
][] = [
  [503, { [REFUSED_HEADER]: "overloaded", "retry-after": "1" }, "overloaded", true, 1000],
  [503, { [REFUSED_HEADER]: "overloaded" }, "overloaded", true],
  [503, { "retry-after": "2" }, "overloaded", true, 2000],
  // What a proxy says when the connection behind it breaks.
  [503, {}, "interrupted", false],
  [503, { "retry-after": "later" }, "interrupted", false],
  [429, {}, "overloaded", true],
  [429, { "retry-after": "3" }, "overloaded", true, 3000],
  [500, {}, "interrupted", false],
  [502, { "retry-after": "1" }, "interrupted", false],
  [504, {}, "interrupted", false],
  [501, {}, "protocol", true],
  [400, {}, "protocol", true],
  [404, {}, "protocol", true],
  [413, {}, "protocol", true],
  [408, {}, "protocol", false],
  [408, { [REFUSED_HEADER]: "timeout" }, "protocol", true],
  [409, {}, "protocol", false],
  [505, {}, "protocol", true],
  [202, {}, "protocol", false],
  [302, {}, "protocol", false],
];

for (const [status, headers, code, nothingRan, retryAfterMs] of statuses) {
  Deno.test(`httpFailure() ${status} ${JSON.stringify(headers)} is ${code}`, () => {
    const expected = { code, nothingRan, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    assert.deepEqual(httpFailure(status, new Headers(headers)), expected);
  });
}

async function failureOfFetch(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { method: "POST", body: "x" });
    await response.body?.cancel();
  } catch (error) {
    return error;
  }
  throw new Error("it was answered");
}

Deno.test("lostRequest() knows a connection that was refused, and a name that nobody has", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  for (
    const url of [`http://127.0.0.1:${port}/`, "http://nobody.invalid/", "http://127.0.0.1:1/"]
  ) {
    const { code, nothingRan } = lostRequest(await failureOfFetch(url));
    assert.deepEqual([code, nothingRan], ["unreachable", true], url);
  }
});

Deno.test("lostRequest() does not take a request that was sent for one that was not", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  const failed = failureOfFetch(`http://127.0.0.1:${port}/`);
  const connection = await listener.accept();
  await connection.read(new Uint8Array(1024));
  connection.close();
  const { code, nothingRan } = lostRequest(await failed);
  assert.deepEqual([code, nothingRan], ["interrupted", false]);
});
