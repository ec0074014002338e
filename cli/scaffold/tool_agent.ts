/**
 * An agent with tools, and its test.
 *
 * @module
 */
import {
  camelCase,
  dependencyKey,
  type PlannedTool,
  type ScaffoldFile,
  type ToolPlan,
} from "./agent_plan.ts";
import { addDependency } from "./edit/add_dependency.ts";
import { addTool } from "./edit/add_tool.ts";
import { moduleComment, portLine, quoted, quotedList, shebang } from "./edit/source_text.ts";

/** The files of an agent with tools. */
export function toolAgentFiles(plan: ToolPlan): ScaffoldFile[] {
  const [, ...further] = plan.tools;
  const whole = further.reduce((text, tool) => addTool(text, MAIN, tool), moduleText(plan));
  return [
    { path: MAIN, text: plan.tools.reduce(withDependencies, whole), executable: true },
    { path: "main_test.ts", text: testText(plan) },
  ];
}

const MAIN = "main.ts";

function withDependencies(text: string, { name: tool, dependencies }: PlannedTool): string {
  return dependencies.reduce((before, capability) => {
    const key = dependencyKey(capability);
    return addDependency(before, MAIN, { capability, key, required: false, tool });
  }, text);
}

function moduleText({ name, port, description, tools: [tool] }: ToolPlan): string {
  return `${shebang()}${moduleComment(description)}import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: ${quoted(name)},
${portLine(port)}  description: ${quoted(description)},
  tools: {
    ${tool.name}: tool({
      capability: ${quoted(tool.name)},
      tags: ${quotedList(tool.tags)},
      description: ${quoted(tool.description)},
      input: z.object({ name: z.string().default("world") }),
      output: z.string(),
    }, ({ name }) => \`Hello, \${name}, from ${name}\`),
  },
});
`;
}

function testText({ name, tools: [tool, ...further] }: ToolPlan): string {
  const subject = camelCase(name);
  return `import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import ${subject} from "./main.ts";

Deno.test("${tool.name} greets whom it is told to", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(${subject});
  assert.equal(await mesh.call(${quoted(tool.name)}, { name: "Ada" }), "Hello, Ada, from ${name}");
});
${
    [{ tool, from: name }, ...further.map((each) => ({ tool: each, from: each.name }))]
      .map(({ tool, from }) => worldTest(tool.name, subject, from)).join("")
  }`;
}

function worldTest(tool: string, subject: string, from: string): string {
  return `
Deno.test("${tool} greets the world by default", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(${subject});
  assert.equal(await mesh.call(${quoted(tool)}), "Hello, world, from ${from}");
});
`;
}
