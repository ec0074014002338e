/** Definitions of JavaScript, or behind casts, that are refused when they are loaded. */
import assert from "node:assert/strict";
import * as z from "zod";
import { z as zod3 } from "zod/v3";
import {
  agent,
  elicit,
  gateway,
  joinMesh,
  llmProvider,
  mcpAgent,
  prompt,
  resource,
  route,
  sample,
  sse,
  tool,
} from "../../mod.ts";
import { scriptedLlm, testMesh } from "../../testing/mod.ts";

/** A definition without a type, as in JavaScript. */
// deno-lint-ignore no-explicit-any -- as above
type Untyped = any;

const nothing = () => {};
const asTool = (definition: Untyped) => () => tool(definition, nothing);
const asDependency = (dependency: Untyped) => asTool({ dependencies: { prefs: dependency } });
const asAgent = (definition: Untyped) => () => agent({ name: "a", ...definition });
const asGateway = (definition: Untyped) => () =>
  gateway({ name: "g", routes: { "GET /": nothing }, ...definition });

const keys: [what: string, declare: () => unknown, message: string | RegExp][] = [
  [
    "a tool",
    asTool({ inptu: z.object({}) }),
    'tool: "inptu" is not a key of a tool; did you mean "input"?',
  ],
  [
    "a dependency",
    asDependency({ capability: "p", tag: ["-beta"], requird: true }),
    'tool: "dependencies.prefs.tag" is not a key of a dependency; did you mean "tags"? ' +
    '"dependencies.prefs.requird" is not a key of a dependency; did you mean "required"?',
  ],
  [
    "a dependency whose name is not a word",
    asTool({ dependencies: { "my prefs": { capability: "p", tag: [] } } }),
    /^tool: "dependencies\[\\"my prefs\\"\]\.tag" is not a key/,
  ],
  [
    "annotations",
    asTool({ annotations: { readonlyHint: true } }),
    'tool: "annotations.readonlyHint" is not a key of annotations; did you mean "readOnlyHint"?',
  ],
  [
    "a model",
    asTool({ llm: { sytem: "Be brief" } }),
    'tool: "llm.sytem" is not a key of an llm definition; did you mean "system"?',
  ],
  [
    "a model's provider",
    asTool({ llm: { provider: { tag: ["gpt"] } } }),
    'tool: "llm.provider.tag" is not a key of a selector of providers; did you mean "tags"?',
  ],
  [
    "a model's fallback",
    asTool({ llm: { fallback: [{ tags: ["gpt"] }, { verison: "1" }] } }),
    'tool: "llm.fallback[1].verison" is not a key of a selector of providers; did you mean "version"?',
  ],
  [
    "a filter of tools",
    asTool({ llm: { tools: ["*", { capabilty: "search" }] } }),
    /^tool: "llm\.tools\[1\]\.capabilty" is not a key of .*"capability"\?$/,
  ],
  [
    "a key that is near to nothing",
    asDependency({ capability: "p", zzz: 1 }),
    /^tool: "dependencies\.prefs\.zzz" is not a key of a dependency; the keys are "capability", .* and "timeoutMs"$/,
  ],
  [
    "a prompt",
    () => prompt({ arg: z.object({}) } as Untyped, () => ""),
    'prompt: "arg" is not a key of a prompt; did you mean "args"?',
  ],
  [
    "suggestions for a prompt",
    () =>
      prompt(
        { args: z.object({ topic: z.string() }), complete: { topik: () => [] } } as Untyped,
        () => "",
      ),
    'prompt: "complete.topik" is not an argument of the prompt; did you mean "topic"?',
  ],
  [
    "a resource",
    () => resource({ uri: "a://b", mimetype: "text/plain" } as Untyped, () => ""),
    'resource: "mimetype" is not a key of a resource; did you mean "mimeType"?',
  ],
  [
    "suggestions for a resource",
    () => resource({ uri: "a://{city}", complete: { cty: () => [] } } as Untyped, () => ""),
    'resource: "complete.cty" is not a variable of a://{city}; did you mean "city"?',
  ],
  [
    "a route",
    () => route({ boddy: z.object({}) } as Untyped, nothing),
    'route: "boddy" is not a key of a route; did you mean "body"?',
  ],
  [
    "a dependency of a route",
    () => route({ dependencies: { prefs: { capability: "p", tag: [] } } } as Untyped, nothing),
    /^route: "dependencies\.prefs\.tag" is not a key/,
  ],
  [
    "an agent",
    asAgent({ tols: {} }),
    'agent "a": "tols" is not a key of an agent; did you mean "tools"?',
  ],
  [
    "a gateway",
    asGateway({ route: {} }),
    'gateway "g": "route" is not a key of a gateway; did you mean "routes"?',
  ],
  [
    "a dependency of a gateway",
    asGateway({ fetch: nothing, dependencies: { prefs: { capability: "p", tag: [] } } }),
    /^gateway "g": "dependencies\.prefs\.tag" is not a key/,
  ],
  [
    "a provider",
    () => llmProvider({ name: "p", model: "openai/gpt-4o", tag: ["gpt"] } as Untyped),
    'llmProvider "p": "tag" is not a key of a provider; did you mean "tags"?',
  ],
  [
    "the agent of an MCP server",
    () => mcpAgent({ name: "m", command: "npx", arg: [] } as Untyped),
    'mcpAgent "m": "arg" is not a key of the agent of an MCP server; did you mean "args"?',
  ],
  [
    "credentials",
    () =>
      mcpAgent(
        {
          name: "m",
          url: "https://host.example/mcp",
          credentials: { clientId: "i", clientSecrt: "s", issuer: "https://i.example" },
        } as Untyped,
      ),
    /^mcpAgent "m": "credentials\.clientSecrt" is not a key of credentials; did you mean "clientSecret"\?$/,
  ],
  [
    "what a model is asked by the client",
    () => sample({ messages: [], maxToken: 1 } as Untyped),
    /^sample: "maxToken" is not a key of a sampling request; did you mean "maxTokens"\? .*needs "maxTokens"$/,
  ],
  [
    "options of sse()",
    () => sse([], { keepAlive: 1 } as Untyped),
    'options of sse(): "keepAlive" is not a key of sse options; did you mean "keepAliveMs"?',
  ],
  [
    "a step of a scripted model",
    () => scriptedLlm([{ texts: "a" } as Untyped]),
    'script: "[0].texts" is not a key of a step; did you mean "text"?',
  ],
];
for (const [what, declare, message] of keys) {
  Deno.test(`a misspelt key of ${what} is refused with its place`, () => {
    assert.throws(declare, { code: "bad_definition", message });
  });
}

Deno.test("many mistakes are counted, and all in the details", () => {
  const wrong = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`x${index}`, index]));
  assert.throws(asTool(wrong), (error: Untyped) => {
    assert.match(error.message, /"x4" is not a key.* 3 further problems$/);
    assert.equal(error.details.problems.length, 8);
    return true;
  });
});

const values: [what: string, declare: () => unknown, message: string | RegExp][] = [
  ["no definition", asTool(undefined), "tool: the value is undefined; write { description: … }"],
  [
    "no handler",
    () => tool({}, undefined as Untyped),
    "tool: the handler is undefined; write tool({ … }, handler) with a function",
  ],
  [
    "a bare capability",
    asDependency("user_preferences"),
    'tool: "dependencies.prefs" is "user_preferences"; write { capability: "user_preferences" }',
  ],
  [
    "a list of capabilities",
    asDependency(["user_preferences"]),
    'tool: "dependencies.prefs" is ["user_preferences"]; write { capability: "user_preferences" }',
  ],
  [
    "dependencies as a list",
    asTool({ dependencies: ["user_preferences"] }),
    'tool: "dependencies" is ["user_preferences"]; write them by name, such as ' +
    '{ prefs: { capability: "user_preferences" } }',
  ],
  [
    "a dependency without a capability",
    asDependency({ tags: ["x"] }),
    'tool: dependency "prefs" names no capability; add one, such as { capability: "prefs" }',
  ],
  [
    "a capability that is a list",
    asTool({ capability: ["a"] }),
    'tool: "capability" is ["a"]; write text',
  ],
  [
    "a capability with a control character",
    asTool({ capability: "a\nb" }),
    'tool: "capability" is "a\\nb"; remove the control characters',
  ],
  ["a blank capability", asTool({ capability: " " }), /write a name that is not empty$/],
  ["half a character", asTool({ tags: ["a\ud800"] }), /remove the unpaired surrogate$/],
  ["a long capability", asTool({ capability: "x".repeat(2_049) }), /use at most 2048 characters$/],
  [
    "tags as text",
    asTool({ tags: "fast" }),
    'tool: "tags" is "fast"; write a list, such as ["fast"]',
  ],
  [
    "a tag that is not text",
    asDependency({ capability: "p", tags: [1] }),
    /"dependencies\.prefs\.tags\[0\]" is 1; write a tag, with "\+" in front/,
  ],
  [
    "an operator without a tag",
    asDependency({ capability: "p", tags: ["-"] }),
    /\[0\]" is "-"; write a tag/,
  ],
  [
    "an empty tag",
    asDependency({ capability: "p", tags: [["a", ""]] }),
    /tags\[0\]\[1\]" is ""; write/,
  ],
  [
    "a list of tags of which none may be there",
    asDependency({ capability: "p", tags: [["-a", "-b"]] }),
    /tags\[0\]" is \["-a","-b"\]; add a tag that a provider can have/,
  ],
  [
    "a tag that is asked for and excluded",
    asDependency({ capability: "p", tags: ["beta", "-beta"] }),
    'tool: "dependencies.prefs.tags" requires and excludes "beta"; remove one of the two selectors',
  ],
  [
    "a list in a model's tags",
    asTool({ llm: { provider: { tags: [["a", "b"]] } } }),
    /llm\.provider\.tags\[0\]" is \["a","b"\]; write a tag/,
  ],
  [
    "a version that is none",
    asTool({ version: "x.y" }),
    /"version" is "x\.y"; write a semantic version/,
  ],
  [
    "an agent's version",
    asAgent({ version: "one" }),
    /^agent "a": "version" is "one"; write a semantic/,
  ],
  [
    "a version that is a number",
    asTool({ version: 1 }),
    /"version" is 1; write a semantic version/,
  ],
  [
    "a range that is none",
    asDependency({ capability: "p", version: "latest" }),
    /"dependencies\.prefs\.version" is "latest"; write a range of versions, such as "\^1\.2"/,
  ],
  [
    "a match mode that is none",
    asDependency({ capability: "p", output: z.string(), matchMode: "exact" }),
    /matchMode" is "exact"; write "subset" or "strict"$/,
  ],
  [
    "a match mode without an output",
    asDependency({ capability: "p", matchMode: "subset" }),
    'tool: dependency "prefs" has matchMode "subset" and no output to match; add one',
  ],
  [
    "a time that is none",
    asDependency({ capability: "p", timeoutMs: "5s" }),
    /"5s"; write a number above 0$/,
  ],
  [
    "required as text",
    asDependency({ capability: "p", required: "yes" }),
    /"yes"; write true or false$/,
  ],
  ["a namespace that is none", asAgent({ namespace: "Blue" }), /namespace "Blue" is not valid/],
  ["a port that is text", asAgent({ port: "80" }), /port "80" is not valid/],
  [
    "a health check that is a value",
    asAgent({ healthCheck: true }),
    /"healthCheck" is true; write a function$/,
  ],
  [
    "a function for a tool",
    asAgent({ tools: { greet: nothing } }),
    'agent "a": "tools.greet" is a function; declare it with tool({ … }, handler)',
  ],
  [
    "a prompt for a tool",
    asAgent({ tools: { greet: prompt({}, () => "") } }),
    /"tools\.greet" is an object; declare it with tool/,
  ],
  [
    "tools as a list",
    asAgent({ tools: [] }),
    /"tools" is \[\]; write them by name, such as \{ greet:/,
  ],
  [
    "a route that is text",
    asGateway({ routes: { "GET /": "hi" } }),
    /routes\[\\"GET \/\\"\]" is "hi"; declare it/,
  ],
  [
    "a method that is none",
    asGateway({ routes: { "FETCH /x": nothing } }),
    /^route "FETCH \/x" is not valid: use one of the methods GET, HEAD, /,
  ],
  [
    "a model that is text",
    asTool({ llm: "claude" }),
    /"llm" is "claude"; write \{ system: "…" \}$/,
  ],
];
for (const [what, declare, message] of values) {
  Deno.test(`${what} is refused, with what to write`, () => {
    assert.throws(declare, { code: "bad_definition", message });
  });
}

const foreign: [what: string, schema: Untyped, advice: RegExp][] = [
  [
    "zod 3",
    zod3.object({ a: zod3.string() }),
    /that is zod 3's ZodObject; import \{ z \} from "zod" and have/,
  ],
  ["another library", { "~standard": { vendor: "valibot" } }, /that is a schema of valibot/],
  [
    "another library, whose schemas are functions",
    Object.assign(() => {}, { "~standard": { vendor: "arktype" } }),
    /that is a schema of arktype/,
  ],
  ["the inside of a schema", { a: z.string() }, /write z\.object\(\{ … \}\) around it/],
  ["a JSON Schema", { type: "object", properties: {} }, /that is a JSON Schema/],
  ["a text", "string", /"string"; write a zod schema, such as z\.object/],
  ["nothing", {}, /an object; write a zod schema/],
];
for (const [what, schema, advice] of foreign) {
  Deno.test(`a schema of ${what} is refused wherever one is declared`, () => {
    for (
      const declare of [
        asTool({ input: schema }),
        asTool({ output: schema }),
        asDependency({ capability: "p", input: schema }),
        asDependency({ capability: "p", output: schema }),
        () => prompt({ args: schema }, () => ""),
        () => route({ body: schema }, nothing),
        () => route({ query: schema }, nothing),
      ]
    ) assert.throws(declare, { code: "bad_definition", message: advice });
  });
}

for (
  const schema of [
    z.string(),
    z.array(z.string()),
    z.union([z.object({}), z.object({})]),
    z.object({ a: z.string() }).transform(({ a }) => a),
    z.record(z.string(), z.string()),
  ]
) {
  const { type } = schema._zod.def;
  Deno.test(`an input of z.${type}() is refused: arguments are an object`, () => {
    assert.throws(asTool({ input: schema }), {
      code: "bad_definition",
      message: `tool: "input" is z.${type}(); write an object: z.object({ text: z.string() })`,
    });
  });
}

Deno.test("a form is a schema of an object, or a JSON Schema", () => {
  const code = "bad_definition";
  elicit("Who?", z.object({ name: z.string() }));
  elicit("Who?", { type: "object", properties: { name: { type: "string" } } });
  const forms: [schema: Untyped, message: RegExp][] = [
    [
      zod3.object({ name: zod3.string() }),
      /^the schema of elicit\(\): the value is an object; that is zod 3's/,
    ],
    [z.string(), /^the schema of elicit\(\): the value is z\.string\(\); write an object/],
    [z.object({ on: z.date() }), /^the schema of elicit\(\): "on" is z\.date\(\)/],
    ["name", /^the schema of elicit\(\): the value is "name"; write a zod schema/],
  ];
  for (const [schema, message] of forms) {
    assert.throws(() => elicit("Who?", schema), { code, message });
  }
});

Deno.test("joinMesh() refuses misspelt keys and what can never be wired", async () => {
  const join = (definition: Untyped) => joinMesh({ name: "s", dependencies: {}, ...definition });
  const code = "bad_definition";
  await assert.rejects(join({ healtPort: 1 }), {
    code,
    message: /^joinMesh "s": "healtPort" .*"healthPort"\?$/,
  });
  await assert.rejects(join({ dependencies: { prefs: { capability: "p", tag: [] } } }), { code });
  await assert.rejects(join({ dependencies: undefined }), {
    code,
    message: /needs "dependencies"$/,
  });
});

Deno.test("serve() refuses misspelt options", async () => {
  const declared = agent({ name: "a" });
  await assert.rejects(declared.serve({ handleSignal: true } as Untyped), {
    code: "bad_definition",
    message:
      'options of serve(): "handleSignal" is not a key of serve options; did you mean "handleSignals"?',
  });
});

Deno.test("a call with a misspelt option fails and says which", async () => {
  await using mesh = testMesh();
  await mesh.fake("prefs", 1);
  const calls: Record<string, (prefs: Untyped) => unknown> = {
    "(args, options)": (prefs) => prefs({}, { timoutMs: 5 }),
    "stream()": (prefs) => Array.fromAsync(prefs.stream({}, { timoutMs: 5 })),
    "callTool()": (prefs) => prefs.callTool("prefs", {}, { timoutMs: 5 }),
    "listTools()": (prefs) => prefs.listTools({ timoutMs: 5 }),
  };
  await mesh.join(agent({
    name: "a",
    tools: Object.fromEntries(
      Object.values(calls).map((call, index) => [
        `t${index}`,
        tool(
          { dependencies: { prefs: { capability: "prefs", required: true } } },
          (_, { prefs }) => call(prefs),
        ),
      ]),
    ),
  }));
  for (const index of Object.keys(calls).keys()) {
    await assert.rejects(mesh.call(`t${index}`), {
      code: "bad_definition",
      message: 'options of the call of prefs: "timoutMs" is not a key of call options; ' +
        'did you mean "timeoutMs"?',
    });
  }
});

Deno.test("the testing kit refuses misspelt options", async () => {
  await using mesh = testMesh();
  const code = "bad_definition";
  const joining = mesh.join(
    agent({ name: "a", tools: { t: tool({}, () => 1) } }),
    { ids: "x" } as Untyped,
  );
  await assert.rejects(joining, { code, message: /^options of join\(\): "ids" .*"id"\?$/ });
  await assert.rejects(mesh.fake("c", 1, { tag: ["x"] } as Untyped), {
    code,
    message: /"tags"\?$/,
  });
  await mesh.fake("c", 1);
  await assert.rejects(mesh.call("c", {}, { timeout: 5 } as Untyped), {
    code,
    message: /"timeoutMs"\?$/,
  });
  assert.throws(() => scriptedLlm([], { otherwize: {} } as Untyped), {
    code,
    message: /"otherwise"\?$/,
  });
});

Deno.test("what is written well is taken", () => {
  tool({
    capability: "Weird Cap!/x",
    tags: ["+literally", "über"],
    version: "v1.2",
    dependencies: {
      a: {
        capability: "a",
        tags: ["x", "+y", "-z", ["v", "+w"], "++literally"],
        version: ">=1, <3 || 5",
      },
      b: { capability: "b", version: "", matchMode: "subset", output: z.object({ a: z.string() }) },
    },
    llm: {
      provider: { tags: ["+gpt"] },
      tools: ["*", { tags: ["-x"] }],
      modelParams: { a: { b: 1 } },
    },
    kwargs: { anything: { goes: true } },
  }, nothing);
  agent({ name: "a", tools: { t: tool({}, nothing) }, description: undefined } as Untyped);
});
