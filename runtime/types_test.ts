/**
 * What the compiler must accept and refuse. Each `@ts-expect-error` fails type-checking when the
 * line below it compiles.
 */
import { z } from "zod";
import { type DependencyClient, tool } from "./mod.ts";

const Preferences = z.object({ budget: z.number(), airlines: z.array(z.string()) });
const Query = z.object({ user: z.string(), limit: z.number().default(3) });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
/** Compiles only for `true`. */
function same<_ extends true>(): void {}

Deno.test("types: reordering dependency keys changes nothing", () => {
  const prefs = { capability: "prefs", output: Preferences, required: true } as const;
  const weather = { capability: "weather" } as const;
  tool({ dependencies: { prefs, weather } }, (_, { prefs: a, weather: b }) => {
    same<Equal<typeof a, DependencyClient<typeof prefs>>>();
    same<Equal<typeof b, DependencyClient<typeof weather> | undefined>>();
  });
  tool({ dependencies: { weather, prefs } }, (_, { weather: b, prefs: a }) => {
    same<Equal<typeof a, DependencyClient<typeof prefs>>>();
    same<Equal<typeof b, DependencyClient<typeof weather> | undefined>>();
  });
});

Deno.test("types: results are typed by the dependency's output", () => {
  tool({
    dependencies: {
      typed: { capability: "a", output: Preferences, required: true },
      untyped: { capability: "b", required: true },
    },
  }, async (_, { typed, untyped }) => {
    const a = await typed();
    same<Equal<typeof a, { budget: number; airlines: string[] }>>();
    const b = await untyped();
    same<Equal<typeof b, unknown>>();
    // @ts-expect-error no such field
    a.nope;
  });
});

Deno.test("types: a dependency is called with what it takes", () => {
  tool({
    dependencies: { find: { capability: "find", input: Query, required: true } },
  }, async (_, { find, signal }) => {
    await find({ user: "u" }, { signal, timeoutMs: 5 });
    await find({ user: "u", limit: 2 });
    // @ts-expect-error user is missing
    await find({});
    // @ts-expect-error arguments are missing
    await find();
    // @ts-expect-error user is no number
    await find({ user: 1 });
    // @ts-expect-error no such option
    await find({ user: "u" }, { timeout: 5 });
  });
});

Deno.test("types: required is never undefined, optional may be", () => {
  tool({
    dependencies: {
      must: { capability: "a", required: true },
      may: { capability: "b" },
      may_not: { capability: "c", required: false },
    },
  }, async (_, { must, may, may_not }) => {
    await must();
    // @ts-expect-error never undefined, so it fits nowhere that undefined is wanted
    const missing: undefined = must;
    void missing;
    // @ts-expect-error always there, so there is nothing to ask
    const there = must ? 1 : 2;
    void there;
    same<Equal<Extract<typeof may, undefined>, undefined>>();
    // @ts-expect-error may be undefined
    await may();
    // @ts-expect-error may be undefined
    await may_not();
    await may?.();
    // @ts-expect-error no such dependency
    must_not;
  });
});

Deno.test("types: input and output are inferred from the schemas", () => {
  tool({ input: Query, output: Preferences }, ({ user, limit }) => {
    same<Equal<typeof user, string>>();
    same<Equal<typeof limit, number>>();
    return { budget: limit, airlines: [user] };
  });
  // @ts-expect-error airlines is missing
  tool({ output: Preferences }, () => ({ budget: 1 }));
  tool({ output: Preferences }, async () => await Promise.resolve({ budget: 1, airlines: [] }));
  // @ts-expect-error a tool takes an object
  tool({ input: z.string() }, () => 1);
});
