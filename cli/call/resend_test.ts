import { deepEqual, equal, rejects } from "node:assert/strict";
import { EXIT } from "../base/exit.ts";
import { LostCall } from "../mesh/mcp_request.ts";
import type { CallAnswer } from "./answer_view.ts";
import { sendCall } from "./resend.ts";

const made: CallAnswer = { answer: { kind: "result", result: { content: [] } }, durationMs: 1 };
const lost = (code: string, nothingRan: boolean) => () => {
  throw new LostCall(EXIT.failure, `${code}`, { code, nothingRan });
};
const refusedInAnswer = (nothingRan: boolean): CallAnswer => ({
  answer: {
    kind: "result",
    result: {
      isError: true,
      _meta: { "mesh/error": { code: "overloaded", message: "", nothingRan } },
    },
  },
  durationMs: 1,
});

/** What a call comes to, and the routes that it was sent over. */
async function sent(answers: (() => CallAnswer)[], isThere = true) {
  const routes: number[] = [];
  const answer = sendCall({
    route: 0,
    send: (route) => Promise.try(() => answers[routes.push(route) - 1]?.() ?? made),
    again: () => Promise.resolve(isThere ? routes.length : undefined),
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  });
  await answer.catch(() => {});
  return { answer, routes };
}

const rows: [name: string, answers: (() => CallAnswer)[], sends: number][] = [
  ["what was answered, once", [], 1],
  ["again what could not be reached", [lost("unreachable", true)], 2],
  ["again what was refused in an answer", [() => refusedInAnswer(true)], 2],
  ["once what the tool itself calls a refusal", [() => refusedInAnswer(false)], 1],
];
for (const [name, answers, sends] of rows) {
  Deno.test(`sendCall() sends ${name}`, async () => {
    const { answer, routes } = await sent(answers);
    await answer;
    deepEqual(routes, Array.from({ length: sends }, (_, index) => index));
  });
}

Deno.test("sendCall() sends once what may have run", async () => {
  const { answer, routes } = await sent([lost("interrupted", false)]);
  await rejects(answer, { message: "interrupted" });
  equal(routes.length, 1);
});

Deno.test("sendCall() gives up after three times, and when no agent is there any more", async () => {
  const away = [1, 2, 3, 4].map(() => lost("unreachable", true));
  const { answer, routes } = await sent(away);
  await rejects(answer, { message: "unreachable" });
  equal(routes.length, 3);
  const alone = await sent(away, false);
  await rejects(alone.answer, { message: "unreachable" });
  equal(alone.routes.length, 1);
});
