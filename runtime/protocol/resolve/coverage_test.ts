import { deepEqual, equal } from "node:assert/strict";
import { coverageViolations, covers } from "./coverage.ts";

type Json = Record<string, unknown>;

const text = { type: "string" };
const whole = { type: "integer" };
const fields = (properties: Json): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const tree = (properties: Json, name = "Node"): Json => ({
  $ref: `#/$defs/${name}`,
  $defs: {
    [name]: fields({
      ...properties,
      children: { type: "array", items: { $ref: `#/$defs/${name}` } },
    }),
  },
});

/** Schemas beyond plain fields, with `kind path` of each violation. */
const rows: [what: string, consumer: Json, producer: Json, violations: string[]][] = [
  ["a recursive type and itself", tree({ title: text }), tree({ title: text }, "Other"), []],
  [
    "a recursive type without a field",
    tree({ title: text, id: text }),
    tree({ title: text }),
    ["missing_field id"],
  ],
  [
    "a recursive type with a field of another type",
    tree({ title: text }),
    tree({ title: whole }),
    ["type_mismatch title"],
  ],
  [
    "a finite type and a recursive one",
    fields({ title: text, children: { type: "array", items: fields({ title: text }) } }),
    tree({ title: text }),
    [],
  ],
  [
    "a finite type and a recursive one that lacks a field further down",
    fields({ children: { type: "array", items: fields({ name: text }) } }),
    tree({ title: text }),
    ["missing_field children[].name"],
  ],
  [
    "recursion of two periods",
    tree({ title: text }),
    {
      $ref: "#/$defs/A",
      $defs: {
        A: fields({ title: text, children: { type: "array", items: { $ref: "#/$defs/B" } } }),
        B: fields({ title: text, children: { type: "array", items: { $ref: "#/$defs/A" } } }),
      },
    },
    [],
  ],
  [
    "a field of one part of a provider's allOf",
    fields({ id: text, title: text }),
    { allOf: [fields({ id: text }), fields({ title: text })] },
    [],
  ],
  [
    "a field of no part of a provider's allOf",
    fields({ name: text }),
    { allOf: [fields({ id: text }), fields({ title: text })] },
    ["missing_field name"],
  ],
  [
    "what each part of a consumer's allOf reads",
    { allOf: [fields({ id: text }), fields({ title: text })] },
    fields({ id: text }),
    ["missing_field title"],
  ],
  [
    "an alternative of the provider that has it",
    fields({ title: text }),
    { anyOf: [fields({ error: text }), fields({ title: text })] },
    [],
  ],
  [
    "what stands beside a provider's alternatives",
    fields({ id: text, title: text }),
    { ...fields({ id: text }), anyOf: [fields({ error: text }), fields({ title: text })] },
    [],
  ],
  [
    "alternatives of the provider that all lack it",
    fields({ title: text }),
    { anyOf: [fields({ error: text }), fields({ title: whole })] },
    ["missing_field title"],
  ],
  ["a consumer's alternatives", { anyOf: [fields({ title: text })] }, fields({ id: text }), []],
  [
    "a definition that refers to itself",
    fields({ title: text }),
    { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } },
    ["missing_field title"],
  ],
  [
    "a field that is required and not described",
    fields({ title: text }),
    { type: "object", properties: {}, required: ["title"] },
    [],
  ],
];
for (const [what, consumer, producer, violations] of rows) {
  const verdict = violations.length === 0 ? "covers" : "does not cover";
  Deno.test(`covers() ${verdict} ${what}`, () => {
    deepEqual(
      coverageViolations(consumer, producer).map(({ kind, path }) => `${kind} ${path}`),
      violations,
    );
    equal(covers(consumer, producer), violations.length === 0);
  });
}

Deno.test("covers() gives alternatives up that multiply", () => {
  const level = (next: number) => fields({ next: { $ref: `#/$defs/L${next}` } });
  const producer: Json = {
    $ref: "#/$defs/L0",
    $defs: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`L${index}`, {
      anyOf: [level(index + 1), level(index + 1), level(index + 1)],
    }])),
  };
  let consumer: Json = { ...text };
  for (let depth = 0; depth < 40; depth++) consumer = fields({ next: consumer });
  equal(covers({ ...consumer, properties: { next: consumer } }, producer), false);
});
