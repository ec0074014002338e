import assert from "node:assert/strict";
import { endpointOf, endpointVariables, isReady, vendorOf } from "./endpoint.ts";
import type { EndpointOverrides, ModelEndpoint } from "./endpoint.ts";
import { LITELLM_PROXY, STANDARD, VENDORS } from "./vendors.ts";

type Environment = Readonly<Record<string, string>>;

function ready(name: string, env: Environment, overrides: EndpointOverrides = {}): ModelEndpoint {
  const found = endpointOf(name, env, overrides);
  if (!isReady(found)) throw new Error(found.problem);
  return found;
}

const found: [name: string, env: Environment, url: string, model: string, key?: string][] = [
  ["openai/gpt-4o-mini", { OPENAI_API_KEY: "k" }, "https://api.openai.com/v1", "gpt-4o-mini", "k"],
  ["gpt-4o", { OPENAI_API_KEY: "k" }, "https://api.openai.com/v1", "gpt-4o", "k"],
  ["o3-mini", { OPENAI_API_KEY: "k" }, "https://api.openai.com/v1", "o3-mini", "k"],
  ["openai/gpt-4o", { OPENAI_API_KEY: " k\n" }, "https://api.openai.com/v1", "gpt-4o", "k"],
  [
    "openai/local",
    { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:9/x/" },
    "http://127.0.0.1:9/x",
    "local",
    "k",
  ],
  [
    "anthropic/claude-sonnet-4-5",
    { ANTHROPIC_API_KEY: "k" },
    "https://api.anthropic.com/v1",
    "claude-sonnet-4-5",
    "k",
  ],
  [
    "claude-haiku-4-5",
    { ANTHROPIC_API_KEY: "k" },
    "https://api.anthropic.com/v1",
    "claude-haiku-4-5",
    "k",
  ],
  [
    "anthropic/claude-sonnet-4-5",
    { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: "https://gateway.example" },
    "https://gateway.example/v1",
    "claude-sonnet-4-5",
    "k",
  ],
  [
    "gemini/gemini-2.5-flash",
    { GOOGLE_API_KEY: "k" },
    "https://generativelanguage.googleapis.com/v1beta/openai",
    "gemini-2.5-flash",
    "k",
  ],
  [
    "google/gemini-2.5-flash",
    { GEMINI_API_KEY: "first", GOOGLE_API_KEY: "second" },
    "https://generativelanguage.googleapis.com/v1beta/openai",
    "gemini-2.5-flash",
    "first",
  ],
  [
    "vertex_ai/google/gemini-2.5-flash",
    { VERTEXAI_LOCATION: "europe-west1", VERTEXAI_PROJECT: "p", VERTEXAI_ACCESS_TOKEN: "t" },
    "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1/endpoints/openapi",
    "google/gemini-2.5-flash",
    "t",
  ],
  [
    "azure/my-deployment",
    { AZURE_API_BASE: "https://r.openai.azure.com/", AZURE_API_KEY: "k" },
    "https://r.openai.azure.com/openai/v1",
    "my-deployment",
    "k",
  ],
  [
    "groq/openai/gpt-oss-20b",
    { GROQ_API_KEY: "k" },
    "https://api.groq.com/openai/v1",
    "openai/gpt-oss-20b",
    "k",
  ],
  [
    "mistral-large-latest",
    { MISTRAL_API_KEY: "k" },
    "https://api.mistral.ai/v1",
    "mistral-large-latest",
    "k",
  ],
  [
    "deepseek/deepseek-chat",
    { DEEPSEEK_API_KEY: "k" },
    "https://api.deepseek.com/v1",
    "deepseek-chat",
    "k",
  ],
  ["xai/grok-4", { XAI_API_KEY: "k" }, "https://api.x.ai/v1", "grok-4", "k"],
  [
    "openrouter/anthropic/claude-sonnet-4.5",
    { OPENROUTER_API_KEY: "k" },
    "https://openrouter.ai/api/v1",
    "anthropic/claude-sonnet-4.5",
    "k",
  ],
  ["together_ai/meta/x", { TOGETHER_API_KEY: "k" }, "https://api.together.xyz/v1", "meta/x", "k"],
  [
    "fireworks_ai/accounts/fireworks/models/x",
    { FIREWORKS_API_KEY: "k" },
    "https://api.fireworks.ai/inference/v1",
    "accounts/fireworks/models/x",
    "k",
  ],
  ["ollama/llama3", {}, "http://localhost:11434/v1", "llama3"],
  ["ollama/llama3", { OLLAMA_API_BASE: "http://gpu:11434" }, "http://gpu:11434/v1", "llama3"],
  ["lm_studio/x", {}, "http://localhost:1234/v1", "x"],
  ["hosted_vllm/x", { HOSTED_VLLM_API_BASE: "http://gpu:8000/v1" }, "http://gpu:8000/v1", "x"],
  [
    "anthropic/claude-sonnet-4-5",
    { ANTHROPIC_API_KEY: "other", LITELLM_BASE_URL: "http://proxy:4000", LITELLM_API_KEY: "p" },
    "http://proxy:4000",
    "anthropic/claude-sonnet-4-5",
    "p",
  ],
  ["bedrock/us.x", { LITELLM_BASE_URL: "http://proxy:4000" }, "http://proxy:4000", "bedrock/us.x"],
  ["litellm_proxy/mine", { LITELLM_BASE_URL: "http://proxy:4000" }, "http://proxy:4000", "mine"],
];

for (const [name, env, url, model, key] of found) {
  Deno.test(`endpointOf() finds ${name} with ${Object.keys(env).join(", ") || "nothing set"}`, () => {
    const endpoint = ready(name, env);
    assert.equal(endpoint.baseUrl, url);
    assert.equal(endpoint.model, model);
    assert.equal(endpoint.key, key);
    assert.equal(endpoint.name, name);
  });
}

const missing: [name: string, env: Environment, problem: RegExp | string, EndpointOverrides?][] = [
  ["openai/gpt-4o", {}, "OPENAI_API_KEY is not set"],
  ["openai/gpt-4o", { OPENAI_API_KEY: "  " }, "OPENAI_API_KEY is not set"],
  ["anthropic/x", { OPENAI_API_KEY: "k" }, "ANTHROPIC_API_KEY is not set"],
  ["gemini/x", {}, "GEMINI_API_KEY or GOOGLE_API_KEY is not set"],
  ["azure/x", { AZURE_API_KEY: "k" }, "AZURE_API_BASE is not set"],
  ["vertex_ai/x", {}, "VERTEXAI_LOCATION and VERTEXAI_PROJECT are not set"],
  ["litellm_proxy/x", {}, "LITELLM_BASE_URL is not set"],
  ["openai/gpt-4o", { OPENAI_API_KEY: "k" }, "MY_KEY is not set", { keyVariable: "MY_KEY" }],
  ["nobody/x", { OPENAI_API_KEY: "k" }, /^model "nobody\/x" is of no known vendor: /],
];

for (const [name, env, problem, overrides] of missing) {
  Deno.test(`endpointOf() cannot find ${name} with ${JSON.stringify({ ...env, ...overrides })}`, () => {
    const found = endpointOf(name, env, overrides);
    assert.ok(!isReady(found));
    if (typeof problem === "string") assert.equal(found.problem, problem);
    else assert.match(found.problem, problem);
  });
}

Deno.test("endpointOf() prefers a base URL of the provider's own to any proxy", () => {
  const overrides = { baseUrl: "http://own/v1/", keyVariable: "MY_KEY" };
  const env = { LITELLM_BASE_URL: "http://proxy", MY_KEY: "mine" };
  const endpoint = ready("nobody/x", env, overrides);
  assert.deepEqual(
    [endpoint.baseUrl, endpoint.key, endpoint.model, endpoint.vendor, endpoint.traits],
    ["http://own/v1", "mine", "nobody/x", "unknown", STANDARD],
  );
});

Deno.test("endpointOf() takes headers from the variables that are set", () => {
  const env = { OPENAI_API_KEY: "k", OPENAI_ORG_ID: "org-1" };
  assert.deepEqual(ready("gpt-4o", env).headers, { "openai-organization": "org-1" });
});

const traits: [name: string, trait: keyof ModelEndpoint["traits"], value: unknown][] = [
  ["openai/gpt-4o-mini", "sampling", "both"],
  ["openai/gpt-4o-mini", "structured", "schema"],
  ["openai/gpt-4o-mini", "limitName", "max_completion_tokens"],
  ["openai/gpt-4.1", "structured", "schema"],
  ["openai/gpt-4", "structured", "words"],
  ["openai/gpt-4-turbo", "structured", "json"],
  ["openai/gpt-3.5-turbo", "vision", false],
  ["openai/o3", "sampling", "none"],
  ["openai/gpt-5-mini", "sampling", "none"],
  ["openai/gpt-5.2", "stop", false],
  ["openai/gpt-5-chat-latest", "sampling", "both"],
  ["anthropic/claude-3-5-sonnet-latest", "sampling", "both"],
  ["anthropic/claude-sonnet-4-5", "sampling", "one"],
  ["anthropic/claude-opus-4-7", "sampling", "none"],
  ["anthropic/claude-opus-5-5", "sampling", "none"],
  ["anthropic/claude-sonnet-5", "sampling", "none"],
  ["anthropic/claude-sonnet-4-5", "structured", "words"],
  ["anthropic/claude-sonnet-4-5", "maxTemperature", 1],
  ["gemini/gemini-3-flash", "structuredWithTools", false],
  ["groq/llama-3.3-70b-versatile", "structured", "json"],
  ["groq/openai/gpt-oss-20b", "structured", "schema"],
  ["mistral/mistral-large-latest", "toolCallId", "nine-alphanumeric"],
  ["mistral/codestral-latest", "vision", false],
  ["xai/grok-4", "stop", false],
  ["deepseek/deepseek-chat", "structured", "json"],
];

for (const [name, trait, value] of traits) {
  Deno.test(`endpointOf() knows ${trait} of ${name}`, () => {
    const keys = Object.fromEntries(endpointVariables([name]).map((name) => [name, "k"]));
    const { LITELLM_BASE_URL: _, LITELLM_PROXY_API_BASE: __, ...env } = keys;
    assert.equal(ready(name, env).traits[trait], value);
  });
}

Deno.test("a LiteLLM proxy takes schemas for vendors that do not; sampling stays the model's", () => {
  const { traits } = ready("anthropic/claude-opus-4-7", { LITELLM_BASE_URL: "http://proxy" });
  assert.deepEqual([traits.structured, traits.sampling], ["schema", "none"]);
});

Deno.test("vendorOf() names the vendor, however its models are written", () => {
  assert.deepEqual(
    ["google/x", "gemini-2.5-pro", "claude/x", "together/x", "x", "y/x"].map(vendorOf),
    ["gemini", "gemini", "anthropic", "together_ai", "unknown", "unknown"],
  );
});

Deno.test("endpointVariables() names all that decides, and nothing of other vendors", () => {
  const names = endpointVariables(["gemini/x", "azure/y"], { keyVariable: "MINE" });
  assert.deepEqual(names.toSorted(), [
    "AZURE_API_BASE",
    "AZURE_API_KEY",
    "AZURE_BASE_URL",
    "AZURE_OPENAI_API_KEY",
    "GEMINI_API_BASE",
    "GEMINI_API_KEY",
    "GEMINI_BASE_URL",
    "GOOGLE_API_KEY",
    "GOOGLE_BASE_URL",
    "LITELLM_API_KEY",
    "LITELLM_BASE_URL",
    "LITELLM_PROXY_API_BASE",
    "LITELLM_PROXY_API_KEY",
    "MINE",
  ]);
});

Deno.test("VENDORS: no prefix twice, every base URL https or this machine's", () => {
  const prefixes = [...VENDORS, LITELLM_PROXY].flatMap((vendor) => vendor.prefixes);
  assert.equal(new Set(prefixes).size, prefixes.length);
  for (const { baseUrl, needsKey } of VENDORS) {
    assert.match(baseUrl, needsKey ? /^(https:\/\/|\{)/ : /^http:\/\/localhost:/);
  }
});
