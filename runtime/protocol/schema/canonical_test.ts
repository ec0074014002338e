import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import * as z from "zod";
import { askable, canonicalSchema, schemaForms } from "./canonical.ts";
import { schemaHash } from "./hash.ts";
import { printJson, readJson } from "./json_text.ts";

/** The rules applied by hand: a schema, its canonical text, and what is warned of. */
const rows: [rule: string, schema: string, canonical: string, warnings?: RegExp[]][] = [
  ["nothing", "{}", "{}"],
  [
    "what describes goes",
    '{"$schema":"s","$id":"i","title":"T","description":"d","examples":[1],"default":2,' +
    '"markdownDescription":"m","discriminator":{"propertyName":"x"},"type":"string"}',
    '{"type":"string"}',
  ],
  [
    "names become camelCase, required too, sorted",
    '{"type":"object","required":["user_id","a_b"],"properties":{"user_id":{"type":"integer"},' +
    '"a_b":{"type":"string"}}}',
    '{"properties":{"aB":{"type":"string"},"userId":{"type":"integer"}},' +
    '"required":["aB","userId"],"type":"object"}',
  ],
  ["nullable", '{"nullable":true,"type":"string"}', '{"type":["string","null"]}'],
  [
    "nullable of many",
    '{"nullable":true,"type":["string","integer"]}',
    '{"type":["integer","string","null"]}',
  ],
  [
    "nullable: false stays",
    '{"nullable":false,"type":"string"}',
    '{"nullable":false,"type":"string"}',
  ],
  [
    "types sorted, null last",
    '{"type":["null","string","integer"]}',
    '{"type":["integer","string","null"]}',
  ],
  [
    "one branch or null",
    '{"anyOf":[{"type":"string","format":"date"},{"type":"null"}],"default":null}',
    '{"format":"date","type":["string","null"]}',
  ],
  [
    "the same as oneOf",
    '{"oneOf":[{"type":"null"},{"type":"integer"}]}',
    '{"type":["integer","null"]}',
  ],
  [
    "two branches and null stay branches",
    '{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}',
    '{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}',
  ],
  [
    "oneOf is anyOf",
    '{"oneOf":[{"type":"string"},{"type":"integer"}]}',
    '{"anyOf":[{"type":"string"},{"type":"integer"}]}',
  ],
  [
    "additionalProperties: false",
    '{"type":"object","additionalProperties":false}',
    '{"type":"object"}',
  ],
  [
    "additionalProperties: true",
    '{"type":"object","additionalProperties":true}',
    '{"type":"object"}',
    [/additionalProperties/],
  ],
  ["enum of texts", '{"enum":["b","a"]}', '{"enum":["a","b"],"type":"string"}'],
  ["enum of whole numbers", '{"enum":[2,1]}', '{"enum":[2,1],"type":"integer"}'],
  ["enum of floats", '{"enum":[2.0,1.5]}', '{"enum":[2.0,1.5],"type":"number"}'],
  ["enum of both", '{"enum":[2,1.5]}', '{"enum":[2,1.5]}'],
  ["enum of truths", '{"enum":[true,false]}', '{"enum":[true,false],"type":"boolean"}'],
  ["enum of anything", '{"enum":["a",1,null]}', '{"enum":["a",1,null]}'],
  [
    "enum with a type",
    '{"enum":["a"],"type":["string","null"]}',
    '{"enum":["a"],"type":["string","null"]}',
  ],
  ["values in an enum are no schemas", '{"enum":[{"title":"x"}]}', '{"enum":[{"title":"x"}]}'],
  ["floats stay floats", '{"minimum":0.0,"maximum":1}', '{"maximum":1,"minimum":0.0}'],
  [
    "a property named like a keyword is lost, and stays required",
    '{"properties":{"title":{"type":"string"},"kind":{"type":"string"}},"required":["title","kind"]}',
    '{"properties":{"kind":{"type":"string"}},"required":["kind","title"]}',
  ],
  [
    "also when it only becomes one",
    '{"properties":{"markdown_description":{"type":"string"},"one_of":{"type":"string"}}}',
    '{"properties":{"anyOf":{"type":"string"}}}',
  ],
  [
    "a property named type is not looked into",
    '{"properties":{"type":{"title":"T","type":"string"}}}',
    '{"properties":{"type":{"title":"T","type":"string"}}}',
  ],
  [
    "definitions are written out, siblings winning",
    '{"$ref":"#/$defs/A","minLength":2,"$defs":{"A":{"$ref":"#/definitions/B","maxLength":3},' +
    '"C":{"type":"null"}},"definitions":{"B":{"type":"string","minLength":1}}}',
    '{"maxLength":3,"minLength":2,"type":"string"}',
  ],
  [
    "an optional definition",
    '{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}],"$defs":{"A":{"type":"object","properties":{"x_y":{}}}}}',
    '{"properties":{"xY":{}},"type":["object","null"]}',
  ],
  ["a reference to nothing", '{"items":{"$ref":"#/$defs/Gone"}}', '{"items":{}}', [
    /#\/\$defs\/Gone/,
  ]],
  [
    "a reference elsewhere",
    '{"$ref":"https://schemas.test/a"}',
    '{"$ref":"https://schemas.test/a"}',
    [/schemas\.test/],
  ],
  [
    "a property named $ref",
    '{"properties":{"$ref":{"title":"t","type":"string"}}}',
    '{"properties":{"$ref":{"type":"string"}}}',
  ],
  [
    "__proto__ is a name",
    '{"properties":{"__proto__":{"type":"string"}}}',
    '{"properties":{"proto":{"type":"string"}}}',
  ],
];
for (const [rule, schema, canonical, warnings = []] of rows) {
  Deno.test(`canonicalSchema(): ${rule}`, () => {
    const found = canonicalSchema(readJson(schema) as Record<string, unknown>);
    equal(printJson(found.schema), canonical);
    equal(found.warnings.length, warnings.length);
    warnings.forEach((warning, index) => match(found.warnings[index] ?? "", warning));
  });
  Deno.test(`canonicalSchema() of its own result: ${rule}`, () => {
    const again = canonicalSchema(readJson(canonical) as Record<string, unknown>);
    equal(printJson(again.schema), canonical);
  });
}

Deno.test("canonicalSchema() names a recursive definition after its text", () => {
  const masked = '{"properties":{"children":{"items":{"$ref":"__CYCLIC__"},"type":"array"},' +
    '"nodeName":{"type":"string"}},"required":["nodeName"],"type":"object"}';
  const name = `Recursive_${createHash("sha256").update(masked).digest("hex").slice(0, 12)}`;
  const tree = (definition: string) => ({
    $ref: `#/$defs/${definition}`,
    $defs: {
      Label: { type: "string", title: "Label" },
      [definition]: {
        type: "object",
        title: definition,
        required: ["node_name"],
        properties: {
          node_name: { $ref: "#/$defs/Label" },
          children: { type: "array", items: { $ref: `#/$defs/${definition}` } },
        },
      },
    },
  });
  const { schema, warnings } = canonicalSchema(tree("Node"));
  const body = masked.replace("__CYCLIC__", `#/$defs/${name}`);
  equal(printJson(schema), `{"$defs":{"${name}":${body}},"$ref":"#/$defs/${name}"}`);
  deepEqual(warnings, []);
  deepEqual(canonicalSchema(tree("Renamed")).schema, schema);
  deepEqual(canonicalSchema(schema).schema, schema);
});

Deno.test("canonicalSchema() keeps definitions that lead into a cycle", () => {
  const { schema } = canonicalSchema({
    $ref: "#/definitions/Entry",
    definitions: {
      Entry: { properties: { a: { $ref: "#/definitions/A" } } },
      A: { properties: { b: { $ref: "#/definitions/B" } } },
      B: { properties: { a: { $ref: "#/definitions/A" } } },
    },
  });
  const names = Object.keys(schema.$defs as Record<string, unknown>);
  // A and B have different properties, so different texts; Entry reads as B does.
  equal(names.length, 2);
  for (const name of names) match(name, /^Recursive_[0-9a-f]{12}$/);
});

Deno.test("canonicalSchema() does not depend on the order of keys", () => {
  const one = canonicalSchema({ type: "object", properties: { b: { type: "null" }, a: {} } });
  const other = canonicalSchema({ properties: { a: {}, b: { type: "null" } }, type: "object" });
  equal(schemaHash(one.schema), schemaHash(other.schema));
});

Deno.test("schemaHash() is the SHA-256 of the canonical text", () => {
  const digest = createHash("sha256").update('{"type":"string"}').digest("hex");
  equal(schemaHash({ type: "string" }), `sha256:${digest}`);
  notEqual(schemaHash({ type: "integer" }), `sha256:${digest}`);
});

Deno.test("the same shape from zod and from Python has one form", () => {
  const zod = z.object({
    userId: z.int(),
    nickName: z.string().nullable(),
    kind: z.enum(["b", "a"]),
  });
  const python = {
    title: "User",
    type: "object",
    required: ["user_id", "nick_name", "kind"],
    $defs: { Kind: { title: "Kind", type: "string", enum: ["a", "b"] } },
    properties: {
      user_id: { title: "User Id", type: "integer" },
      nick_name: { title: "Nick Name", anyOf: [{ type: "string" }, { type: "null" }] },
      kind: { $ref: "#/$defs/Kind" },
    },
  };
  const written = z.toJSONSchema(zod, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.minimum;
      delete jsonSchema.maximum;
    },
  });
  deepEqual(canonicalSchema({ ...written }).schema, canonicalSchema(python).schema);
});

/** Schemas whose exact form differs from the canonical one. */
const exactRows: [what: string, schema: string, exact: string][] = [
  [
    "properties called as annotations are",
    '{"title":"T","properties":{"title":{"title":"T","type":"string"},"default":{"type":"null"},' +
    '"$defs":{"type":"null"},"one_of":{"oneOf":[{"title":"t"}]},"additionalProperties":{}},' +
    '"required":["title"]}',
    '{"properties":{"$defs":{"type":"null"},"additionalProperties":{},"default":{"type":"null"},' +
    '"oneOf":{"anyOf":[{}]},"title":{"type":"string"}},"required":["title"]}',
  ],
  [
    "properties called as keywords of values are",
    '{"properties":{"type":{"title":"T","type":"string"},"enum":{"title":"E"},"required":{"default":1}}}',
    '{"properties":{"enum":{},"required":{},"type":{"type":"string"}}}',
  ],
  [
    "in items, branches and patterns",
    '{"items":{"properties":{"examples":{}}},"allOf":[{"properties":{"description":{}}}],' +
    '"patternProperties":{"title":{"title":"T"}}}',
    '{"allOf":[{"properties":{"description":{}}}],"items":{"properties":{"examples":{}}},' +
    '"patternProperties":{"title":{}}}',
  ],
  [
    "in definitions, and definitions called so",
    '{"$ref":"#/$defs/title","$defs":{"title":{"title":"T","properties":{"title":{}}}}}',
    '{"properties":{"title":{}}}',
  ],
  [
    "what a value has",
    '{"const":{"title":"a"},"enum":[{"title":"a"}]}',
    '{"const":{"title":"a"},"enum":[{"title":"a"}]}',
  ],
];
for (const [what, schema, exact] of exactRows) {
  Deno.test(`schemaForms() keeps ${what}`, () => {
    equal(printJson(schemaForms(JSON.parse(schema))?.exact), exact);
  });
}

Deno.test("schemaForms() keeps what recursive definitions have, and names them after it", () => {
  const tree = (type: string) => ({
    $ref: "#",
    properties: { title: { type }, children: { type: "array", items: { $ref: "#" } } },
  });
  const [texts, numbers] = [schemaForms(tree("string")), schemaForms(tree("number"))];
  deepEqual(texts?.canonical, numbers?.canonical);
  notEqual(JSON.stringify(texts?.exact), JSON.stringify(numbers?.exact));
  match(JSON.stringify(texts?.exact), /"title":\{"type":"string"\}/);
});

/** Schemas that are small as written and cannot be written out. */
const bombs: [what: string, schema: () => Record<string, unknown>][] = [
  ["definitions that double", () => ({
    $ref: "#/$defs/d0",
    $defs: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, {
      anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }],
    }])),
  })],
  ["a chain of definitions", () => ({
    $ref: "#/$defs/d0",
    $defs: Object.fromEntries(
      Array.from(
        { length: 20_000 },
        (_, index) => [`d${index}`, { $ref: `#/$defs/d${index + 1}` }],
      ),
    ),
  })],
  ["a hundred thousand levels", () => {
    let schema: Record<string, unknown> = {};
    for (let level = 0; level < 100_000; level++) schema = { items: schema };
    return schema;
  }],
];
for (const [what, schema] of bombs) {
  Deno.test(`schemaForms() gives up ${what}`, () => {
    equal(schemaForms(schema()), undefined);
  });
}

Deno.test("askable() requires nothing that has been lost, at any depth", () => {
  const node = { properties: { id: {} }, required: ["id", "title"] };
  const { canonical } = schemaForms({ ...node, properties: { id: {}, title: {} } }) ?? {};
  ok(canonical);
  deepEqual(canonical, node);
  const asked = { properties: { id: {} }, required: ["id"] };
  deepEqual(askable({ items: canonical, anyOf: [canonical], $defs: { Node: canonical } }), {
    items: asked,
    anyOf: [asked],
    $defs: { Node: asked },
  });
});
