/**
 * An agent whose tool asks a language model, its prompt, and its test.
 *
 * @module
 */
import {
  camelCase,
  type LlmAgentPlan,
  type ScaffoldFile,
  snakeCase,
  type ToolFilterPlan,
} from "./agent_plan.ts";
import { moduleComment, portLine, quoted, quotedList, shebang } from "./edit/source_text.ts";

/** The files of an agent whose tool asks a language model. */
export function llmAgentFiles(plan: LlmAgentPlan): ScaffoldFile[] {
  return [
    { path: "main.ts", text: moduleText(plan), executable: true },
    { path: "main_test.ts", text: testText(plan) },
    { path: promptPath(plan), text: plan.prompt ?? promptText(plan) },
  ];
}

function promptPath({ name }: LlmAgentPlan): string {
  return `prompts/${name}.njk`;
}

function promptText({ name, description, contextParameter }: LlmAgentPlan): string {
  // Braces would be read as a template's.
  const purpose = description.replace(/[{}]/g, "").replace(/\.$/, "");
  return `You are ${name}, an agent with this purpose: ${purpose}.

Answer the request in a few sentences.
{% if ${contextParameter} %}
What else is known:
{{ ${contextParameter} }}
{% endif %}`;
}

function moduleText(plan: LlmAgentPlan): string {
  const { name, port, description, tags, providerTags, filters, filterMode, maxIterations } = plan;
  const json = plan.format === "json";
  const answer = json
    ? "const Answer = z.object({ answer: z.string(), confidence: z.number().min(0).max(1) });\n\n"
    : "";
  const ask = json ? "(await llm.object(request, Answer)).value" : "(await llm.text(request)).text";
  return `${shebang()}${moduleComment(description)}import { agent, tool } from "mesh";
import { z } from "zod";

${answer}export default agent({
  name: ${quoted(name)},
${portLine(port)}  description: ${quoted(description)},
  tools: {
    ${snakeCase(name)}: tool({
      capability: ${quoted(snakeCase(name))},
      tags: ${quotedList(tags)},
      description: ${quoted(description)},
      input: z.object({ request: z.string(), ${plan.contextParameter}: z.string().optional() }),
      output: ${json ? "Answer" : "z.string()"},
      llm: {
        provider: { tags: ${quotedList(providerTags)} },
        system: "file://${promptPath(plan)}",
${filters.length === 0 ? "" : `        tools: [${filters.map(filterText).join(", ")}],\n`}${
    filters.length === 0 ? "" : `        toolMode: ${quoted(filterMode)},\n`
  }        maxIterations: ${maxIterations},
      },
    }, async ({ request }, { llm }) => ${ask}),
  },
});
`;
}

function filterText(filter: ToolFilterPlan): string {
  if (filter === "*") return quoted(filter);
  const { capability, tags } = filter;
  return `{ ${
    [
      ...(capability === undefined ? [] : [`capability: ${quoted(capability)}`]),
      ...(tags === undefined ? [] : [`tags: ${quotedList(tags)}`]),
    ].join(", ")
  } }`;
}

function testText({ name, format, providerTags }: LlmAgentPlan): string {
  const subject = camelCase(name);
  const json = format === "json";
  const content = json ? `{ answer: "Four days", confidence: 0.9 }` : `"Four days"`;
  const needed = providerTags.filter((tag) => /^[^+-]/.test(tag));
  const tags = needed.length === 0 ? "" : `, { tags: ${quotedList(needed)} }`;
  return `import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import ${subject} from "./main.ts";

Deno.test("${snakeCase(name)} answers what the model says", async () => {
  await using mesh = testMesh();
  await mesh.fake("llm", { role: "assistant", content: ${content} }${tags});
  await mesh.join(${subject});
  const answer = await mesh.call(${quoted(snakeCase(name))}, { request: "How long in Kyoto?" });
  assert.${json ? "deepEqual" : "equal"}(answer, ${content});
});

Deno.test("${snakeCase(name)} says that there is no model", async () => {
  await using mesh = testMesh();
  await mesh.join(${subject}, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  await assert.rejects(
    mesh.call(${quoted(snakeCase(name))}, { request: "How long in Kyoto?" }),
    { code: "dependency_unavailable" },
  );
});
`;
}
