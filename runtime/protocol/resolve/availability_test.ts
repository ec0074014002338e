import assert from "node:assert/strict";
import { type Availability, availability, Pass } from "./availability.ts";
import { agentOf, candidateOf, type DependencyInput, directoryOf } from "./mesh_fixture.ts";
import type { DirectoryAgent } from "./model.ts";

const needs = (capability: string, more: DependencyInput = {}): DependencyInput => ({
  capability,
  required: true,
  ...more,
});

/** An agent with one tool, named as its capability; the id is the capability in lower case. */
const offers = (
  capability: string,
  dependencies: DependencyInput[] = [],
  facts: Partial<DirectoryAgent> = {},
): DirectoryAgent => agentOf(capability.toLowerCase(), [{ capability, dependencies }], facts);

const down = { status: "unhealthy" } as const;

interface Row {
  id: string;
  mesh: DirectoryAgent[];
  /** By agent id: `true`, or the reason why not. Agents with one tool each. */
  expected: Record<string, true | string>;
}

const unmatched = (parts: string) => `required dep 'U' unresolved (no provider matches${parts})`;
const u = (tags: string[], facts: Partial<DirectoryAgent> = {}) =>
  agentOf("u", [{ capability: "U", tags }], facts);

const rows: Row[] = [
  {
    id: "R1 nobody offers it",
    mesh: [offers("B", [needs("Missing")])],
    expected: { b: "required dep 'Missing' unresolved" },
  },
  {
    id: "R3 somebody offers it",
    mesh: [offers("B", [needs("Missing")]), offers("Missing")],
    expected: { b: true },
  },
  {
    id: "R4 its provider is down",
    mesh: [offers("B", [needs("Missing")]), offers("Missing", [], down)],
    expected: { b: "required dep 'Missing' unavailable (provider missing unhealthy)" },
  },
  {
    id: "R5 optional",
    mesh: [offers("B", [{ capability: "Missing", required: false }])],
    expected: { b: true },
  },
  {
    id: "R6 providers that do not match",
    mesh: [
      offers("X", [needs("U", { tags: ["a", ["b", "c"]], version: ">=2", matchMode: "subset" })]),
      agentOf("u", [{ capability: "U", version: "1.0.0", tags: ["a", "b"] }]),
    ],
    expected: { x: unmatched(" tags=[a], version >=2, schema=subset") },
  },
  {
    id: "R6 tags only, operators included",
    mesh: [offers("X", [needs("U", { tags: ["a", "+b", "-c"] })]), u(["c"])],
    expected: { x: unmatched(" tags=[a +b -c]") },
  },
  {
    id: "R6 version only",
    mesh: [offers("X", [needs("U", { version: ">=2" })]), u([])],
    expected: { x: unmatched(" version >=2") },
  },
  {
    id: "R6 schema only",
    mesh: [offers("X", [needs("U", { matchMode: "strict" })]), u([])],
    expected: { x: unmatched(" schema=strict") },
  },
  {
    id: "R6 nothing printable",
    mesh: [offers("X", [needs("U", { tags: [["a", "b"]] })]), u([])],
    expected: { x: unmatched("") },
  },
  {
    id: "R7 a dead provider that would not match",
    mesh: [offers("X", [needs("U", { tags: ["a"] })]), u([], down)],
    expected: { x: unmatched(" tags=[a]") },
  },
  {
    id: "R8 chain",
    mesh: [offers("X", [needs("Y")]), offers("Y", [needs("Z")])],
    expected: {
      x: "required dep 'Y' unavailable (provider y unavailable)",
      y: "required dep 'Z' unresolved",
    },
  },
  {
    id: "R9 chain, complete",
    mesh: [offers("X", [needs("Y")]), offers("Y", [needs("Z")]), offers("Z")],
    expected: { x: true, y: true },
  },
  {
    id: "R10 diamond",
    mesh: [
      offers("A", [needs("B"), needs("C")]),
      offers("B", [needs("D")]),
      offers("C", [needs("D")]),
      offers("D"),
    ],
    expected: { a: true, b: true, c: true, d: true },
  },
  {
    id: "R10 diamond, D down",
    mesh: [
      offers("A", [needs("B"), needs("C")]),
      offers("B", [needs("D")]),
      offers("C", [needs("D")]),
      offers("D", [], down),
    ],
    expected: {
      a: "required dep 'B' unavailable (provider b unavailable)",
      b: "required dep 'D' unavailable (provider d unhealthy)",
      c: "required dep 'D' unavailable (provider d unhealthy)",
      d: "agent unhealthy",
    },
  },
  {
    id: "E1 own agent down comes first",
    mesh: [offers("B", [needs("Missing")], down)],
    expected: { b: "agent unhealthy" },
  },
  {
    id: "E2 the first unmet dependency is named",
    mesh: [offers("B", [needs("Ok"), { capability: "No" }, needs("P"), needs("Q")]), offers("Ok")],
    expected: { b: "required dep 'P' unresolved" },
  },
  {
    id: "E3 required, without a capability",
    mesh: [offers("B", [needs("")])],
    expected: { b: "required dep '' unresolved" },
  },
  {
    id: "E4 the provider lives in another namespace",
    mesh: [offers("B", [needs("C")]), offers("C", [], { namespace: "other" })],
    expected: { b: "required dep 'C' unresolved", c: true },
  },
  {
    id: "E5 a living unavailable provider is named before a dead one",
    mesh: [
      offers("B", [needs("C")]),
      agentOf("c-1", [{ capability: "C" }], down),
      agentOf("c-2", [{ capability: "C", dependencies: [needs("Z")] }]),
    ],
    expected: { b: "required dep 'C' unavailable (provider c-2 unavailable)" },
  },
  {
    id: "E6 the best of several dead ones is named",
    mesh: [
      offers("B", [needs("C")]),
      agentOf("c-1", [{ capability: "C", version: "1.0.0" }], down),
      agentOf("c-2", [{ capability: "C", version: "2.0.0" }], down),
    ],
    expected: { b: "required dep 'C' unavailable (provider c-2 unhealthy)" },
  },
  {
    id: "E7 a second provider makes up for an unavailable one",
    mesh: [
      offers("B", [needs("C")]),
      agentOf("c-1", [{ capability: "C", dependencies: [needs("Z")] }]),
      agentOf("c-2", [{ capability: "C" }]),
    ],
    expected: { b: true, "c-1": "required dep 'Z' unresolved", "c-2": true },
  },
  {
    id: "E8 loop of one",
    mesh: [offers("S", [needs("S")])],
    expected: { s: "required dependency evaluation cycle at 'S'" },
  },
  {
    id: "E9 loop of two",
    mesh: [offers("A", [needs("B")]), offers("B", [needs("A")])],
    expected: {
      a: "required dependency evaluation cycle at 'A'",
      b: "required dependency evaluation cycle at 'B'",
    },
  },
  {
    id: "E10 loop of three and what hangs on it",
    mesh: [
      offers("Out", [needs("A")]),
      offers("A", [needs("B")]),
      offers("B", [needs("C")]),
      offers("C", [needs("A")]),
    ],
    expected: {
      out: "required dep 'A' unavailable (provider a unavailable)",
      a: "required dependency evaluation cycle at 'A'",
      b: "required dependency evaluation cycle at 'B'",
      c: "required dependency evaluation cycle at 'C'",
    },
  },
  {
    id: "E11 loop of four",
    mesh: [
      offers("A", [needs("B")]),
      offers("B", [needs("C")]),
      offers("C", [needs("D")]),
      offers("D", [needs("A")]),
    ],
    expected: {
      a: "required dependency evaluation cycle at 'A'",
      c: "required dependency evaluation cycle at 'C'",
    },
  },
  {
    id: "E12 an optional edge breaks the loop",
    mesh: [offers("A", [needs("B")]), offers("B", [{ capability: "A" }])],
    expected: { a: true, b: true },
  },
  {
    id: "E13 a way around the loop",
    mesh: [
      offers("A", [needs("B")]),
      agentOf("b-1", [{ capability: "B", dependencies: [needs("A")] }]),
      agentOf("b-2", [{ capability: "B" }]),
    ],
    expected: { a: true, "b-1": true, "b-2": true },
  },
  {
    id: "E14 two loops, one with a way out",
    mesh: [
      offers("A", [needs("B"), needs("D")]),
      offers("B", [needs("A")]),
      offers("D", [needs("E")]),
      offers("E", [needs("D")]),
      agentOf("e-2", [{ capability: "E" }]),
    ],
    expected: {
      a: "required dependency evaluation cycle at 'A'",
      d: true,
      e: true,
    },
  },
  {
    id: "E15 another tool of the same agent",
    mesh: [agentOf("both", [
      { capability: "A", dependencies: [needs("B")] },
      { capability: "B" },
    ])],
    expected: { both: true },
  },
];

const of = (pass: Pass, agent: DirectoryAgent): true | string => {
  const functionName = agent.tools[0]?.function_name ?? "";
  const answer: Availability = availability(pass, candidateOf(agent, functionName));
  return answer.available || answer.reason;
};

for (const { id, mesh, expected } of rows) {
  Deno.test(`availability() ${id}`, () => {
    const asked = mesh.filter(({ id }) => id in expected);
    assert.equal(asked.length, Object.keys(expected).length);
    // The order of asking must not matter: one pass each way, and a fresh pass for each agent.
    for (const order of [asked, asked.toReversed()]) {
      const pass = new Pass(directoryOf(...mesh));
      for (const agent of order) assert.equal(of(pass, agent), expected[agent.id], agent.id);
    }
    for (const agent of asked) {
      assert.equal(of(new Pass(directoryOf(...mesh)), agent), expected[agent.id], agent.id);
    }
  });
}

Deno.test("availability() follows a chain of 20,000 without exhausting the stack", () => {
  const links = Array.from({ length: 20_000 }, (_, link) => ({
    capability: `c${link}`,
    dependencies: [needs(`c${link + 1}`)],
  }));
  const agent = agentOf("chain", links);
  const byCapability = new Map(agent.tools.map((tool) => [tool.capability, [{ agent, tool }]]));
  const directory = {
    providers: (capability: string) => byCapability.get(capability) ?? [],
    tools: () => [],
  };
  assert.equal(
    of(new Pass(directory), agent),
    "required dep 'c1' unavailable (provider chain unavailable)",
  );
});

/** The definition, word for word: start with nothing available, add what is satisfied, repeat. */
function leastFixedPoint(mesh: readonly DirectoryAgent[]): Set<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { id, status, tools: [tool] } of mesh) {
      const met = tool?.dependencies.every(({ required, capability }) =>
        !required ||
        mesh.some((other) => other.tools[0]?.capability === capability && found.has(other.id))
      );
      if (met && status === "healthy") found.add(id);
    }
  }
  return found;
}

Deno.test("availability() agrees with its definition on 300 tangled meshes", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let mesh = 0; mesh < 300; mesh++) {
    const agents = Array.from({ length: 4 + random(12) }, (_, index) =>
      agentOf(`a${index}`, [{
        capability: `c${random(8)}`,
        dependencies: Array.from(
          { length: random(3) },
          () => ({ capability: `c${random(8)}`, required: random(4) > 0 }),
        ),
      }], { status: random(8) === 0 ? "unhealthy" : "healthy" }));
    const expected = leastFixedPoint(agents);
    const pass = new Pass(directoryOf(...agents));
    const available = agents.filter((agent) => of(pass, agent) === true).map(({ id }) => id);
    assert.deepEqual(new Set(available), expected, `mesh ${mesh}`);
  }
});

Deno.test("a pass tells replicas that share one tool object apart", () => {
  const first = offers("B", [needs("C")]);
  const second = { ...first, id: "b-other", namespace: "other" };
  const pass = new Pass(directoryOf(first, second, offers("C")));
  assert.equal(of(pass, first), true);
  assert.equal(of(pass, second), "required dep 'C' unresolved");
});
