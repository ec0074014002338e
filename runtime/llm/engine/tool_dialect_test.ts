import assert from "node:assert/strict";
import { ChatToolSchema } from "../../define/contract.ts";
import { CALLED_NAMES, ToolDialect } from "./tool_dialect.ts";
import { STANDARD, type Traits } from "./vendors.ts";
import { wireRules } from "./wire_rules.ts";

type Declared = [name: string, parameters?: Record<string, unknown>, description?: string];

function dialect(tools: readonly Declared[], traits: Partial<Traits> = {}, refused: string[] = []) {
  const all = { ...STANDARD, ...traits };
  return new ToolDialect(
    tools.map(([name, parameters, description]) =>
      ChatToolSchema.parse({ function: { name, description, parameters } })
    ),
    all,
    wireRules(all).schemas,
    new Set(refused),
  );
}

function call(name: string, args: string) {
  return { id: "1", type: "function" as const, function: { name, arguments: args } };
}

Deno.test("ToolDialect sends names that are taken, and reads them back", () => {
  const names = dialect([["a.b"], ["a_b"]]);
  const [first = "", second = ""] = names.names;
  assert.match(first, /^a_b_\w{8}$/);
  assert.equal(second, "a_b");
  for (const [sent, own] of [[first, "a.b"], ["a_b", "a_b"], ["a.b", "a.b"]] as const) {
    assert.equal(names.read(call(sent, "{}")).function.name, own);
  }
  assert.equal(names.ownName(first), "a.b");
  assert.deepEqual(names.written(call("a.b", "{}")), { name: first, arguments: "{}" });
  assert.deepEqual(names.written(call("gone.by", "null")), { name: "gone_by", arguments: "{}" });
});

for (const { vendor, written } of CALLED_NAMES) {
  Deno.test(`ToolDialect reads the name of a tool as models of ${vendor} write it: ${written}`, () => {
    assert.equal(dialect([["t"]]).read(call(written, "{}")).function.name, "t");
  });
}

Deno.test("ToolDialect leaves the name of a tool that there is not, for its model to be told", () => {
  assert.equal(dialect([["t"]]).read(call("functions.u", "{}")).function.name, "functions.u");
});

const SIZES = {
  type: "object",
  properties: {
    "Größe": { type: "number" },
    list: { type: "array", items: { $ref: "#/$defs/Ort" } },
  },
  required: ["Größe", "list"],
  $defs: { Ort: { type: "object", properties: { "Straße": { type: "string" } } } },
};

Deno.test("ToolDialect calls properties otherwise where their names are not taken, and back", () => {
  const plain = dialect([["t", SIZES]], { toolProperties: "plain" });
  const [{ function: { parameters } }] = plain.tools as unknown as [
    { function: { parameters: typeof SIZES } },
  ];
  const [size = "", list] = parameters.required;
  assert.match(size, /^Gr_e$/);
  assert.equal(list, "list");
  const street = Object.keys(parameters.$defs.Ort.properties)[0] ?? "";
  assert.equal(street, "Stra_e");
  const own = '{"Größe":1915883588174806058,"list":[{"Straße":"x","other":1}]}';
  const sent = `{"${size}":1915883588174806058,"list":[{"${street}":"x","other":1}]}`;
  assert.equal(plain.read(call("t", sent)).function.arguments, own);
  assert.equal(plain.written(call("t", own))["arguments"], sent);
  assert.equal(plain.read(call("t", "{oops")).function.arguments, "{oops");
  assert.deepEqual(dialect([["t", SIZES]]).tools[0]?.["function"], {
    name: "t",
    parameters: SIZES,
  });
});

Deno.test("ToolDialect cuts descriptions, and leaves empty ones out", () => {
  const description = `${"a".repeat(1023)}\u{1F600}`;
  const described = dialect([["t", {}, description], ["u", {}, ""]]).tools
    .map(({ function: tool }) => (tool as { description?: string }).description);
  assert.deepEqual(described, ["a".repeat(1023), undefined]);
});

Deno.test("ToolDialect offers as many tools as are taken, and none that was refused", () => {
  const few = dialect([["a"], ["b"], ["c"], ["d"]], { toolsMax: 2 }, ["a"]);
  assert.deepEqual([few.names, few.surplus], [["b", "c"], 1]);
});

Deno.test("ToolDialect sends Gemini no parameters where there are none", () => {
  const gemini = dialect([["t", { type: "object" }], ["u", SIZES]], { toolSchemas: "openapi" });
  assert.deepEqual(gemini.tools.map(({ function: tool }) => Object.keys(tool as object)), [
    ["name"],
    ["name", "parameters"],
  ]);
});
