import { deepEqual, equal } from "node:assert/strict";
import { answer, type CallOrigin } from "./answer.ts";
import type { CallMessages } from "./tool_call.ts";

const origin = (era: CallOrigin["era"]): CallOrigin => ({
  form: "any",
  id: 1,
  era,
  serverInfo: { name: "mesh", version: "1" },
});
const TIMES = { patienceMs: 1, keepAliveMs: 1 };
const KEEP_ALIVE = ": keepalive\n\n";

/** Messages that come when they are let. */
function held() {
  const gate = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  async function* messages(): CallMessages {
    try {
      await gate.promise;
      yield { method: "notifications/progress", params: { progress: 1 } };
      return { result: { content: [] } };
    } finally {
      ended.resolve();
    }
  }
  return { messages: messages(), open: gate.resolve, fail: gate.reject, ended: ended.promise };
}

function reader(response: Response): ReadableStreamDefaultReader<string> {
  if (response.body === null) throw new Error("no body");
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

Deno.test("answer() of the older era begins without the agent, and shows signs of life", async () => {
  const { messages, open } = held();
  const response = await answer(messages, origin("legacy"), () => {}, TIMES);
  equal(response.headers.get("content-type"), "text/event-stream");
  equal(response.headers.get("x-accel-buffering"), "no");
  const events = reader(response);
  for (let index = 0; index < 3; index++) equal((await events.read()).value, KEEP_ALIVE);
  open();
  let rest = "";
  for (let next = await events.read(); !next.done; next = await events.read()) rest += next.value;
  deepEqual(rest.replaceAll(KEEP_ALIVE, "").match(/"method"|"result"/g), ['"method"', '"result"']);
});

Deno.test("answer() of the newer era waits for the first message", async () => {
  const { messages, open } = held();
  const answering = answer(messages, origin("modern"), () => {}, TIMES);
  open();
  const events = reader(await answering);
  equal((await events.read()).value?.includes("notifications/progress"), true);
  equal((await events.read()).value?.includes('"resultType":"complete"'), true);
  equal((await events.read()).done, true);
});

Deno.test("a reader that leaves ends the call", async () => {
  const { messages, fail, ended } = held();
  const response = await answer(messages, origin("legacy"), () => fail(new Error("gone")), TIMES);
  await response.body?.cancel();
  await ended;
});

Deno.test("a call that is given up on the other side ends the events", async () => {
  const { messages, fail } = held();
  const response = await answer(messages, origin("legacy"), () => {}, TIMES);
  fail(new Error("cancelled"));
  equal((await response.text()).replaceAll(KEEP_ALIVE, ""), "");
});
