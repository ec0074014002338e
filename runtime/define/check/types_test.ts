/**
 * Misspelt keys that the compiler must refuse, wherever they stand. Each `@ts-expect-error` fails
 * type-checking when the line below it compiles. None of it is run.
 */
import { ok } from "node:assert/strict";
import * as z from "zod";
import {
  agent,
  type DependencyDefinitions,
  gateway,
  joinMesh,
  llmProvider,
  mcpAgent,
  prompt,
  resource,
  type Route,
  route,
  sample,
  sse,
  tool,
} from "../../mod.ts";
import { scriptedLlm, testMesh } from "../../testing/mod.ts";

const S = z.object({ a: z.string() });
const must = { capability: "x", required: true } as const;

const refused = [
  // @ts-expect-error tags
  () => tool({ dependencies: { x: { capability: "x", tag: ["-beta"] } } }, () => 1),
  // @ts-expect-error required
  () => tool({ dependencies: { x: { capability: "x", requird: true } } }, () => 1),
  // @ts-expect-error capability
  () => tool({ dependencies: { x: { capabilty: "x" } } }, () => 1),
  // @ts-expect-error a dependency is more than its capability
  () => tool({ dependencies: { x: "x" } }, () => 1),
  // @ts-expect-error there is nothing to match
  () => tool({ dependencies: { x: { capability: "x", matchMode: "subset" } } }, () => 1),
  // @ts-expect-error no such mode
  () => tool({ dependencies: { x: { capability: "x", output: S, matchMode: "exact" } } }, () => 1),
  // @ts-expect-error input
  () => tool({ inputs: S }, () => 1),
  // @ts-expect-error readOnlyHint
  () => tool({ annotations: { readOnlyHint: true, readonlyHint: true } }, () => 1),
  // @ts-expect-error system
  () => tool({ llm: { model: "a", sytem: "b" } }, () => 1),
  // @ts-expect-error tags
  () => tool({ llm: { system: "a", provider: { capability: "llm", tag: ["b"] } } }, () => 1),
  // @ts-expect-error tags
  () => tool({ llm: { system: "a", fallback: [{ capability: "llm", tag: ["b"] }] } }, () => 1),
  // @ts-expect-error capability
  () => tool({ llm: { system: "a", tools: ["*", { tags: ["b"], capabilty: "c" }] } }, () => 1),
  // @ts-expect-error no such mode
  () => tool({ llm: { toolMode: "any" } }, () => 1),
  // @ts-expect-error body
  () => route({ boddy: S }, () => 1),
  // @ts-expect-error tags
  () => route({ dependencies: { x: { capability: "x", tag: ["-beta"] } } }, () => 1),
  // @ts-expect-error tags
  () => prompt({ dependencies: { x: { capability: "x", tag: ["-beta"] } } }, () => ""),
  // @ts-expect-error a
  () => prompt({ args: S, complete: { b: () => [] } }, () => ""),
  // @ts-expect-error tags
  () => resource({ uri: "a://b", dependencies: { x: { capability: "x", tag: [] } } }, () => ""),
  // @ts-expect-error city
  () => resource({ uri: "a://{city}", complete: { cty: () => [] } }, () => ""),
  // @ts-expect-error tools
  () => agent({ name: "a", tols: {} }),
  // @ts-expect-error routes
  () => gateway({ name: "g", routes: { "GET /": () => 1 }, routs: {} }),
  // @ts-expect-error no such method
  () => gateway({ name: "g", routes: { "FETCH /x": () => 1 } }),
  // @ts-expect-error no method
  () => gateway({ name: "g", routes: { "/x": () => 1 } }),
  // @ts-expect-error no path
  () => gateway({ name: "g", routes: { "GET x": route({}, () => 1) } }),
  () =>
    gateway({
      name: "g",
      // @ts-expect-error tags
      dependencies: { x: { capability: "x", tag: ["-beta"] } },
      fetch: () => new Response(),
    }),
  // @ts-expect-error tags
  () => joinMesh({ name: "s", dependencies: { x: { capability: "x", tag: ["-beta"] } } }),
  // @ts-expect-error healthPort
  () => joinMesh({ name: "s", dependencies: {}, healtPort: 1 }),
  // @ts-expect-error tags
  () => llmProvider({ name: "p", model: "a", tag: ["b"] }),
  // @ts-expect-error args
  () => mcpAgent({ name: "m", command: "a", arg: [] }),
  () =>
    mcpAgent({
      name: "m",
      url: "https://a.example",
      // @ts-expect-error scope
      credentials: { clientId: "a", issuer: "b", clientSecret: "c", scop: "d" },
    }),
  // @ts-expect-error done
  () => sse([], { dones: true }),
  // @ts-expect-error systemPrompt
  () => sample({ messages: [], maxTokens: 1, system: "" }),
  // @ts-expect-error handleSignals
  () => agent({ name: "a" }).serve({ handleSignal: true }),
  // @ts-expect-error timeoutMs
  () => tool({ dependencies: { must } }, (_, { must }) => must({}, { timoutMs: 5 })),
  // @ts-expect-error timeoutMs
  () => tool({ dependencies: { must } }, (_, { must }) => must.callTool("a", {}, { timoutMs: 5 })),
  // @ts-expect-error stallMs
  () => tool({ dependencies: { must } }, (_, { must }) => must.stream({}, { stalMs: 5 })),
  // @ts-expect-error maxIterations
  () => tool({ llm: {} }, (_, { llm }) => llm.text("a", { maxIteration: 1 })),
  // @ts-expect-error tags
  () => testMesh().fake("a", 1, { tag: ["b"] }),
  // @ts-expect-error timeoutMs
  () => testMesh().call("a", {}, { timeout: 1 }),
  // @ts-expect-error id
  () => testMesh().join(agent({ name: "a" }), { idd: "b" }),
  // @ts-expect-error text
  () => scriptedLlm([{ texts: "a" }]),
  // @ts-expect-error otherwise
  () => scriptedLlm([], { otherwize: {} }),
];

/** Definitions that inference must accept. */
const taken = [
  () => {
    const shared = { capability: "x", tags: ["a"], output: S, matchMode: "subset" } as const;
    return tool({ dependencies: { one: shared, two: { ...shared, required: true } } }, () => 1);
  },
  (dependencies: DependencyDefinitions) => tool({ dependencies }, () => 1),
  (key: "input" | "output") =>
    tool({ dependencies: { x: { capability: "x", [key]: S } } }, () => 1),
  (routes: Record<string, Route>) => gateway({ name: "g", routes }),
  () =>
    tool({
      llm: {
        provider: { tags: ["a"] },
        tools: ["*", { tags: ["b"] }],
        toolMode: "best_match",
        modelParams: { reasoning: { effort: "low" } },
      },
    }, async (_, { llm }) => (await llm.text("a")).text),
];

Deno.test("types: misspelt keys are refused by the compiler, which has looked at this file", () => {
  ok(refused.length > 0 && taken.length > 0);
});
