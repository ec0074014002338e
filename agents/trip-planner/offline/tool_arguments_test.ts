import assert from "node:assert/strict";
import { z } from "zod";
import { factsOf } from "./facts.ts";
import { inferArguments } from "./tool_arguments.ts";

const offline = { permissions: "none" as const };

const facts = factsOf([
  { role: "system", content: "Interests: cultural, food. Minimum hotel stars: 3." },
  { role: "user", content: "Plan a trip to Tokyo from June 1-5, 2026 with a budget of $2000." },
]);

function infer(input: z.ZodObject, from = facts) {
  return inferArguments({
    type: "function",
    function: { name: "t", parameters: z.toJSONSchema(input, { io: "input" }) },
  }, from);
}

const text = z.string();
const rows: [name: string, input: z.ZodObject, args: Record<string, unknown> | undefined][] = [
  ["flight_search", z.object({ origin: text, destination: text, date: text }), {
    origin: "your city",
    destination: "Tokyo",
    date: "2026-06-01",
  }],
  ["hotel_search", z.object({ destination: text, checkin: text, checkout: text }), {
    destination: "Tokyo",
    checkin: "2026-06-01",
    checkout: "2026-06-05",
  }],
  ["get_weather", z.object({ location: text, date: text }), {
    location: "Tokyo",
    date: "2026-06-01",
  }],
  ["search_pois", z.object({ location: text }), { location: "Tokyo" }],
  ["get_user_prefs", z.object({ user_id: text }), { user_id: "demo-user" }],
  ["no arguments", z.object({}), {}],
  ["numbers", z.object({ budget: z.number(), stars: z.int(), guests: z.int() }), {
    budget: 2000,
    stars: 3,
    guests: 1,
  }],
  ["a budget in words", z.object({ budget: text }), { budget: "2000" }],
  ["lists", z.object({ interests: z.array(text) }), { interests: ["cultural", "food"] }],
  ["something or null", z.object({ city: text.nullable() }), { city: "Tokyo" }],
  ["a choice that was named", z.object({ kind: z.enum(["nature", "food"]) }), { kind: "food" }],
  ["a choice that was not", z.object({ kind: z.enum(["sea", "sky"]) }), { kind: "sea" }],
  ["what must be so", z.object({ unit: z.literal("metric") }), { unit: "metric" }],
  ["a question", z.object({ query: text }), { query: facts.question }],
  ["what nobody said, where it need not be", z.object({ city: text, code: text.optional() }), {
    city: "Tokyo",
  }],
  ["what nobody said, where it must be", z.object({ city: text, session_id: text }), undefined],
  ["an object nobody knows", z.object({ payload: z.object({ a: text }) }), undefined],
];

for (const [name, input, args] of rows) {
  Deno.test(`inferArguments() of ${name}`, offline, () => {
    assert.deepEqual(infer(input), args);
    if (args !== undefined) input.parse(args);
  });
}

Deno.test("inferArguments() leaves a tool alone when the place is not known", offline, () => {
  const unknown = factsOf([{ role: "user", content: "hello" }]);
  assert.equal(infer(z.object({ location: text }), unknown), undefined);
  assert.deepEqual(infer(z.object({ date: text }), unknown), { date: "soon" });
});
