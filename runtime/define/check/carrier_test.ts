/** Schemas that are refused because no value fits them. */
import assert from "node:assert/strict";
import * as z from "zod";
import * as mini from "zod/mini";
import { agent, prompt, route, tool } from "../../mod.ts";
import { testMesh } from "../../testing/mod.ts";
import { type Carrier, misfits } from "./carrier.ts";

const read = (schema: z.ZodType, carrier: Carrier = "json") =>
  misfits(schema, { carrier, isSent: false }).map(({ path, schema }) => `${path} ${schema}`);
const sent = (schema: z.ZodType) =>
  misfits(schema, { carrier: "json", isSent: true }).map(({ path, schema }) => `${path} ${schema}`);

interface Node {
  when: Date;
  children: Node[];
}
const Tree: z.ZodType<Node> = z.object({
  when: z.date(),
  get children() {
    return z.array(Tree);
  },
});
const isoDate = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** Schemas and the parts of them that take nothing from JSON. */
const refused: [what: string, schema: z.ZodType, parts: string[]][] = [
  ["a date", z.date(), [" z.date()"]],
  ["a bigint", z.bigint(), [" z.bigint()"]],
  ["a bigint of a format", z.int64(), [" z.bigint()"]],
  ["a map", z.map(z.string(), z.string()), [" z.map()"]],
  ["a set", z.set(z.string()), [" z.set()"]],
  ["a symbol", z.symbol(), [" z.symbol()"]],
  ["a file", z.file(), [" z.file()"]],
  ["a promise", z.promise(z.string()), [" z.promise()"]],
  ["not-a-number", z.nan(), [" z.nan()"]],
  ["undefined", z.undefined(), [" z.undefined()"]],
  ["void", z.void(), [" z.void()"]],
  ["never", z.never(), [" z.never()"]],
  ["a literal bigint", z.literal(1n), [" z.bigint()"]],
  ["an object of a class", z.instanceof(Uint8Array), [" z.instanceof(Uint8Array)"]],
  [
    "fields",
    z.object({ a: z.string(), when: z.date(), size: z.bigint() }),
    ["when z.date()", "size z.bigint()"],
  ],
  ["a field that may be absent", z.object({ when: z.date().optional() }), ["when z.date()"]],
  ["a field that may be null", z.object({ when: z.date().nullish() }), ["when z.date()"]],
  ["a field with a default", z.object({ when: z.date().default(new Date(0)) }), ["when z.date()"]],
  ["a field that must be there", z.object({ a: z.undefined(), b: z.never() }), [
    "a z.undefined()",
    "b z.never()",
  ]],
  [
    "items of a list of objects",
    z.object({ legs: z.array(z.object({ when: z.date().readonly() })) }),
    ["legs[].when z.date()"],
  ],
  ["values of a record", z.object({ at: z.record(z.string(), z.date()) }), ["at.* z.date()"]],
  ["parts of a tuple", z.tuple([z.string(), z.date()], z.bigint()), [
    "[1] z.date()",
    "[] z.bigint()",
  ]],
  ["unknown fields", z.object({}).catchall(z.date()), [".* z.date()"]],
  ["all alternatives", z.union([z.date(), z.bigint()]), [" z.date()", " z.bigint()"]],
  ["alternatives of which one is that there is none", z.union([z.date(), z.null()]), [" z.date()"]],
  [
    "an alternative that is chosen by its tag",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), when: z.date() }),
      z.object({ kind: z.literal("b") }),
    ]),
    ["when z.date()"],
  ],
  ["either half", z.intersection(z.object({ a: z.date() }), z.object({ b: z.set(z.any()) })), [
    "a z.date()",
    "b z.set()",
  ]],
  ["the side that is read", z.date().transform((date) => date.toISOString()), [" z.date()"]],
  ["a recursive type", Tree, ["when z.date()"]],
  ["what is declared later", z.lazy(() => z.object({ when: z.date() })), ["when z.date()"]],
  [
    "the same schema in two places",
    (() => {
      const Leg = z.object({ when: z.date() });
      return z.object({ there: Leg, back: Leg });
    })(),
    ["there.when z.date()", "back.when z.date()"],
  ],
];
for (const [what, schema, parts] of refused) {
  Deno.test(`misfits() finds ${what}`, () => {
    assert.deepEqual(read(schema), parts);
    assert.equal(
      misfits(schema, { carrier: "json", isSent: false }).every(({ advice }) => advice),
      true,
    );
  });
}

/** Schemas that something from JSON fits. */
const taken: [what: string, schema: z.ZodType][] = [
  ["text of a date", z.iso.datetime()],
  ["a date that is made of text", z.iso.date().transform((text) => new Date(text))],
  ["a date that is made of anything", z.coerce.date()],
  ["a bigint that is made of anything", z.coerce.bigint()],
  ["a codec", isoDate],
  ["a date after something else", z.preprocess((value) => new Date(String(value)), z.date())],
  ["a date that may be something else", z.union([z.iso.datetime(), z.date()])],
  ["a date of which any failure is caught", z.date().catch(new Date(0))],
  [
    "a field that is not to be there",
    z.object({ a: z.never().optional(), b: z.undefined().optional() }),
  ],
  ["an empty list", z.array(z.never())],
  ["no further fields", z.strictObject({ a: z.string() })],
  ["anything", z.object({ a: z.any(), b: z.unknown(), c: z.json(), d: z.custom<string>() })],
  [
    "what is declared later",
    z.lazy(() => {
      throw new ReferenceError("Cannot access 'Later' before initialization");
    }),
  ],
  ["a plain object of a class", z.instanceof(Object)],
  ["a literal among others", z.literal(["a", undefined])],
];
for (const [what, schema] of taken) {
  Deno.test(`misfits() takes ${what}`, () => {
    assert.deepEqual([read(schema), sent(schema)], [[], []]);
  });
}

Deno.test("misfits() takes what a handler's value leaves as JSON", () => {
  assert.deepEqual(sent(z.date().transform((date) => date.toISOString())), []);
  assert.deepEqual(sent(z.object({ at: z.date().transform(String) })), []);
  assert.deepEqual(sent(z.object({ at: z.date() })), ["at z.date()"]);
});

const texts: [what: string, schema: z.ZodType, parts: string[], inQuery?: string[]][] = [
  ["a number", z.object({ n: z.number() }), ["n z.number()"]],
  ["a truth value", z.object({ n: z.boolean().optional() }), ["n z.boolean()"]],
  ["a list", z.object({ n: z.array(z.string()) }), ["n z.array()"], []],
  ["a list of numbers", z.object({ n: z.array(z.int()) }), ["n z.array()"], ["n[] z.number()"]],
  ["an object", z.object({ n: z.object({}) }), ["n z.object()"]],
  ["a literal number", z.object({ n: z.literal(1) }), ["n z.literal()"]],
  ["numbers of an enum", z.object({ n: z.enum({ one: 1 }) }), ["n z.enum()"]],
  ["text", z.object({ n: z.string(), m: z.enum(["a"]), l: z.literal("a"), d: z.iso.date() }), []],
  ["what is made of text", z.object({ n: z.coerce.number(), t: z.stringbool() }), []],
  ["a number or text", z.object({ n: z.union([z.number(), z.string()]) }), []],
  ["a date", z.object({ n: z.date() }), ["n z.date()"]],
];
for (const [what, schema, parts, inQuery = parts] of texts) {
  Deno.test(`misfits() in text and in a query: ${what}`, () => {
    assert.deepEqual([read(schema, "text"), read(schema, "query")], [parts, inQuery]);
  });
}

Deno.test("a schema that nothing fits is refused where it is declared, with an alternative", () => {
  const when = z.object({ legs: z.array(z.object({ when: z.date() })) });
  const code = "bad_definition";
  const advice = "use z.iso.datetime(), or z.coerce.date() to get a Date";
  const says = (place: string, advice: string) => ({
    code,
    message: `${place} is z.date(), which no JSON value fits; ${advice}`,
  });
  const nothing = () => {};
  assert.throws(
    () => tool({ input: when }, nothing),
    says('tool: "input.legs[].when"', advice),
  );
  assert.throws(
    // @ts-expect-error the handler answers nothing
    () => tool({ output: when }, nothing),
    says('tool: "output.legs[].when"', "use z.iso.datetime() and return date.toISOString()"),
  );
  for (const key of ["input", "output"] as const) {
    assert.throws(
      () => tool({ dependencies: { find: { capability: "find", [key]: when } } }, nothing),
      says(`tool: "dependencies.find.${key}.legs[].when"`, advice),
    );
  }
  assert.throws(() => route({ body: z.array(z.date()) }, nothing), says('route: "body[]"', advice));
  assert.throws(() => route({ query: z.object({ page: z.number() }) }, nothing), {
    code,
    message: 'route: "query.page" is z.number(), which no text fits; ' +
      "use z.coerce.number()",
  });
  assert.throws(() => prompt({ args: z.object({ sure: z.boolean() }) }, () => ""), {
    code,
    message: /^prompt: "args\.sure" is z\.boolean\(\).*use z\.stringbool\(\)$/,
  });
  assert.throws(() => tool({ output: z.void() }, nothing), {
    code,
    message: 'tool: "output" is z.void(), which no JSON value fits; leave it out',
  });
});

Deno.test("dates made of text go through the mesh", async () => {
  const Event = z.object({ at: isoDate, on: z.iso.date(), due: z.coerce.date() });
  const asked = { at: "2026-01-02T03:04:05Z", on: "2026-01-02", due: "2026-01-03" };
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "events",
    tools: {
      echo: tool(
        { input: Event, output: Event },
        ({ at, on, due }) => ({ at: isoDate.encode(at), on, due }),
      ),
    },
  }));
  await mesh.join(agent({
    name: "asking",
    tools: {
      ask: tool({
        dependencies: { echo: { capability: "echo", output: Event, required: true } },
      }, async (_, { echo }) => {
        const { at, on, due } = await echo(asked);
        return [at instanceof Date, at.getUTCFullYear(), on, due.getUTCDate()];
      }),
    },
  }));
  assert.deepEqual(await mesh.call("ask"), [true, 2026, "2026-01-02", 3]);
});

Deno.test("schemas of zod/mini work as well", async () => {
  // The compiler wants zod's own classes; JavaScript does not.
  const schema = mini.object({ city: mini.string() }) as unknown as z.ZodObject<
    { city: z.ZodString }
  >;
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "a",
    tools: { greet: tool({ input: schema, output: schema }, ({ city }) => ({ city })) },
  }));
  assert.deepEqual(await mesh.call("greet", { city: "Rome" }), { city: "Rome" });
  await assert.rejects(mesh.call("greet", {}), { code: "bad_input" });
});
