import assert from "node:assert/strict";
import * as z from "zod";
import { openApiSchema } from "./openapi_schema.ts";

/** The types of what may be any. */
const TYPES = ["string", "number", "boolean", "object"].map((type) => ({ type }));
const ANYTHING = { anyOf: [...TYPES, { type: "array", items: { anyOf: TYPES } }] };

const FEW = { toolFormats: "few" } as const;

function plain(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema) };
}

const rows: [name: string, schema: z.ZodType, expected: unknown][] = [
  ["an object", z.object({ a: z.string().describe("A"), b: z.int().optional() }), {
    type: "object",
    properties: {
      a: { type: "string", description: "A" },
      b: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
    },
    required: ["a"],
  }],
  ["a choice of texts", z.enum(["x", "y"]), { type: "string", enum: ["x", "y"] }],
  ["one text", z.literal("x"), { type: "string", enum: ["x"] }],
  ["one number", z.literal(3), { type: "number" }],
  ["something or nothing", z.string().nullable(), { type: "string", nullable: true }],
  ["one thing or another", z.union([z.string(), z.number()]), {
    anyOf: [{ type: "string" }, { type: "number" }],
  }],
  ["a list", z.array(z.object({ a: z.string() })), {
    type: "array",
    items: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
  }],
  ["a record", z.record(z.string(), z.number()), { type: "object" }],
  ["anything", z.unknown(), ANYTHING],
];

for (const [name, schema, expected] of rows) {
  Deno.test(`openApiSchema() of ${name}`, () => {
    assert.deepEqual(openApiSchema(plain(schema), FEW), expected);
  });
}

Deno.test("openApiSchema() follows references, and not for ever", () => {
  const Node: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const text = JSON.stringify(openApiSchema(plain(Node), FEW));
  assert.doesNotMatch(text, /\$ref/);
  assert.match(text, /"children":\{"type":"array","items":\{"type":"object"/);
  const shared = z.object({ a: z.string() }).meta({ id: "Shared" });
  assert.deepEqual(openApiSchema(plain(z.object({ x: shared, y: shared })), FEW), {
    type: "object",
    properties: {
      x: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      y: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    },
    required: ["x", "y"],
  });
});

const A = { type: "object", properties: { street: { type: "string" } }, required: ["street"] };

const written: [name: string, schema: Record<string, unknown>, expected: unknown][] = [
  ["allOf of one reference, described", {
    type: "object",
    properties: { home: { allOf: [{ $ref: "#/$defs/A" }], description: "home" } },
    required: ["home"],
    $defs: { A },
  }, {
    type: "object",
    properties: { home: { ...A, description: "home" } },
    required: ["home"],
  }],
  ["allOf of several objects", {
    allOf: [A, { properties: { city: { type: "string" } }, required: ["city"] }],
    type: "object",
  }, {
    type: "object",
    properties: { street: { type: "string" }, city: { type: "string" } },
    required: ["street", "city"],
  }],
  ["allOf of bounds", { type: "integer", allOf: [{ minimum: 1 }, { maximum: 9 }] }, {
    type: "integer",
    minimum: 1,
    maximum: 9,
  }],
  ["a reference to a reference", { $ref: "#/$defs/B", $defs: { B: { $ref: "#/$defs/A" }, A } }, A],
  ["a reference in a circle", { $ref: "#/$defs/B", $defs: { B: { $ref: "#/$defs/B" } } }, ANYTHING],
  ["a reference with marks in it", { $ref: "#/$defs/A~1%20b", $defs: { "A/ b": A } }, A],
  ["required of what is not there, and twice", {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a", "zzz", "a"],
  }, { type: "object", properties: { a: { type: "string" } }, required: ["a"] }],
  ["required of nothing", { type: "object", required: ["a"] }, { type: "object" }],
  ["values without a type", { enum: ["x", "y"] }, { type: "string", enum: ["x", "y"] }],
  ["values and null", { type: ["string", "null"], enum: ["x", null] }, {
    type: "string",
    enum: ["x"],
    nullable: true,
  }],
  ["an empty value", { enum: ["", "x"] }, { type: "string", enum: ["x"] }],
  ["numbers as values", { enum: [1, 2] }, { type: "integer" }],
  ["values of several types", { enum: [1, "x", 2.5, null] }, {
    anyOf: [
      { type: "integer", nullable: true },
      { type: "string", enum: ["x"], nullable: true },
      { type: "number", nullable: true },
    ],
  }],
  ["anything that is described", { description: "d" }, {
    anyOf: ANYTHING.anyOf.map((way) => ({ description: "d", ...way })),
  }],
  ["keywords of another type", {
    type: "string",
    properties: {},
    required: ["q"],
    items: {},
    minimum: 1,
    minItems: 1,
    maxLength: 5,
  }, { type: "string", maxLength: 5 }],
  ["formats", {
    type: "object",
    properties: {
      u: { type: "string", format: "uri" },
      d: { type: "string", format: "date-time" },
      i: { type: "integer", format: "int64" },
      n: { type: "number", format: "date-time" },
    },
  }, {
    type: "object",
    properties: {
      u: { type: "string" },
      d: { type: "string", format: "date-time" },
      i: { type: "integer", format: "int64" },
      n: { type: "number" },
    },
  }],
  ["a choice of nothing", { anyOf: [{ type: "null" }] }, { type: "string", nullable: true }],
  ["no way of a choice", { anyOf: [] }, { type: "string" }],
  ["a described choice", {
    description: "d",
    anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }],
  }, {
    anyOf: [
      { description: "d", type: "string", nullable: true },
      { description: "d", type: "integer", nullable: true },
    ],
  }],
  ["a choice of what is required", {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "string" } },
    oneOf: [{ required: ["a"] }, { required: ["b"] }],
  }, { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } }],
  ["several types", { type: ["string", "integer"], minimum: 1 }, {
    anyOf: [{ type: "string" }, { type: "integer", minimum: 1 }],
  }],
  ["a tuple", { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] }, {
    type: "array",
    items: { anyOf: [{ type: "string" }, { type: "integer" }] },
  }],
  ["a list of anything", { type: "array" }, { type: "array", items: ANYTHING }],
  ["types in capitals", { type: "OBJECT", properties: { a: { type: "STRING" } } }, {
    type: "object",
    properties: { a: { type: "string" } },
  }],
  ["a property called __proto__", {
    type: "object",
    properties: JSON.parse('{"__proto__":{"type":"string"}}'),
  }, JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')],
];

for (const [name, schema, expected] of written) {
  Deno.test(`openApiSchema() writes ${name}`, () => {
    assert.deepEqual(openApiSchema(schema, FEW), expected);
  });
}

Deno.test("openApiSchema() keeps formats where any is taken", () => {
  const schema = { type: "string", format: "uri" };
  assert.deepEqual(openApiSchema(schema, { toolFormats: "any" }), schema);
});

/** Definitions that refer to all of each other, and how many times. */
function tangled(count: number, times: number): Record<string, unknown> {
  const names = Array.from({ length: count }, (_, at) => `D${at}`);
  const properties = Object.fromEntries(
    names.flatMap((name) =>
      Array.from({ length: times }, (_, at) => [`${name}_${at}`, { $ref: `#/$defs/${name}` }])
    ),
  );
  const node = { type: "object", description: "d".repeat(100), properties };
  return { ...node, $defs: Object.fromEntries(names.map((name) => [name, node])) };
}

for (const [count, times] of [[1, 4], [10, 1], [10, 3], [50, 1]] as const) {
  Deno.test(`openApiSchema() bounds ${count} definitions that refer to each other ${times} times`, () => {
    const schema = tangled(count, times);
    const started = performance.now();
    const text = JSON.stringify(openApiSchema(schema, FEW));
    assert.ok(text.length < Math.max(100_000, JSON.stringify(schema).length * 5), `${text.length}`);
    assert.ok(performance.now() - started < 2_000);
    assert.match(text, /"D0_0":\{"type":"object"/);
  });
}

for (const keyword of ["allOf", "anyOf", "oneOf"]) {
  Deno.test(`openApiSchema() comes to an end with ${keyword} of itself`, () => {
    const N = {
      type: "object",
      properties: { a: { type: "string" } },
      [keyword]: [{ $ref: "#/$defs/N" }, { $ref: "#" }],
    };
    const text = JSON.stringify(openApiSchema({ ...N, $defs: { N } }, FEW));
    assert.ok(text.length < 10_000);
    assert.match(text, /"a":\{"type":"string"\}/);
  });
}

Deno.test("openApiSchema() leaves a schema of many properties whole", () => {
  const properties = Object.fromEntries(
    Array.from(
      { length: 5_000 },
      (_, at) => [`p${at}`, { type: "string", description: "what it is" }],
    ),
  );
  assert.deepEqual(openApiSchema({ type: "object", properties }, FEW), {
    type: "object",
    properties,
  });
});

Deno.test("openApiSchema() puts many parts together at once", () => {
  const parts = (property: (at: number) => Record<string, unknown>) => ({
    type: "object",
    properties: {
      a: { allOf: Array.from({ length: 5_000 }, (_, at) => ({ properties: property(at) })) },
    },
  });
  const started = performance.now();
  const apart = openApiSchema(parts((at) => ({ [`p${at}`]: { type: "string" } })), FEW);
  openApiSchema(parts((at) => ({ p: { type: "string", maxLength: at } })), FEW);
  assert.ok(performance.now() - started < 3_000);
  assert.match(JSON.stringify(apart), /"p0":.*"p4999":/);
});
