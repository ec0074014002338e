import { deepEqual, equal } from "node:assert/strict";
import { agent, type MatchMode, tool } from "mesh";
import { testMesh } from "mesh/testing";
import * as z from "zod";

/** Asks a provider that declares `offered` for `wanted`; resolves with whether it was wired. */
async function isWired(mode: MatchMode, wanted: z.ZodType, offered: z.ZodType): Promise<boolean> {
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "provider",
    tools: { thing: tool({ output: offered }, () => null as never) },
  }));
  await mesh.join(agent({
    name: "asking",
    tools: {
      ask: tool({
        output: z.boolean(),
        dependencies: { thing: { capability: "thing", output: wanted, matchMode: mode } },
      }, (_, { thing }) => thing !== undefined),
    },
  }));
  return await mesh.call("ask", {}) === true;
}

const Person = z.object({ user_id: z.int(), name: z.string() });

const cases: [mode: MatchMode, output: z.ZodType, wired: boolean][] = [
  ["strict", Person, true],
  ["strict", z.object({ name: z.string() }), false],
  ["subset", z.object({ name: z.string() }), true],
  ["subset", z.object({ email: z.string() }), false],
];
for (const [mode, output, wired] of cases) {
  const wanted = Object.keys(z.toJSONSchema(output).properties ?? {});
  Deno.test(`a ${mode} dependency on ${wanted} is ${wired ? "" : "not "}wired`, async () => {
    equal(await isWired(mode, output, Person), wired);
  });
}

/** Names of fields that are also annotations or keywords of JSON Schema. */
const NAMES = [
  "title",
  "description",
  "default",
  "examples",
  "discriminator",
  "definitions",
  "markdown_description",
  "additionalProperties",
  "$schema",
  "$id",
  "$defs",
  "nullable",
  "oneOf",
  "anyOf",
  "enum",
  "type",
  "required",
  "properties",
  "items",
  "const",
];
/** Places of a field. */
const PLACES: Record<string, (thing: z.ZodObject) => z.ZodType> = {
  "at the top": (thing) => thing,
  "in an object": (thing) => z.object({ inner: thing }),
  "in an array": (thing) => z.array(thing),
  "in a record's array": (thing) => z.object({ list: z.array(z.object({ inner: thing })) }),
  "in what may be null": (thing) => z.object({ inner: thing.nullable() }),
  "in a definition": (thing) => {
    const named = thing.meta({ id: `Thing${crypto.randomUUID()}` });
    return z.object({ first: named, second: named });
  },
  "in a recursive type": (thing) => {
    const node: z.ZodType = z.lazy(() => thing.extend({ children: z.array(node) }));
    return node;
  },
  "in an intersection": (thing) => z.intersection(z.object({ id: z.string() }), thing),
};
for (const [place, within] of Object.entries(PLACES)) {
  for (const name of NAMES) {
    Deno.test(`a property "${name}" ${place} counts as one`, async () => {
      const texts = within(z.object({ id: z.string(), [name]: z.string() }));
      const more = within(
        z.object({ id: z.string(), [name]: z.string(), status: z.string() }),
      );
      const numbers = within(z.object({ id: z.string(), [name]: z.number() }));
      const none = within(z.object({ id: z.string() }));
      deepEqual({
        "subset of itself": await isWired("subset", texts, texts),
        "subset of more": await isWired("subset", texts, more),
        "subset of another type": await isWired("subset", texts, numbers),
        "subset of what lacks it": await isWired("subset", texts, none),
        "the same type": await isWired("strict", texts, texts),
        "another type": await isWired("strict", texts, numbers),
      }, {
        "subset of itself": true,
        "subset of more": true,
        "subset of another type": false,
        "subset of what lacks it": false,
        "the same type": true,
        "another type": false,
      });
    });
  }
}

for (const mode of ["subset", "strict"] as const) {
  Deno.test(`a ${mode} dependency tells alternatives apart by a title`, async () => {
    const either = (title: z.ZodType) =>
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), title }),
        z.object({ kind: z.literal("b"), name: z.string() }),
      ]);
    equal(await isWired(mode, either(z.string()), either(z.string())), true);
    // A consumer's alternatives are not compared in a subset match.
    equal(await isWired(mode, either(z.string()), either(z.number())), mode === "subset");
  });
}

Deno.test("a field of one of the provider's alternatives will do", async () => {
  const offered = z.union([
    z.object({ title: z.string(), id: z.string() }),
    z.object({ error: z.string() }),
  ]);
  equal(await isWired("subset", z.object({ title: z.string() }), offered), true);
  equal(await isWired("subset", z.object({ name: z.string() }), offered), false);
});
