import { equal, match, throws } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { addDependency } from "./add_dependency.ts";
import { addTool } from "./add_tool.ts";

const TOOL = { name: "book", description: "Book it", tags: ["x"] };
const DEPENDENCY = { capability: "user_prefs", key: "prefs", required: false, tool: undefined };

/** What an edit takes away and puts in, line by line; what is between stays. */
function added(before: string, after: string): string[] {
  const old = before.split("\n");
  let next = 0;
  const lines = after.split("\n").filter((line) => {
    if (line !== old[next]) return true;
    next += 1;
    return false;
  });
  equal(next, old.length, `a line of the original is gone: ${old[next]}`);
  return lines;
}

const AGENT = `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh"; // ours
import { z } from "zod";

export default agent({
  name: "a",
  tools: {
    /* the first */
    one: tool({
      input: z.object({}),
    }, () => "1"), // kept
    // nothing below
  },
});
`;

Deno.test("addTool() puts the tool after the last one and touches nothing else", () => {
  equal(
    added(AGENT, addTool(AGENT, "a.ts", TOOL)).join("\n"),
    `    book: tool({
      capability: "book",
      tags: ["x"],
      description: "Book it",
      input: z.object({ name: z.string().default("world") }),
      output: z.string(),
    }, ({ name }) => \`Hello, \${name}, from book\`),`,
  );
});

Deno.test("addDependency() puts it into the definition of the tool and touches nothing else", () => {
  equal(
    added(AGENT, addDependency(AGENT, "a.ts", DEPENDENCY)).join("\n"),
    '      dependencies: { prefs: { capability: "user_prefs" } },',
  );
});

Deno.test("addDependency() to an object on one line stays there, or spreads it", () => {
  const one = addDependency(AGENT, "a.ts", DEPENDENCY);
  const two = addDependency(one, "a.ts", { ...DEPENDENCY, key: "b" });
  match(two, /: \{ prefs: \{ capability: "user_prefs" \}, b: \{ capability: "user_prefs" \} \},\n/);
  match(
    addDependency(two, "a.ts", { ...DEPENDENCY, key: "c", required: true }),
    / {6}dependencies: \{\n {8}prefs: .*, b: .*,\n {8}c: \{ .*, required: true \},\n {6}\},\n/,
  );
});

Deno.test("addDependency() loses no comment of an object on one line", () => {
  const before = AGENT.replace(
    "input:",
    `dependencies: { /* x */ a: { capability: "a" } /* y, */ },
      input:`,
  );
  match(
    addDependency(before, "a.ts", DEPENDENCY),
    /\{ \/\* x \*\/ a: \{ capability: "a" \}, prefs: \{ capability: "user_prefs" \} \/\* y, \*\/ \},/,
  );
});

Deno.test("edits made twice change nothing the second time", () => {
  const tool = addTool(AGENT, "a.ts", TOOL);
  equal(addTool(tool, "a.ts", TOOL), tool);
  const dependency = addDependency(AGENT, "a.ts", DEPENDENCY);
  equal(addDependency(dependency, "a.ts", DEPENDENCY), dependency);
});

const SHAPES: [what: string, source: string, result: RegExp][] = [
  [
    "no tools, no comma, no imports but agent",
    'import { agent } from "mesh";\nexport default agent({ name: "a" });\n',
    /import \{ agent, tool \} from "mesh";\nimport \{ z \} from "zod";\nexport[^]*name: "a",\n {2}tools: \{\n {4}book: tool/,
  ],
  [
    "empty tools",
    'import { agent, tool as t } from "mesh";\nimport { z as zed } from "zod";\nexport default agent({\n  tools: {},\n});\n',
    /tools: \{\n {4}book: t\(\{[^]*zed\.object[^]*\n {2}\},\n\}\);/,
  ],
  [
    "tools as a constant",
    'import { agent } from "mesh";\nconst tools = {\n  // none\n};\nconst a = agent({ tools });\nexport default a;\n',
    /const tools = \{\n {2}\/\/ none\n {2}book: tool[^]*\n\};\nconst a/,
  ],
];

for (const [what, source, result] of SHAPES) {
  Deno.test(`addTool() to ${what}`, () => {
    const text = addTool(source, "a.ts", TOOL);
    equal(result.test(text), true, text);
    equal(addTool(text, "a.ts", TOOL), text);
  });
}

const REFUSED: [what: string, source: string, message: RegExp][] = [
  ["what does not parse", "const = 1", /cannot be read as TypeScript/],
  ["no agent", 'import { gateway } from "mesh"; export default gateway({});', /declares no agent/],
  [
    "two agents",
    'import { agent } from "mesh"; const a = agent({}), b = agent({});',
    /declares 2 agents/,
  ],
  ["an agent of others", "export default agent({});", /declares no agent/],
  [
    "a definition elsewhere",
    'import { agent } from "mesh"; export default agent(load());',
    /not an object written there/,
  ],
  [
    "tools that are made",
    'import { agent } from "mesh"; export default agent({ tools: make() });',
    /has tools that are not an object/,
  ],
  [
    "tools that are spread",
    'import { agent } from "mesh"; export default agent({ ...rest });',
    /spreads something/,
  ],
  [
    "another z",
    'import { agent } from "mesh"; const z = 1; export default agent({ tools: {} });',
    /calls something else z/,
  ],
];

for (const [what, source, message] of REFUSED) {
  Deno.test(`addTool() refuses ${what}`, () => {
    throws(() => addTool(source, "a.ts", TOOL), { code: 1, message });
  });
}

Deno.test("addDependency() refuses a key that is taken, an unknown tool, and a choice", () => {
  const taken = addDependency(AGENT, "a.ts", DEPENDENCY);
  throws(() => addDependency(taken, "a.ts", { ...DEPENDENCY, capability: "other" }), {
    message: /has another dependency prefs of one/,
  });
  throws(() => addDependency(AGENT, "a.ts", { ...DEPENDENCY, tool: "two" }), {
    message: /has no tool two, but the tools one/,
  });
  throws(() => addDependency(addTool(AGENT, "a.ts", TOOL), "a.ts", DEPENDENCY), {
    message: /name one with --tool/,
  });
});

Deno.test("the agents of TripPlanner are edited without a line lost", async () => {
  const folder = new URL("../../../agents/trip-planner/", import.meta.url);
  for (const name of ["flight", "hotel", "weather", "poi", "user-prefs"]) {
    const source = await readFile(new URL(`${name}-agent.ts`, folder), "utf8");
    added(source, addTool(source, name, TOOL));
    const edited = addDependency(source, name, { ...DEPENDENCY, key: "somebody" });
    const words = edited.replace('somebody: { capability: "user_prefs" }', "").replace(
      /[\s,]/g,
      "",
    );
    const empty = source.includes("dependencies:") ? "" : "dependencies:{}";
    equal(words.replace(empty, ""), source.replace(/[\s,]/g, ""));
  }
});
