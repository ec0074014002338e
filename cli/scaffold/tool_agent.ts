/**
 * An agent with one tool, and its test.
 *
 * @module
 */
import { camelCase, type ScaffoldFile, type ToolPlan } from "./agent_plan.ts";
import { moduleComment, portLine, quoted, quotedList, shebang } from "./source_text.ts";

/** The files of an agent with one tool. */
export function toolAgentFiles(plan: ToolPlan): ScaffoldFile[] {
  return [
    { path: "main.ts", text: moduleText(plan), executable: true },
    { path: "main_test.ts", text: testText(plan) },
  ];
}

function moduleText({ name, port, description, tool, toolDescription, tags }: ToolPlan): string {
  return `${shebang()}${moduleComment(description)}import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: ${quoted(name)},
${portLine(port)}  description: ${quoted(description)},
  tools: {
    ${tool}: tool({
      capability: ${quoted(tool)},
      tags: ${quotedList(tags)},
      description: ${quoted(toolDescription)},
      input: z.object({ name: z.string().default("world") }),
      output: z.string(),
    }, ({ name }) => \`Hello, \${name}, from ${name}\`),
  },
});
`;
}

function testText({ name, tool }: ToolPlan): string {
  const subject = camelCase(name);
  return `import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import ${subject} from "./main.ts";

Deno.test("${tool} greets whom it is told to", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(${subject});
  assert.equal(await mesh.call(${quoted(tool)}, { name: "Ada" }), "Hello, Ada, from ${name}");
});

Deno.test("${tool} greets the world by default", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(${subject});
  assert.equal(await mesh.call(${quoted(tool)}), "Hello, world, from ${name}");
});
`;
}
