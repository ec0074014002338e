import { deepEqual, throws } from "node:assert/strict";
import { CliError, EXIT } from "../base/exit.ts";
import { type AgentConfig, agentConfig } from "./agent_config.ts";

const NONE = { dependencies: [], further: [] };

const ROWS: [what: string, document: unknown, config: AgentConfig][] = [
  ["nothing is a tool", null, { kind: "tool", args: [], ...NONE }],
  [
    "tags of the agent are those of its only tool",
    { name: "a", description: "b c", port: 9101, tags: ["x", "y"] },
    {
      kind: "tool",
      args: ["--name=a", "--description=b c", "--port=9101", "--tags=x", "--tags=y"],
      ...NONE,
    },
  ],
  [
    "several tools, with tags and dependencies of their own",
    {
      agent_type: "basic",
      name: "a",
      tools: [
        { capability: "one", description: "First", tags: ["t"], dependencies: ["p"] },
        { capability: "two", dependencies: [{ capability: "q", tags: ["z"] }] },
      ],
    },
    {
      kind: "tool",
      args: ["--name=a", "--tool-name=one", "--tool-description=First", "--tags=t"],
      dependencies: ["p"],
      further: [{ name: "two", description: "Offers two", tags: ["tools"], dependencies: ["q"] }],
    },
  ],
  [
    "all of a model's consumer",
    {
      agent_type: "llm-agent",
      llm: {
        provider: "openai",
        provider_tags: ["llm", "+gpt"],
        max_iterations: 3,
        system_prompt: "file://x.njk",
        context_param: "ctx",
        response_format: "json",
        filter: { tags: ["travel"] },
        filter_mode: "best_match",
      },
    },
    {
      kind: "llm-agent",
      args: [
        "--vendor=openai",
        "--provider-tags=+gpt",
        "--max-iterations=3",
        "--system-prompt=file://x.njk",
        "--context-param=ctx",
        "--response-format=json",
        '--filter={"tags":["travel"]}',
        "--filter-mode=best_match",
      ],
      ...NONE,
    },
  ],
  [
    "a provider is of its model's vendor",
    {
      agent_type: "llm-provider",
      tags: ["a"],
      provider: { model: "anthropic/claude-x", tags: ["b"] },
    },
    {
      kind: "llm-provider",
      args: ["--vendor=claude", "--model=anthropic/claude-x", "--tags=a", "--tags=b"],
      ...NONE,
    },
  ],
  ["a gateway", { agent_type: "api", name: "a" }, { kind: "api", args: ["--name=a"], ...NONE }],
];

for (const [what, document, config] of ROWS) {
  Deno.test(`agentConfig(): ${what}`, () => deepEqual(agentConfig(document, "a.yaml"), config));
}

const REFUSED: [what: string, document: unknown, message: RegExp, hint: RegExp][] = [
  ["a key nobody knows", { nmae: "a" }, /^a\.yaml has the key nmae, which/, /name/],
  ["one of a section", { agent_type: "llm", llm: { filters: [] } }, /key llm\.filters,/, /filter/],
  ["a kind nobody knows", { agent_type: "a2a-consumer" }, /^agent_type in a\.yaml cannot/, /Corr/],
  ["a port that is none", { port: "x" }, /^port in a\.yaml cannot be used/, /Correct/],
  ["a list", [], /^a\.yaml cannot be used/, /Correct/],
  ["a tool's name", { tools: [{ capability: "a-b" }] }, /"a-b" is no name of a tool/, /flight/],
  [
    "a section of another kind",
    { provider: { model: "openai/x" } },
    /provider is of an agent of the type llm-provider, and this one is tool/,
    /agent_type: llm-provider/,
  ],
];

for (const [what, document, message, hint] of REFUSED) {
  Deno.test(`agentConfig() refuses ${what}`, () => {
    throws(
      () => agentConfig(document, "a.yaml"),
      (error) =>
        error instanceof CliError && error.code === EXIT.usage && message.test(error.message) &&
        hint.test(error.hint ?? ""),
    );
  });
}
