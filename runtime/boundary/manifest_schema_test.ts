/** The schema of manifests takes what agents say about themselves, and changes nothing of it. */
import assert from "node:assert/strict";
import type * as z from "zod";
import { isAgent } from "../define/agent.ts";
import { isGateway } from "../define/gateway.ts";
import { type AgentManifest, blankManifest } from "../define/manifest.ts";
import { AgentManifestSchema, MANIFEST_LIST_MAX, MANIFEST_NAME_MAX } from "./manifest_schema.ts";
import { plainCopy } from "./plain_copy.ts";

/** Compiles only while the schema gives what the type promises. */
const _typed: (read: z.output<typeof AgentManifestSchema>) => AgentManifest = (read) => read;

const FOLDERS = ["../../agents/trip-planner/", "../../agents/examples/", "../suites/testdata/"];

Deno.test("AgentManifestSchema changes nothing in the manifests of agents", async (t) => {
  let count = 0;
  for (const folder of FOLDERS) {
    const root = new URL(folder, import.meta.url);
    for (const { name, isFile } of Deno.readDirSync(root)) {
      if (!isFile || !name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
      const url = new URL(name, root);
      // Others are programs that begin when they are loaded.
      if (
        !/^export default (agent|gateway|mcpAgent|llmProvider)\(/m.test(Deno.readTextFileSync(url))
      ) {
        continue;
      }
      const { default: agent } = await import(url.href);
      if (!isAgent(agent) && !isGateway(agent)) continue;
      count += 1;
      await t.step(folder + name, () => {
        const manifest = agent.manifest();
        assert.deepEqual(AgentManifestSchema.parse(plainCopy(manifest)), manifest);
        const text = JSON.stringify(manifest);
        assert.deepEqual(AgentManifestSchema.parse(JSON.parse(text)), manifest);
      });
    }
  }
  assert.ok(count > 20, `only ${count} agents were found`);
});

const blank = blankManifest("a");
const tool = {
  key: "t",
  name: "t",
  capability: "t",
  description: "",
  tags: [],
  version: "1.0.0",
  inputSchema: {},
  publishedInput: { canonical: {}, hash: "", warnings: [] },
  dependencies: [],
};
const dependency = { name: "d", capability: "d", tags: ["a", ["b", "c"]], required: false };
const long = "x".repeat(MANIFEST_NAME_MAX + 1);

const taken: Record<string, unknown> = {
  "nothing but a name": blank,
  "a tool": { ...blank, tools: [tool] },
  "a dependency": { ...blank, tools: [{ ...tool, dependencies: [dependency] }] },
  "a long description": { ...blank, description: "x".repeat(1024 * 1024) },
};
for (const [what, manifest] of Object.entries(taken)) {
  Deno.test(`AgentManifestSchema takes ${what}`, () => {
    assert.deepEqual(plainCopy(AgentManifestSchema.parse(manifest)), plainCopy(manifest));
  });
}

const refused: Record<string, unknown> = {
  "nothing": undefined,
  "a list": [],
  "another type": { ...blank, type: "registry" },
  "no name": { ...blank, name: undefined },
  "a long name": { ...blank, name: long },
  "a long description": { ...blank, description: "x".repeat(1024 * 1024 + 1) },
  "a port that does not exist": { ...blank, port: 65_536 },
  "a port that is a fraction": { ...blank, port: 1.5 },
  "tools that are not a list": { ...blank, tools: { length: 1 } },
  "too many tools": { ...blank, tools: Array(MANIFEST_LIST_MAX + 1).fill(tool) },
  "a tool without a schema": { ...blank, tools: [{ ...tool, inputSchema: undefined }] },
  "a tool whose schema is a list": { ...blank, tools: [{ ...tool, inputSchema: [] }] },
  "a tool whose tags are numbers": { ...blank, tools: [{ ...tool, tags: [1] }] },
  "a dependency without tags": {
    ...blank,
    tools: [{ ...tool, dependencies: [{ ...dependency, tags: null }] }],
  },
  "a route whose pattern has neither text nor parameter": {
    ...blank,
    routes: [{
      key: "r",
      description: "",
      maxBodyBytes: 1,
      dependencies: [],
      pattern: { method: "GET", segments: [{}] },
    }],
  },
};
for (const [what, manifest] of Object.entries(refused)) {
  Deno.test(`AgentManifestSchema refuses ${what}`, () => {
    assert.equal(AgentManifestSchema.safeParse(manifest).success, false);
  });
}
