import { deepEqual, equal } from "node:assert/strict";
import type { GivenArgument } from "./argument_word.ts";
import { composeArguments } from "./coerce.ts";

const SCHEMA = {
  type: "object",
  properties: {
    text: { type: "string" },
    count: { type: "integer" },
    ratio: { type: "number" },
    on: { type: "boolean" },
    maybe: { anyOf: [{ type: "number" }, { type: "null" }] },
    either: { type: ["string", "number"] },
    level: { enum: ["low", 2] },
    tags: { type: "array", items: { type: "string" } },
    counts: { type: "array", items: { type: "integer" } },
    trip: { $ref: "#/$defs/Trip" },
    "a.b": { type: "integer" },
    anything: {},
  },
  $defs: { Trip: { type: "object", properties: { days: { type: "integer" } } } },
};

function texts(...words: string[]): GivenArgument[] {
  return words.map((word) => {
    const at = word.indexOf("=");
    return { kind: "text", key: word.slice(0, at), text: word.slice(at + 1) };
  });
}

Deno.test("composeArguments() gives each text the type its argument has", () => {
  const rows: [string, unknown][] = [
    ["text=5", { text: "5" }],
    ["text=", { text: "" }],
    ["count=5", { count: 5 }],
    ["count=-3", { count: -3 }],
    ["count=five", { count: "five" }],
    ["count=", { count: "" }],
    ["ratio=.5", { ratio: 0.5 }],
    ["ratio=1e3", { ratio: 1000 }],
    ["on=yes", { on: true }],
    ["on=FALSE", { on: false }],
    ["on=perhaps", { on: "perhaps" }],
    ["maybe=null", { maybe: null }],
    ["maybe=4", { maybe: 4 }],
    ["either=4", { either: "4" }],
    ["level=low", { level: "low" }],
    ["level=2", { level: 2 }],
    ["tags=a", { tags: ["a"] }],
    ['tags=["a","b"]', { tags: ["a", "b"] }],
    ["counts=7", { counts: [7] }],
    ['trip={"days":3}', { trip: { days: 3 } }],
    ["trip.days=3", { trip: { days: 3 } }],
    ["a.b=1", { "a.b": 1 }],
    ["anything=5", { anything: "5" }],
    ["stranger=5", { stranger: "5" }],
    ["x.y=5", { "x.y": "5" }],
  ];
  for (const [word, args] of rows) deepEqual(composeArguments(texts(word), SCHEMA), args, word);
});

Deno.test("composeArguments() collects repeated texts of an array, and lets later ones win else", () => {
  deepEqual(composeArguments(texts("tags=a", "count=1", "tags=b,c", "count=2"), SCHEMA), {
    tags: ["a", "b,c"],
    count: 2,
  });
  const file: GivenArgument = {
    kind: "object",
    value: { count: 1, tags: ["x"], trip: { days: 1, to: "NRT" } },
    source: "trip.json",
  };
  const words: GivenArgument[] = [file, ...texts("tags=a", "trip.days=3"), {
    kind: "json",
    key: "count",
    value: 9,
  }];
  deepEqual(composeArguments(words, SCHEMA), {
    count: 9,
    tags: ["a"],
    trip: { days: 3, to: "NRT" },
  });
  deepEqual(file.value["trip"], { days: 1, to: "NRT" });
});

Deno.test("composeArguments() leaves texts alone without a schema, and keeps odd names as data", () => {
  deepEqual(composeArguments(texts("count=5", "a.b=1"), undefined), { count: "5", "a.b": "1" });
  const args = composeArguments(texts("__proto__=x"), undefined);
  equal(Object.hasOwn(args, "__proto__"), true);
  equal(Object.getPrototypeOf(args), Object.prototype);
});

Deno.test("composeArguments() keeps all digits of a number", () => {
  const rows: [word: string, json: string][] = [
    ["count=1915883588174806058", '{"count":1915883588174806058}'],
    ["ratio=-0.12345678901234567890", '{"ratio":-0.12345678901234567890}'],
    ["counts=[1915883588174806058,2]", '{"counts":[1915883588174806058,2]}'],
    ["count=+5", '{"count":5}'],
    ["count=007", '{"count":7}'],
  ];
  for (const [word, json] of rows) {
    equal(JSON.stringify(composeArguments(texts(word), SCHEMA)), json);
  }
});
