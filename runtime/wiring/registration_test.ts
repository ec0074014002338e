import { deepEqual, equal, match, throws } from "node:assert/strict";
import * as z from "zod";
import type { MatchMode } from "../define/dependency.ts";
import { isMeshError } from "../base/errors.ts";
import type { LlmDefinition } from "../define/llm.ts";
import { type AgentManifest, blankManifest } from "../define/manifest.ts";
import { registration } from "./registration.ts";
import { toolManifest } from "../define/tool_manifest.ts";
import { DependencySchema, RegistrationSchema, ToolSchema } from "../protocol/registration.ts";
import { KnownSchemas } from "../protocol/resolve/known_schemas.ts";
import { schemaDemand, schemaFits } from "../protocol/resolve/schema.ts";
import { type Tool, tool } from "../define/tool.ts";

const Person = z.object({ user_id: z.int(), nick_name: z.string().default("none") });

function registered(tools: Record<string, Tool>, runtime = "deno") {
  const manifest: AgentManifest = {
    ...blankManifest("a"),
    tools: Object.entries(tools).map(([name, tool]) => toolManifest(name, tool)),
  };
  const address = { agentId: "a-1", name: "a", namespace: "default", host: "h", port: 1 };
  return RegistrationSchema.parse(registration(manifest, { ...address, runtime }));
}

function registeredTool(declared: Tool) {
  const [found] = registered({ f: declared }).tools;
  return ToolSchema.parse(found);
}

Deno.test("a registration carries canonical schemas and their hashes", () => {
  const found = registeredTool(tool({ output: Person }, () => ({ user_id: 1 })));
  deepEqual(found.outputSchemaCanonical, {
    type: "object",
    required: ["nickName", "userId"],
    properties: { userId: { type: "integer" }, nickName: { type: "string" } },
  });
  match(found.outputSchemaHash, /^sha256:[0-9a-f]{64}$/);
  match(found.inputSchemaHash, /^sha256:[0-9a-f]{64}$/);
  deepEqual(found.inputSchemaCanonical, { type: "object", properties: {} });
  equal(found.schemaWarnings, undefined);
});

Deno.test("the hash of a bare value is that of the value", () => {
  const found = registeredTool(tool({ output: z.string() }, () => ""));
  deepEqual(found.outputSchemaCanonical, { type: "string" });
});

Deno.test("a tool without an output publishes none", () => {
  const found = registeredTool(tool({}, () => 1));
  deepEqual([found.outputSchemaCanonical, found.outputSchemaHash], [undefined, ""]);
});

Deno.test("what a canonical form does not say is registered as a warning", () => {
  const loose = tool({ input: z.object({ a: z.record(z.string(), z.json()) }) }, () => 1);
  deepEqual(registeredTool(loose).schemaWarnings ?? [], []);
  const remote = z.object({ a: z.string() }).meta({ $ref: "https://schemas.test/a" });
  const found = registeredTool(tool({ input: remote }, () => 1));
  match(found.schemaWarnings?.[0] ?? "", /^input: .*schemas\.test/);
});

const demands: [mode: MatchMode, output: z.ZodType, fits: boolean][] = [
  ["strict", Person, true],
  ["subset", Person, true],
  ["strict", z.object({ user_id: z.int() }), false],
  ["subset", z.object({ user_id: z.int() }), true],
  ["subset", z.object({ user_id: z.number() }), true],
  ["subset", z.object({ user_id: z.string() }), false],
  ["subset", z.object({ email: z.string() }), false],
  ["subset", z.object({ email: z.string().default("") }), true],
  ["subset", z.object({ email: z.string().optional() }), true],
];
for (const [mode, output, fits] of demands) {
  const wanted = JSON.stringify(z.toJSONSchema(output).properties);
  Deno.test(`a ${mode} dependency on ${wanted}: ${fits ? "fits" : "does not fit"}`, () => {
    const provider = registeredTool(tool({ output: Person }, () => ({ user_id: 1 })));
    const dependencies = { person: { capability: "person", output, matchMode: mode } };
    const consumer = registeredTool(tool({ dependencies }, () => 1));
    const demand = schemaDemand(
      new KnownSchemas(),
      DependencySchema.parse(consumer.dependencies[0]),
    );
    if (demand === undefined) throw new Error("the dependency makes no demand");
    equal(schemaFits(demand, provider), fits);
  });
}

Deno.test("a dependency sends its schema, and requires of registries of the reference what they know", () => {
  const output = z.object({ id: z.string(), title: z.string() });
  const asked = (matchMode: MatchMode) => {
    const dependencies = { ticket: { capability: "ticket", output, matchMode } };
    const [dependency] = registeredTool(tool({ dependencies }, () => 1)).dependencies;
    return dependency;
  };
  const provider = registeredTool(tool({ output }, () => ({ id: "1", title: "t" })));
  const [subset, strict] = [asked("subset"), asked("strict")];
  deepEqual(subset?.expectedSchema?.["required"], ["id", "title"]);
  deepEqual(subset?.expectedSchemaCanonical?.["required"], ["id"]);
  deepEqual(strict?.expectedSchemaCanonical, provider.outputSchemaCanonical);
  deepEqual([subset?.expectedSchemaHash, strict?.expectedSchemaHash], [
    provider.outputSchemaHash,
    provider.outputSchemaHash,
  ]);
});

Deno.test("without a match mode nothing is expected", () => {
  const dependencies = { person: { capability: "person", output: Person } };
  const [dependency] = registeredTool(tool({ dependencies }, () => 1)).dependencies;
  deepEqual([dependency?.matchMode, dependency?.expectedSchemaHash], ["", ""]);
});

const providers: [name: string, llm: LlmDefinition, reference: string[]][] = [
  ["nothing else", { provider: { tags: ["claude"] } }, ["claude"]],
  ["anything in the end", {
    provider: { tags: ["claude", "-slow", "+new"] },
    fallback: [{ tags: ["gpt"] }, {}],
  }, ["+claude", "+new"]],
  ["anything of another kind", {
    provider: { tags: ["claude"] },
    fallback: [{ capability: "small_llm" }, { version: ">=2" }],
  }, ["claude"]],
];
for (const [name, llm, reference] of providers) {
  Deno.test(`a model's provider or else ${name}, as each registry reads it`, () => {
    const declared = { f: tool({ llm }, () => 1) };
    const [own] = registered(declared).tools;
    const { tags, fallback } = own?.llm_provider ?? {};
    const streaming = "-ai.mcpmesh.stream";
    deepEqual(tags, [...llm.provider?.tags ?? [], streaming]);
    equal(fallback?.length, llm.fallback?.length);
    const [foreign] = registered(declared, "typescript").tools;
    deepEqual(foreign?.llm_provider?.tags, [...reference, streaming]);
    equal(foreign?.llm_provider?.fallback, undefined);
  });
}

Deno.test("a match mode needs an output", () => {
  const dependencies = { person: { capability: "person", matchMode: "strict" as const } };
  // @ts-expect-error the compiler refuses it as well
  throws(() => tool({ dependencies }, () => 1), (error: unknown) => {
    return isMeshError(error) && error.code === "bad_definition" &&
      /person.*strict.*output/.test(error.message);
  });
});
