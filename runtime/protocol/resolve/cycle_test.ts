import assert from "node:assert/strict";
import { requiredCycle } from "./cycle.ts";
import { agentOf, directoryOf, type ToolInput } from "./mesh_fixture.ts";
import type { DirectoryAgent } from "./model.ts";

/** `"a>b,c"`: a tool that offers a and requires b and c; `"a?b"`: b is optional. */
function tools(...specs: string[]): ToolInput[] {
  return specs.map((spec) => {
    const [, capability = "", sign, wanted = ""] = /^([^>?]*)([>?]?)(.*)$/.exec(spec) ?? [];
    const names = sign === "" ? [] : wanted.split(",");
    return {
      capability,
      dependencies: names.map((name) => ({ capability: name, required: sign === ">" })),
    };
  });
}

interface Row {
  id: string;
  mesh: [id: string, ...specs: string[]][];
  /** The tools that agent `new` is about to register. */
  registers: string[];
  cycle?: string;
}

const rows: Row[] = [
  { id: "R11 two agents", mesh: [["a", "A>B"]], registers: ["B>A"], cycle: "A → B → A" },
  { id: "R12 one edge optional", mesh: [["a", "A>B"]], registers: ["B?A"] },
  { id: "R12 the other edge optional", mesh: [["a", "A?B"]], registers: ["B>A"] },
  {
    id: "R13 the agent's former tools do not count",
    mesh: [["a", "A>B"], ["new", "B"]],
    registers: ["B>A"],
    cycle: "A → B → A",
  },
  {
    id: "E1 giving up the edge heals the cycle",
    mesh: [["a", "A>B"], ["new", "B>A"]],
    registers: ["B", "C>A"],
  },
  {
    id: "E1 a former edge closes nothing for a new one",
    mesh: [["b", "B>C"], ["new", "C>A"]],
    registers: ["A>B", "C"],
  },
  { id: "R14 itself", mesh: [], registers: ["S>S"], cycle: "S → S" },
  { id: "R15 a capability nobody offers", mesh: [], registers: ["A>B"] },
  {
    id: "E2 three agents, told from the least name",
    mesh: [["b", "b>c"], ["c", "c>a"]],
    registers: ["a>b"],
    cycle: "a → b → c → a",
  },
  {
    id: "E3 three agents, another one closes it",
    mesh: [["a", "a>b"], ["b", "b>c"]],
    registers: ["c>a"],
    cycle: "a → b → c → a",
  },
  {
    id: "E4 four agents",
    mesh: [["a", "a>b"], ["b", "b>c"], ["c", "c>d"]],
    registers: ["d>a"],
    cycle: "a → b → c → d → a",
  },
  {
    id: "E5 diamond",
    mesh: [["b", "b>d"], ["c", "c>d"], ["d", "d"]],
    registers: ["a>b,c"],
  },
  {
    id: "E6 diamond with a way back",
    mesh: [["b", "b>d"], ["c", "c>d"], ["a", "a>b,c"]],
    registers: ["d>a"],
    cycle: "a → b → d → a",
  },
  { id: "E7 within one agent", mesh: [], registers: ["a>b", "b>a"], cycle: "a → b → a" },
  { id: "E8 chain within one agent", mesh: [], registers: ["a>b", "b>c", "c"] },
  {
    id: "E9 a cycle between others is not this agent's",
    mesh: [["a", "a>b"], ["b", "b>a"]],
    registers: ["c>a"],
  },
  {
    id: "E10 own cycle beside one between others",
    mesh: [["a", "a>b,d"], ["b", "b>a"], ["d", "d>e"]],
    registers: ["e>d"],
    cycle: "d → e → d",
  },
  {
    id: "E11 any provider of the capability counts",
    mesh: [["one", "b"], ["two", "b>c"]],
    registers: ["c>b"],
    cycle: "b → c → b",
  },
  {
    id: "E12 another tool of the same capability",
    mesh: [["a", "a>b"]],
    registers: ["b", "b>a"],
    cycle: "a → b → a",
  },
  { id: "E13 no tools", mesh: [["a", "a>b"]], registers: [] },
  { id: "E14 required without a capability", mesh: [], registers: [">", "a>"] },
  {
    id: "E15 the shortest way is told",
    mesh: [["b", "b>c,d"], ["c", "c>d"], ["d", "d>a"]],
    registers: ["a>b"],
    cycle: "a → b → d → a",
  },
  {
    id: "E16 the same edge twice",
    mesh: [["a", "A>B,B"]],
    registers: ["B>A,A"],
    cycle: "A → B → A",
  },
  { id: "E17 names of built-in properties", mesh: [], registers: ["__proto__>constructor"] },
  {
    id: "E18 the longer branch first",
    mesh: [["x", "x>y"], ["y", "y>z"], ["z", "z"]],
    registers: ["a>x,q", "q>a"],
    cycle: "a → q → a",
  },
];

const meshOf = (mesh: Row["mesh"], facts: Partial<DirectoryAgent> = {}) =>
  directoryOf(...mesh.map(([id, ...specs]) => agentOf(id, tools(...specs), facts)));

for (const { id, mesh, registers, cycle } of rows) {
  Deno.test(`requiredCycle() ${id}`, () => {
    const found = requiredCycle(
      meshOf(mesh),
      "new",
      agentOf("new", tools(...registers)).tools,
    );
    assert.equal(found?.join(" → "), cycle);
  });
}

Deno.test("requiredCycle() counts agents that are down, for they may return", () => {
  const directory = meshOf([["a", "a>b"]], { status: "unhealthy" });
  const found = requiredCycle(directory, "new", agentOf("new", tools("b>a")).tools);
  assert.deepEqual(found, ["a", "b", "a"]);
});

Deno.test("requiredCycle() looks only at the namespace it is given", () => {
  const directory = meshOf([["a", "a>b"]], { namespace: "other" });
  const wanted = agentOf("new", tools("b>a")).tools;
  assert.equal(requiredCycle(directory, "new", wanted, "default"), undefined);
  assert.deepEqual(requiredCycle(directory, "new", wanted, "other"), ["a", "b", "a"]);
  assert.deepEqual(requiredCycle(directory, "new", wanted), ["a", "b", "a"]);
});

Deno.test("requiredCycle() follows a ring of 20,000 without exhausting the stack", () => {
  const size = 20_000;
  const ring = Array.from({ length: size }, (_, link) => `c${link}>c${(link + 1) % size}`);
  const wanted = agentOf("new", tools(...ring)).tools;
  const found = requiredCycle(directoryOf(), "new", wanted);
  assert.equal(found?.length, size + 1);
});
