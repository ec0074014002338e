import assert from "node:assert/strict";
import * as z from "zod";
import {
  askWith,
  elicit,
  elicitUrl,
  listRoots,
  type Questions,
  sample,
  Unanswered,
} from "./ask.ts";

const all = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const name = elicit("Who?", z.object({ name: z.string() }));

interface Row {
  readonly questions: Questions;
  readonly capabilities?: Record<string, unknown>;
  readonly answers?: Record<string, unknown>;
  /** What comes back, the keys that are asked, or the failure's code. */
  readonly expected: { read: unknown } | { asked: string[] } | { code: string };
}

const filled = { action: "accept", content: { name: "Ada" } };

const rows: Record<string, Row> = {
  "asks what has no answer": { questions: { who: name }, expected: { asked: ["who"] } },
  "asks everything at once": {
    questions: { who: name, roots: listRoots() },
    expected: { asked: ["who", "roots"] },
  },
  "returns answers by key": {
    questions: { who: name },
    answers: { who: filled },
    expected: { read: { who: filled } },
  },
  "asks only what is missing": {
    questions: { who: name, roots: listRoots() },
    answers: { who: filled },
    expected: { asked: ["roots"] },
  },
  "asks again what was not answered as asked": {
    questions: { who: name },
    answers: { who: { action: "accept", content: { name: 7 } } },
    expected: { asked: ["who"] },
  },
  "asks again what is no answer at all": {
    questions: { who: name },
    answers: { who: 12345 },
    expected: { asked: ["who"] },
  },
  "takes a no for an answer": {
    questions: { who: name },
    answers: { who: { action: "decline" } },
    expected: { read: { who: { action: "decline" } } },
  },
  "does not take an inherited member for an answer": {
    questions: { constructor: name },
    expected: { asked: ["constructor"] },
  },
  "reads roots": {
    questions: { roots: listRoots() },
    answers: { roots: { roots: [{ uri: "file:///a" }] } },
    expected: { read: { roots: [{ uri: "file:///a" }] } },
  },
  "reads what a model wrote": {
    questions: { text: sample({ messages: [], maxTokens: 1 }) },
    answers: { text: { role: "assistant", content: { type: "text", text: "hi" }, model: "m" } },
    expected: {
      read: { text: { role: "assistant", content: { type: "text", text: "hi" }, model: "m" } },
    },
  },
  "refuses a caller that did not introduce itself": {
    questions: { who: name },
    capabilities: {},
    expected: { code: "cannot_ask" },
  },
  "refuses a client without the capability": {
    questions: { text: sample({ messages: [], maxTokens: 1 }) },
    capabilities: { elicitation: {} },
    expected: { code: "cannot_ask" },
  },
  "takes elicitation without a mode for forms": {
    questions: { who: name },
    capabilities: { elicitation: {} },
    expected: { asked: ["who"] },
  },
  "does not take elicitation without a mode for pages": {
    questions: { page: elicitUrl("Log in", "https://example.com/") },
    capabilities: { elicitation: {} },
    expected: { code: "cannot_ask" },
  },
  "needs no capability for what was answered": {
    questions: { who: name },
    capabilities: {},
    answers: { who: filled },
    expected: { read: { who: filled } },
  },
};

for (
  const [title, { questions, capabilities = all, answers = {}, expected }] of Object.entries(rows)
) {
  Deno.test(`ask() ${title}`, async () => {
    let unanswered: Unanswered | undefined;
    const ask = askWith({ capabilities, answers, onUnanswered: (found) => unanswered = found });
    const asking = ask(questions);
    if ("read" in expected) assert.deepEqual(await asking, expected.read);
    else if ("code" in expected) await assert.rejects(asking, { code: expected.code });
    else {
      await assert.rejects(asking, Unanswered);
      assert.deepEqual(Object.keys(unanswered?.requests ?? {}), expected.asked);
    }
  });
}

Deno.test("elicit() writes the form as MCP wants it", () => {
  const { request } = elicit(
    "Sure?",
    z.object({ ok: z.boolean().default(true), note: z.string().optional() }),
  );
  assert.deepEqual(request, {
    method: "elicitation/create",
    params: {
      message: "Sure?",
      requestedSchema: {
        type: "object",
        properties: { ok: { type: "boolean", default: true }, note: { type: "string" } },
      },
    },
  });
});

Deno.test("elicit() refuses a schema that cannot be a form", () => {
  assert.throws(() => elicit("When?", z.object({ at: z.date() })), { code: "bad_definition" });
});
