import assert from "node:assert/strict";
import * as fc from "fast-check";
import { z } from "zod";
import { type Excerpts, excerptsOf } from "./excerpts.ts";
import { type Facts, factsOf } from "./facts.ts";
import { fillIn } from "./form.ts";
import { withNotice } from "./notice.ts";

const offline = { permissions: "none" as const };

const PLAN = `Analyze the budget for a trip to Tokyo with a budget of $2000. The plan:
# Tokyo, June 1-5, 2026
## Flights
- MH007 (MH), your city to Tokyo, 09:15–14:40: $842
## Hotels
- Sakura Inn, 3 stars: $95 a night (wifi, breakfast)
- Grand Hyatt, 5 stars: $320 a night (pool, spa, gym)
## Day 1 (2026-06-01)
- Morning: Senso-ji Temple (outdoor, cultural)
- Afternoon: Ueno Park (outdoor, nature)
- Evening: dinner near Ueno Park
## Day 2 (2026-06-02)
- Morning: Meiji Shrine (outdoor, cultural)
## Costs
- Flight MH007: $842
- Sakura Inn, 4 nights: $380
- Total: $1222
- Left of the budget of $2000: $778`;

const facts = factsOf([{ role: "user", content: PLAN }]);
const excerpts = excerptsOf(facts.material);

function fill(schema: z.ZodType, from: Facts = facts, drawn: Excerpts = excerpts): unknown {
  const form = z.toJSONSchema(schema);
  return withNotice(form, fillIn(form, from, drawn));
}

const BudgetAnalysis = z.object({
  total_estimated: z.int(),
  savings_tips: z.array(z.string()),
  budget_breakdown: z.array(z.object({ category: z.string(), amount: z.int() })),
});

Deno.test("fillIn() takes a budget's numbers from the plan", offline, () => {
  const budget = BudgetAnalysis.parse(fill(BudgetAnalysis));
  assert.equal(budget.total_estimated, 1222);
  assert.deepEqual(budget.budget_breakdown, [
    { category: "Flight MH007", amount: 842 },
    { category: "Sakura Inn, 4 nights", amount: 380 },
  ]);
  assert.equal(
    budget.savings_tips[0],
    "Sakura Inn, 3 stars ($95) instead of Grand Hyatt, 5 stars ($320)",
  );
  assert.match(budget.savings_tips.at(-1) ?? "", /^No language model wrote this/);
});

Deno.test("fillIn() takes the names of experiences from the plan", offline, () => {
  const AdventureAdvice = z.object({
    unique_experiences: z.array(
      z.object({ name: z.string(), description: z.string(), why_special: z.string() }),
    ),
    local_gems: z.array(z.string()),
    off_beaten_path: z.string(),
  });
  const advice = AdventureAdvice.parse(fill(AdventureAdvice));
  const names = advice.unique_experiences.map(({ name }) => name);
  assert.ok(names.includes("Senso-ji Temple"), names.join());
  const temple = advice.unique_experiences.find(({ name }) => name === "Senso-ji Temple");
  assert.equal(temple?.description, "Morning: Senso-ji Temple (outdoor, cultural)");
  assert.equal(new Set(names).size, names.length);
  assert.match(advice.off_beaten_path, /No language model wrote this/);
});

Deno.test("fillIn() takes the days of a schedule from the plan", offline, () => {
  const LogisticsPlan = z.object({
    daily_schedule: z.array(z.object({ day: z.int(), activities: z.array(z.string()) })),
    transit_tips: z.array(z.string()),
    time_optimization: z.string(),
  });
  const { daily_schedule, transit_tips, time_optimization } = LogisticsPlan.parse(
    fill(LogisticsPlan),
  );
  assert.deepEqual(daily_schedule, [
    {
      day: 1,
      activities: [
        "Morning: Senso-ji Temple (outdoor, cultural)",
        "Afternoon: Ueno Park (outdoor, nature)",
        "Evening: dinner near Ueno Park",
      ],
    },
    { day: 2, activities: ["Morning: Meiji Shrine (outdoor, cultural)"] },
  ]);
  assert.equal(transit_tips[0], "Day 1: Senso-ji Temple, then Ueno Park.");
  assert.match(
    time_optimization,
    /^Senso-ji Temple and Ueno Park are both on day 1\. \(No language/,
  );
});

const Category: z.ZodType = z.object({
  name: z.string(),
  get parts() {
    return z.array(Category);
  },
  get parent() {
    return Category.nullable().optional();
  },
});

const shapes: [name: string, schema: z.ZodType][] = [
  ["a text", z.string()],
  ["a list at the root", z.array(z.object({ name: z.string() })).min(2)],
  ["recursion", Category],
  ["a shared type", z.object({ a: z.string().meta({ id: "A" }), b: z.string().meta({ id: "B" }) })],
  ["a tuple", z.tuple([z.string(), z.int(), z.boolean()])],
  ["a tuple and more", z.tuple([z.string()], z.int())],
  ["a record", z.record(z.string(), z.int())],
  ["a record of known keys", z.record(z.enum(["x", "y"]), z.string())],
  [
    "a choice by a field",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), n: z.int() }),
      z.object({ kind: z.literal("b"), s: z.string() }),
    ]),
  ],
  ["two at once", z.intersection(z.looseObject({ a: z.string() }), z.looseObject({ b: z.int() }))],
  ["a date", z.object({ on: z.iso.date(), at: z.iso.datetime(), day: z.iso.time() })],
  [
    "formats",
    z.object({
      email: z.email(),
      url: z.url(),
      id: z.uuid(),
      v4: z.uuidv4(),
      ip: z.ipv4(),
      six: z.ipv6(),
      phone: z.e164(),
      duration: z.iso.duration(),
      emoji: z.emoji(),
      base64: z.base64(),
      nano: z.nanoid(),
      cuid: z.cuid2(),
      ulid: z.ulid(),
      net: z.cidrv4(),
      jwtless: z.base64url(),
    }),
  ],
  [
    "patterns",
    z.object({
      code: z.string().regex(/^[A-Z]{3}$/),
      upper: z.string().uppercase(),
      lower: z.string().lowercase(),
      start: z.string().startsWith("trip-"),
      end: z.string().endsWith("!"),
      with: z.string().includes("@"),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
    }),
  ],
  ["what must not be there", z.object({ a: z.never().optional(), b: z.string() })],
  ["null", z.null()],
  ["anything", z.object({ a: z.unknown(), b: z.any() })],
  [
    "numbers with limits",
    z.object({
      a: z.number().gt(0).lt(1),
      b: z.int().multipleOf(7).min(10),
      c: z.number().positive(),
      d: z.number().negative(),
      e: z.number().multipleOf(0.5).max(-2),
    }),
  ],
];

for (const [name, schema] of shapes) {
  Deno.test(`fillIn() fits ${name}`, offline, () => {
    schema.parse(fill(schema));
    // Also when there is nothing to draw from.
    const nothing = factsOf([{ role: "user", content: "?" }]);
    schema.parse(fill(schema, nothing, excerptsOf(nothing.material)));
  });
}

/** Schemas of the kinds people write with zod. */
const { schema: anySchema } = fc.letrec<{ schema: z.ZodType; leaf: z.ZodType }>((tie) => ({
  leaf: fc.oneof(
    fc.record({ min: fc.nat(20), more: fc.nat(40), isLimited: fc.boolean() }).map((
      { min, more, isLimited },
    ) => isLimited ? z.string().min(min).max(min + more) : z.string()),
    fc.record({ min: fc.integer({ min: -1000, max: 1000 }), more: fc.nat(5000) })
      .map(({ min, more }) => z.int().min(min).max(min + more)),
    fc.record({ min: fc.integer({ min: -99, max: 99 }), more: fc.integer({ min: 1, max: 99 }) })
      .map(({ min, more }) => z.number().gt(min).lt(min + more)),
    fc.constantFrom<z.ZodType>(
      z.boolean(),
      z.null(),
      z.int(),
      z.number(),
      z.literal("x"),
      z.literal(7),
      z.enum(["low", "high"]),
      z.iso.date(),
      z.email(),
      z.uuid(),
      z.string().startsWith("id-"),
    ),
  ),
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie("leaf"),
    fc.dictionary(
      fc.constantFrom("name", "amount", "day", "activities", "note", "kind", "total", "x y", "é"),
      fc.record({ of: tie("schema"), isOptional: fc.boolean() }),
      { maxKeys: 5 },
    ).map((fields) =>
      z.object(
        Object.fromEntries(
          Object.entries(fields).map(([name, { of, isOptional }]) => [
            name,
            isOptional ? of.optional() : of,
          ]),
        ),
      )
    ),
    fc.record({ of: tie("schema"), min: fc.nat(4), more: fc.nat(4), isLimited: fc.boolean() })
      .map(({ of, min, more, isLimited }) =>
        isLimited ? z.array(of).min(min).max(min + more) : z.array(of)
      ),
    tie("schema").map((of) => of.nullable()),
    fc.array(tie("schema"), { minLength: 2, maxLength: 3 }).map((of) => z.union(of)),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((of) =>
      z.tuple(of as [z.ZodType, ...z.ZodType[]])
    ),
    tie("schema").map((of) => z.record(z.string(), of)),
  ),
}));

Deno.test("fillIn() fits whatever people write with zod, the same every time", offline, () => {
  fc.assert(
    fc.property(anySchema, (schema) => {
      const value = fill(schema);
      const { success, error } = schema.safeParse(value);
      assert.ok(success, `${JSON.stringify(value)}: ${error?.message}`);
      assert.deepEqual(fill(schema), value);
    }),
    { numRuns: 500, seed: 20260601 },
  );
});
