/**
 * A gateway, and its test.
 *
 * @module
 */
import { type ApiPlan, camelCase, type ScaffoldFile } from "./agent_plan.ts";
import { moduleComment, portLine, quoted, shebang } from "./edit/source_text.ts";

/** The files of a gateway. */
export function apiGatewayFiles(plan: ApiPlan): ScaffoldFile[] {
  return [
    { path: "main.ts", text: moduleText(plan), executable: true },
    { path: "main_test.ts", text: testText(plan) },
  ];
}

function moduleText({ name, port, description }: ApiPlan): string {
  return `${shebang()}${moduleComment(description)}import { gateway, route } from "mesh";
import { z } from "zod";

export default gateway({
  name: ${quoted(name)},
${portLine(port)}  routes: {
    "GET /": () => ({ name: ${quoted(name)}, routes: ["/api/hello?name=Ada"] }),
    "GET /api/hello": route({
      query: z.object({ name: z.string().optional() }),
      dependencies: { hello: { capability: "hello", output: z.string(), required: true } },
    }, async ({ query }, { hello, signal }) => ({ result: await hello(query, { signal }) })),
  },
});
`;
}

function testText({ name }: ApiPlan): string {
  const subject = camelCase(name);
  return `import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import ${subject} from "./main.ts";

Deno.test("GET /api/hello answers what the mesh does", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.fake("hello", ({ name }: Record<string, unknown>) => \`Hello, \${name}\`);
  const front = await mesh.join(${subject});
  const response = await front.fetch("/api/hello?name=Ada");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { result: "Hello, Ada" });
});

Deno.test("GET /api/hello is 503 while nobody offers hello", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  const front = await mesh.join(${subject}, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  const response = await front.fetch("/api/hello");
  assert.equal(response.status, 503);
  assert.equal((await response.json()).capability, "hello");
});
`;
}
