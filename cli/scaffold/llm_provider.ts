/**
 * An agent that owns a key and runs a language model for everybody else, and its test.
 *
 * @module
 */
import { camelCase, type LlmProviderPlan, type ScaffoldFile, snakeCase } from "./agent_plan.ts";
import { moduleComment, portLine, quoted, quotedList, shebang } from "./edit/source_text.ts";

/** The files of a provider. */
export function llmProviderFiles(plan: LlmProviderPlan): ScaffoldFile[] {
  return [
    { path: "main.ts", text: moduleText(plan), executable: true },
    { path: "main_test.ts", text: testText(plan) },
  ];
}

function moduleText({ name, port, description, vendor, tags }: LlmProviderPlan): string {
  const { hosts, variables, model } = vendor;
  // Its base URL may lead to this machine: of that, the ports that its variables name are reached.
  return `${shebang([...hosts, "localhost", "127.0.0.1"], variables)}${
    moduleComment(description)
  }import { llmProvider } from "mesh";

export default llmProvider({
  name: ${quoted(name)},
${portLine(port)}  description: ${quoted(description)},
  model: ${quoted(model)},
  tags: ${quotedList(tags)},
});
`;
}

function testText({ name, vendor: { keyVariable, baseUrlVariable } }: LlmProviderPlan): string {
  const subject = camelCase(name);
  const tool = snakeCase(name);
  return `import assert from "node:assert/strict";
import { scriptedLlm, testMesh } from "mesh/testing";
import ${subject} from "./main.ts";

Deno.test("${tool} answers what the model says", async () => {
  await using llm = scriptedLlm([{ text: "Hello yourself" }]);
  Deno.env.delete("LITELLM_BASE_URL");
  Deno.env.set(${quoted(keyVariable)}, "a key of this test");
  Deno.env.set(${quoted(baseUrlVariable)}, llm.url);
  await using mesh = testMesh();
  await mesh.join(${subject});
  const messages = [{ role: "user", content: "Hello" }];
  const { content } = await mesh.call(${quoted(tool)}, { request: { messages } }) as {
    content: string;
  };
  assert.equal(content, "Hello yourself");
});
`;
}
