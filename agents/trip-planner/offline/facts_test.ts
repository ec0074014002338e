import assert from "node:assert/strict";
import { daysOf, type Facts, factsOf } from "./facts.ts";

const offline = { permissions: "none" as const };

const rows: [said: string, facts: Partial<Facts>][] = [
  ["Plan a trip to Tokyo from June 1-5, 2026 with a budget of $2000.", {
    destination: "Tokyo",
    origin: undefined,
    dates: { start: "2026-06-01", end: "2026-06-05" },
    datesText: "June 1-5, 2026",
    budget: 2000,
  }],
  [
    "Plan a trip to New York, departing from San Francisco, 2026-06-01 to 2026-06-05, budget 1,500 USD",
    {
      destination: "New York",
      origin: "San Francisco",
      dates: { start: "2026-06-01", end: "2026-06-05" },
      budget: 1500,
    },
  ],
  ["I want to visit São Paulo for 2 people, 3rd - 9th of March 2027, at least 4 stars", {
    destination: "São Paulo",
    dates: { start: "2027-03-03", end: "2027-03-09" },
    travellers: 2,
    minimumStars: 4,
  }],
  ["Destination: kyoto\nDates: spring\nBudget: $900", {
    destination: "kyoto",
    datesText: "spring",
    dates: undefined,
    budget: 900,
  }],
  ["Fly from Oslo to Rio de Janeiro, Dec 28 2026 to Jan 3 2027", {
    destination: "Rio de Janeiro",
    origin: "Oslo",
    dates: { start: "2026-12-28", end: "2027-01-03" },
  }],
  ["Analyze the budget for a trip to Lima with a budget of $1200. Plan:\nHotel $300", {
    destination: "Lima",
    budget: 1200,
  }],
  ["Something nice in June 2026", { destination: undefined, datesText: undefined }],
  ["", { destination: undefined, budget: undefined, dates: undefined, interests: [] }],
  [
    "Preferred airlines: SQ, MH. Budget limit: $1000. Interests: cultural, food, nature. Minimum hotel stars: 3.",
    {
      budget: 1000,
      interests: ["cultural", "food", "nature"],
      minimumStars: 3,
      destination: undefined,
    },
  ],
];

for (const [said, expected] of rows) {
  Deno.test(`factsOf() reads ${JSON.stringify(said.slice(0, 60))}`, offline, () => {
    const facts = factsOf([{ role: "user", content: said }]);
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(facts[name as keyof Facts], value, name);
    }
  });
}

Deno.test(
  "factsOf() believes the user's last word, and the prompt where nobody says",
  offline,
  () => {
    const facts = factsOf([
      {
        role: "system",
        content: "Budget limit: $1000. Minimum hotel stars: 3. Destination: Nowhere",
      },
      { role: "user", content: "Plan a trip to Tokyo, $2000, June 1-5, 2026" },
      { role: "assistant", content: "A trip to Paris for $9" },
      { role: "user", content: [{ type: "text", text: "Make it a trip to Kyoto instead" }] },
    ]);
    assert.equal(facts.destination, "Kyoto");
    assert.equal(facts.budget, 2000);
    assert.equal(facts.minimumStars, 3);
    assert.equal(facts.question, "Make it a trip to Kyoto instead");
  },
);

Deno.test("daysOf() counts over months, and not for ever", offline, () => {
  assert.deepEqual(daysOf({ start: "2026-12-30", end: "2027-01-02" }), [
    "2026-12-30",
    "2026-12-31",
    "2027-01-01",
    "2027-01-02",
  ]);
  assert.equal(daysOf({ start: "2026-01-01", end: "2036-01-01" }).length, 30);
  assert.deepEqual(daysOf({ start: "soon", end: "later" }), []);
});
