import assert from "node:assert/strict";
import { availability, Pass } from "./availability.ts";
import { explainDependency, matchDependency } from "./dependency.ts";
import { Effort, EffortExceeded, STEPS_MAX } from "./effort.ts";
import { agentOf, dependencyOf, directoryOf, type ToolInput } from "./mesh_fixture.ts";
import { candidatesOf, type DirectoryAgent } from "./model.ts";
import { resolveAgent } from "./resolve.ts";

/** Counts the steps, and is exceeded after more of them than usual. */
class Counted extends Effort {
  steps = 0;
  readonly #max: number;

  constructor(max = Infinity) {
    super();
    this.#max = max;
  }

  override spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.#max) throw new EffortExceeded(this.#max);
  }
}

const OFFERED = 3_000;
const crowd = agentOf(
  "crowd",
  Array.from({ length: OFFERED }, (_, index): ToolInput => ({
    function_name: `f${index}`,
    capability: "c",
    version: `1.0.${index}`,
    tags: ["x", index % 2 === 0 ? "even" : "odd"],
    inputSchema: {},
  })),
);
const mesh = directoryOf(crowd);

function stepsOf(agent: DirectoryAgent): number {
  const effort = new Counted();
  resolveAgent(new Pass(mesh), agent, effort);
  return effort.steps;
}

const many = <Item>(length: number, make: (index: number) => Item) =>
  Array.from({ length }, (_, index) => make(index));
const asking = (dependencies: ToolInput["dependencies"]) =>
  agentOf("me", [{ capability: "mine", dependencies }]);

Deno.test("resolveAgent() resolves equal dependencies once", () => {
  const wanted = { capability: "c", tags: ["x"], version: ">=1 <2" };
  const once = stepsOf(asking([wanted]));
  const often = stepsOf(asking(many(1_000, () => wanted)));
  assert.ok(once > OFFERED, `${once} steps`);
  assert.equal(often - once, 999);
  const pass = new Pass(mesh);
  const agent = asking(many(3, () => wanted));
  const [first, ...others] = resolveAgent(pass, agent).dependencies.get("mine") ?? [];
  assert.equal(first?.chosen?.tool.version, "1.0.2999");
  for (const match of others) assert.deepEqual(match, first);
});

const hostile: [name: string, agent: DirectoryAgent][] = [
  [
    "a thousand ranges",
    asking(many(1_000, (index) => ({ capability: "c", version: `>=1.0.${index} || >3` }))),
  ],
  [
    "ranges that nothing meets",
    asking(many(1_000, (index) => ({ capability: "c", version: `>2.0.${index}` }))),
  ],
  [
    "ranges of many parts",
    asking(many(100, (index) => ({
      capability: "c",
      version: many(40, () => `>${index + 2}`).join("||"),
    }))),
  ],
  [
    "tags",
    asking(many(1_000, (index) => ({ capability: "c", tags: [`+${index}`, ["x", "+odd"]] }))),
  ],
  [
    "entries of a filter for everything",
    agentOf("me", [{ capability: "m", llm_filter: { filter: many(1_000, () => "*") } }]),
  ],
  [
    "entries of a filter by tags",
    agentOf("me", [{
      capability: "m",
      llm_filter: { filter: many(1_000, (index) => ({ tags: [`-${index}`] })) },
    }]),
  ],
  [
    "tools whose models are offered everything",
    agentOf(
      "me",
      many(1_000, (index): ToolInput => ({
        capability: `m${index}`,
        llm_filter: { filter: [], filter_mode: "*" },
      })),
    ),
  ],
  [
    "models with fallbacks",
    agentOf("me", [{
      capability: "m",
      llm_provider: {
        capability: "c",
        fallback: many(999, (index) => ({ capability: "c", version: `>=1.0.${index}` })),
      },
    }], { runtime: "deno" }),
  ],
];
for (const [name, agent] of hostile) {
  Deno.test(`resolveAgent() gives up on ${name}`, () => {
    const effort = new Counted(2 * STEPS_MAX);
    assert.throws(() => resolveAgent(new Pass(mesh), agent, effort), EffortExceeded);
    assert.ok(effort.steps > 2 * STEPS_MAX, `${effort.steps} steps`);
    assert.throws(() => resolveAgent(new Pass(mesh), agent), {
      name: "EffortExceeded",
      message: /more than 500000 comparisons/,
    });
  });
}

/** A schema of one required field in another, each named twice: a tree of 2^levels comparisons. */
function doubled(levels: number): Record<string, unknown> {
  let schema: Record<string, unknown> = { type: "object" };
  for (let level = 0; level < levels; level++) {
    schema = { type: "object", required: ["a", "a"], properties: { a: schema } };
  }
  return schema;
}

Deno.test("schemas whose comparison would not end are given up", () => {
  const providers = many(4, (index) =>
    agentOf(`p${index}`, [{
      function_name: "f",
      capability: "c",
      outputSchemaHash: "p",
      outputSchemaCanonical: doubled(60),
    }]));
  const dependency = dependencyOf({
    matchMode: "subset",
    expectedSchemaHash: "c",
    expectedSchemaCanonical: doubled(60),
  });
  const alone = new Pass(directoryOf(...providers.slice(0, 1)));
  assert.equal(matchDependency(alone, crowd, dependency).chosen, undefined);
  const pass = new Pass(directoryOf(...providers));
  assert.throws(() => matchDependency(pass, crowd, dependency), EffortExceeded);
  assert.throws(() => explainDependency(pass, crowd, dependency), EffortExceeded);
});

Deno.test("a list of types is read as far as there are types", () => {
  const types = many(100_000, (index) => `t${index}`);
  const provider = agentOf("p", [{
    function_name: "f",
    capability: "c",
    outputSchemaHash: "p",
    outputSchemaCanonical: { type: types },
  }]);
  const match = (type: unknown) =>
    matchDependency(
      new Pass(directoryOf(provider)),
      crowd,
      dependencyOf({
        matchMode: "subset",
        expectedSchemaHash: "c",
        expectedSchemaCanonical: { type },
      }),
    ).chosen;
  assert.equal(match("t1")?.agent.id, "p");
  assert.equal(match("t99999"), undefined);
});

Deno.test("a required dependency that takes too much looking makes its tool unavailable", () => {
  const dependencies = many(1_000, (index) => ({
    capability: "c",
    version: `=1.0.${OFFERED - 1 - index}`,
    required: true,
  }));
  const heavy = agentOf("heavy", [{ capability: "h", dependencies }]);
  const pass = new Pass(directoryOf(crowd, heavy));
  const [candidate] = candidatesOf(heavy);
  // Asked again it says the same, though part of the work is done by then.
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(candidate && availability(pass, candidate), {
      available: false,
      reason: "required deps take too much to compare",
    });
  }
});

Deno.test("tools of one agent that require the same look for it once", () => {
  const wanted = { capability: "c", version: ">2", required: true };
  const gated = agentOf(
    "gated",
    many(2_000, (index): ToolInput => ({
      function_name: `g${index}`,
      capability: "g",
      dependencies: [wanted],
    })),
  );
  let looked = 0;
  const directory = directoryOf(
    gated,
    agentOf("one", [{ capability: "c", version: "1.0.0" }]),
  );
  const pass = new Pass({
    ...directory,
    providers: (capability) => {
      looked++;
      return directory.providers(capability);
    },
  });
  assert.equal(matchDependency(pass, crowd, dependencyOf({ capability: "g" })).chosen, undefined);
  assert.ok(looked <= 4, `${looked} looks`);
});
