/** What the side of a gateway's code may say that it never does. */
import assert from "node:assert/strict";
import { Deadlines } from "../base/deadline.ts";
import type { InboundCall } from "../mcp/agent_server.ts";
import type { Outcome } from "../boundary/result.ts";
import { Arrivals } from "../base/arrivals.ts";
import { HttpExchange } from "./exchange.ts";

const route = {
  key: "GET /",
  pattern: undefined,
  description: "",
  maxBodyBytes: 10,
  dependencies: [],
};

async function answer(run: (call: InboundCall) => Promise<Outcome>): Promise<Response> {
  using deadlines = new Deadlines();
  const options = { run, deadlines, arrivals: new Arrivals() };
  const request = new Request("http://localhost/");
  return await new HttpExchange(options, request, { route, params: {} }).answer;
}

const streamed: Outcome = { kind: "response", response: undefined };
const head = (status: number) => ({ status, headers: [] });

const hostile: [name: string, run: (call: InboundCall) => Promise<Outcome>][] = [
  ["nothing", () => Promise.resolve(streamed)],
  ["no response", () => Promise.resolve({ kind: "value", json: "1" })],
  [
    "a status that does not exist",
    () => Promise.resolve({ kind: "response", response: { head: head(99), body: "x" } }),
  ],
  ["a head with such a status", (call) => call.emit(head(99)).then(() => streamed)],
  ["something else for a head", (call) => call.emit("head").then(() => streamed)],
  ["no error", () => Promise.reject("text")],
];
for (const [name, run] of hostile) {
  Deno.test(`HttpExchange answers 500 for ${name}`, async () => {
    const response = await answer(run);
    assert.equal(response.status, 500);
    assert.equal((await response.json()).error, "internal");
  });
}

Deno.test("HttpExchange takes nothing more once the answer is over", async () => {
  let kept: InboundCall | undefined;
  const response = await answer(async (call) => {
    kept = call;
    await call.emit(head(200));
    await call.emit(new TextEncoder().encode("a"));
    return streamed;
  });
  assert.equal(await response.text(), "a");
  await assert.rejects(async () => await kept?.emit(new Uint8Array(1)), { code: "cancelled" });
});
