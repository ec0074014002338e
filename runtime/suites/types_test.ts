/**
 * What the compiler must accept and refuse. Each `@ts-expect-error` fails type-checking when the
 * line below it compiles.
 */
import * as z from "zod";
import {
  type AgentManifest,
  type DependencyClient,
  gateway,
  joinMesh,
  type Llm,
  type LlmDefinition,
  type LlmResult,
  type LlmStream,
  type LlmValue,
  route,
  type RunningAgent,
  type RunningMember,
  type Servable,
  tool,
} from "../mod.ts";

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
  const Ticket = z.object({ priority: z.enum(["low", "high"]) });
  tool({ input: Query, output: Ticket }, () => ({ priority: "low" }));
  tool({ input: Query, output: z.array(Ticket) }, async ({ limit }) => {
    return await Promise.resolve([{ priority: limit > 1 ? "high" : "low" }]);
  });
  // @ts-expect-error there is no such priority
  tool({ input: Query, output: Ticket }, () => ({ priority: "middle" }));
  // @ts-expect-error a tool takes an object
  void (() => tool({ input: z.string() }, () => 1));
});

Deno.test("types: chunks are typed by the tool and by the dependency", () => {
  const Row = z.object({ id: z.number(), at: z.iso.date().transform((text) => new Date(text)) });
  tool({ chunk: Row }, async function* () {
    yield await Promise.resolve({ id: 1, at: "2026-01-02" });
  });
  // @ts-expect-error a row has an id
  tool({ chunk: Row }, async function* () {
    yield await Promise.resolve({ at: "2026-01-02" });
  });
  // @ts-expect-error text is no row
  tool({ chunk: Row }, async function* () {
    yield "row";
  });
  // @ts-expect-error who declares chunks streams
  tool({ chunk: Row }, () => ({ id: 1, at: "2026-01-02" }));
  tool({ output: z.string() }, async function* () {
    yield "text";
  });
  // @ts-expect-error what comes to text is text
  tool({ output: z.string() }, async function* () {
    yield 1;
  });
  tool({ output: z.array(Query) }, async function* () {
    yield { user: "u" };
  });
  // @ts-expect-error no chunks come to an object
  tool({ output: Query }, async function* () {
    yield { user: "u" };
  });
  tool({}, async function* () {
    yield 1;
    yield "anything";
  });
  tool({
    chunk: z.string(),
    dependencies: {
      rows: { capability: "rows", chunk: Row, required: true },
      words: { capability: "words", chunk: z.string(), required: true },
      both: { capability: "both", chunk: z.string(), output: Query, required: true },
      open: { capability: "open", required: true },
    },
  }, async function* (_, { rows, words, both, open }) {
    for await (const row of rows.stream()) {
      same<Equal<typeof row, { id: number; at: Date }>>();
      // @ts-expect-error no such field
      row.name;
    }
    const all = await rows();
    same<Equal<typeof all, { id: number; at: Date }[]>>();
    const text = await words();
    same<Equal<typeof text, string>>();
    const query = await both();
    same<Equal<typeof query, { user: string; limit: number }>>();
    for await (const chunk of open.stream()) same<Equal<typeof chunk, unknown>>();
    yield* words.stream();
    yield* both.stream();
  });
  const rows = { capability: "rows", chunk: Row, required: true } as const;
  // @ts-expect-error rows are no text
  tool({ chunk: z.string(), dependencies: { rows } }, async function* (_, { rows }) {
    yield* rows.stream();
  });
  tool({
    chunk: z.string(),
    dependencies: { words: { capability: "words", chunk: z.string(), required: true } },
  }, (_, { words }) => words.stream());
});

Deno.test("types: what a handler hands to a function of its own can be named", () => {
  const model: LlmDefinition = { system: "Be brief", tools: ["search"] };
  const summary = async (llm: Llm, text: string): Promise<LlmResult> => await llm.text(text);
  const query = async (llm: Llm): Promise<LlmValue<{ user: string; limit: number }>> =>
    await llm.object("Who?", Query);
  const words = (llm: Llm): LlmStream => llm.stream("Speak");
  const isWired = ({ node }: RunningAgent): boolean => node.unresolved.length === 0;
  const toolsOf = ({ manifest }: RunningMember): AgentManifest["tools"] => manifest.tools;
  const described = (agent: Servable): AgentManifest => agent.manifest();
  void [isWired, toolsOf, described];
  tool({ llm: model }, async (_, { llm }) => {
    same<Equal<typeof llm, Llm>>();
    const { text, usage } = await summary(llm, "long");
    same<Equal<typeof usage.inputTokens, number>>();
    for await (const word of words(llm)) same<Equal<typeof word, string>>();
    return text + (await query(llm)).value.user;
  });
  // @ts-expect-error a tool without a model gets none
  tool({}, async (_, { llm }) => await summary(llm, "long"));
});

Deno.test("types: a route's parameters come from its pattern", () => {
  gateway({
    name: "g",
    routes: {
      "GET /cities/:city/days/:day": ({ params, query, body }) => {
        same<Equal<typeof params, { readonly city: string; readonly day: string }>>();
        same<Equal<typeof query, URLSearchParams>>();
        same<Equal<typeof body, undefined>>();
        // @ts-expect-error no such parameter
        return params.month;
      },
      "GET /files/:dir/:path*": route({}, ({ params }) => {
        same<Equal<typeof params, { readonly dir: string; readonly path: string }>>();
        // @ts-expect-error no such parameter
        return params.file;
      }),
      "GET /": ({ params }) => {
        // @ts-expect-error it has none
        return params.city;
      },
    },
  });
});

Deno.test("types: a route alone has any parameters, and fits any pattern", () => {
  const loose = route({}, ({ params }) => {
    same<Equal<typeof params, Readonly<Record<string, string>>>>();
  });
  gateway({ name: "g", routes: { "GET /:city": loose, "POST /": loose } });
});

Deno.test("types: a route's body and query are inferred from the schemas", () => {
  gateway({
    name: "g",
    routes: {
      "POST /:id": route({
        body: Query,
        query: z.object({ day: z.coerce.number() }),
        dependencies: {
          must: { capability: "a", output: Preferences, required: true },
          may: { capability: "b" },
        },
      }, async ({ body, query, params, request }, { must, may, signal, log, headers, trace }) => {
        same<Equal<typeof body, { user: string; limit: number }>>();
        same<Equal<typeof query, { day: number }>>();
        same<Equal<typeof params, { readonly id: string }>>();
        same<Equal<typeof request, Request>>();
        const { budget } = await must({}, { signal });
        same<Equal<typeof budget, number>>();
        log.info(`${headers["x"]} ${trace?.traceId}`);
        // @ts-expect-error may be undefined
        await may();
        // @ts-expect-error no such dependency
        must_not;
      }),
    },
  });
  // @ts-expect-error a query is an object
  void (() => route({ query: z.string() }, () => 1));
  // @ts-expect-error there is nobody to ask behind HTTP
  route({}, (_, { ask }) => ask);
});

Deno.test("types: an application of one's own gets what it declares", () => {
  gateway({
    name: "g",
    dependencies: { must: { capability: "a", output: z.string(), required: true } },
    fetch: async (request, { must, signal }) => {
      same<Equal<typeof request, Request>>();
      const text = await must({}, { signal });
      same<Equal<typeof text, string>>();
      return new Response(text);
    },
  });
  // @ts-expect-error it answers with a Response
  gateway({ name: "g", fetch: () => "text" });
});

Deno.test("types: a server that joined gets what it declares", () => {
  const join = async () => {
    await using mesh = await joinMesh({
      name: "s",
      dependencies: {
        must: { capability: "a", output: z.string(), required: true },
        may: { capability: "b" },
      },
    });
    const text = await mesh.run(({ must }) => must());
    same<Equal<typeof text, string>>();
    // @ts-expect-error may be undefined
    await mesh.run(({ may }) => may());
    const given = await mesh.run(() => 1, { headers: { "x-a": undefined, "x-b": ["1", "2"] } });
    same<Equal<typeof given, number>>();
  };
  void join;
});
