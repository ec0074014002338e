/**
 * The vendors of language models: where each is reached, by which environment variables, and in what
 * its OpenAI-compatible endpoint differs from OpenAI's. Names are LiteLLM's, `vendor/model`. This is
 * all there is to a vendor: a new one, or a model with its own rules, is a row here.
 *
 * @module
 */

/** In what an endpoint or a model differs from what OpenAI's chat completions offer. */
export interface Traits {
  /**
   * How an answer is held to a schema: `response_format` with the schema, `response_format` for any
   * JSON, or by words alone.
   */
  readonly structured: "schema" | "json" | "words";
  /** Whether `response_format` may stand beside `tools`. */
  readonly structuredWithTools: boolean;
  /** Whether `parallel_tool_calls` is known. */
  readonly parallelSwitch: boolean;
  /** Whether messages may hold images. */
  readonly vision: boolean;
  /** Whether messages may hold PDF files. */
  readonly files: boolean;
  /** Which keywords the schemas of tools may use: JSON Schema's, or those of OpenAPI 3.0. */
  readonly toolSchemas: "json-schema" | "openapi";
  /** Formats that the schemas of tools may name, where they are OpenAPI's. */
  readonly toolFormats: "few" | "any";
  /** Whether the schemas of tools may have any `pattern`, and `not`. */
  readonly toolPatterns: boolean;
  /** Whether properties of tools may have any name; else they are letters, digits, `_`, `.` and `-`. */
  readonly toolProperties: "any" | "plain";
  /** Longest description of a tool, in characters. */
  readonly toolDescriptionMax: number;
  /** Most tools of a request. */
  readonly toolsMax: number;
  /** Which of `temperature` and `top_p` may be set. `one`: the temperature, if both are. */
  readonly sampling: "both" | "one" | "none";
  /** Highest temperature. */
  readonly maxTemperature: number;
  /** Whether `stop` is known. */
  readonly stop: boolean;
  /** What the limit of output tokens is called. */
  readonly limitName: "max_tokens" | "max_completion_tokens";
  /** Form of the ids of tool calls; other ids are translated to it. `short`: 40 letters of any kind. */
  readonly toolCallId: "short" | "word" | "nine-alphanumeric";
  /** Whether messages may say who wrote them. */
  readonly messageNames: boolean;
  /** Whether the role `developer` is known; it is `system` elsewhere. */
  readonly developerRole: boolean;
  /** Whether texts of messages may be empty. */
  readonly emptyTexts: boolean;
  /**
   * Which order of messages is taken: any; none of the user right after a tool's; or, beyond that, one
   * of the system at the beginning alone and never two of the user or the model in a row.
   */
  readonly order: "any" | "answer-after-tool" | "alternating";
  /** Fields beside the standard ones that a message must bring back when it is sent again. */
  readonly echoes: readonly string[];
}

/** One vendor. */
export interface Vendor {
  /** What model names begin with; the first is the vendor's name. */
  readonly prefixes: readonly string[];
  /** Base URL of its endpoint; `{NAME}` stands for an environment variable. */
  readonly baseUrl: string;
  /** Variables that name another base URL; the first that is set counts. */
  readonly baseUrlVariables: readonly string[];
  /** What is added to such a base URL when it has no path. */
  readonly path: string;
  /** Variables that hold the key; the first that is set counts. */
  readonly keyVariables: readonly string[];
  /** Whether it answers nobody without a key. */
  readonly needsKey: boolean;
  /** Further headers, each from the variable that is named, when it is set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names that mean this vendor without a prefix. */
  readonly bareNames: RegExp | undefined;
  readonly traits: Traits;
  /** Traits of some of its models; later rows win. */
  readonly models: readonly (readonly [pattern: RegExp, traits: Partial<Traits>])[];
}

/** An endpoint that offers all that OpenAI's does. */
export const STANDARD: Traits = {
  structured: "schema",
  structuredWithTools: true,
  parallelSwitch: true,
  vision: true,
  files: false,
  toolSchemas: "json-schema",
  toolFormats: "any",
  toolPatterns: true,
  toolProperties: "any",
  toolDescriptionMax: 1024,
  toolsMax: Infinity,
  sampling: "both",
  maxTemperature: 2,
  stop: true,
  limitName: "max_tokens",
  toolCallId: "short",
  messageNames: true,
  developerRole: false,
  emptyTexts: true,
  order: "any",
  echoes: [],
};

/** What a server somebody runs themselves can be relied on for. */
const SELF_HOSTED: Partial<Traits> = {
  structuredWithTools: false,
  parallelSwitch: false,
  // Templates of models join what they are given: many know one order of roles (anomalyco/opencode#7488,
  // charmbracelet/crush#279), and what constrains answers knows few patterns.
  order: "alternating",
  toolPatterns: false,
  toolDescriptionMax: Infinity,
};

/** Reasoning models of OpenAI take no sampling parameters (OpenAI, "Reasoning models"). */
const REASONING: Partial<Traits> = { sampling: "none", stop: false };

/** Gemini, wherever it is served. */
const GEMINI: Partial<Traits> = {
  structuredWithTools: false,
  parallelSwitch: false,
  toolSchemas: "openapi",
  toolFormats: "few",
  toolProperties: "plain",
  toolDescriptionMax: Infinity,
  toolsMax: 128,
  emptyTexts: false,
  echoes: ["extra_content"],
};

/** Claude, wherever it is served (modelcontextprotocol/go-sdk#169; Claude docs, "Errors"). */
const CLAUDE: Partial<Traits> = {
  toolProperties: "plain",
  toolCallId: "word",
  emptyTexts: false,
};

type Row =
  & Pick<Vendor, "prefixes" | "baseUrl" | "keyVariables">
  & Partial<Omit<Vendor, "traits">>
  & { readonly traits?: Partial<Traits> };

function vendor({ traits, ...row }: Row): Vendor {
  return {
    baseUrlVariables: [],
    path: "",
    needsKey: true,
    headers: {},
    bareNames: undefined,
    models: [],
    ...row,
    traits: { ...STANDARD, ...traits },
  };
}

/** Every known vendor. */
export const VENDORS: readonly Vendor[] = [
  vendor({
    // OpenAI API reference, "Create chat completion" (128 tools, descriptions of 1024); guide "Reasoning
    // models".
    prefixes: ["openai"],
    baseUrl: "https://api.openai.com/v1",
    baseUrlVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    keyVariables: ["OPENAI_API_KEY"],
    headers: { "openai-organization": "OPENAI_ORG_ID", "openai-project": "OPENAI_PROJECT_ID" },
    bareNames: /^(gpt-|chatgpt-|o[134](-|$))/,
    traits: { limitName: "max_completion_tokens", files: true, developerRole: true, toolsMax: 128 },
    models: [
      [/^(o[134](-|$)|gpt-[5-9])/, REASONING],
      [/^gpt-5[\w.]*-chat/, { sampling: "both", stop: true }],
      [/^(gpt-3\.5|gpt-4(-|$)(?!turbo|1106))/, { structured: "words", vision: false }],
      [/^gpt-4-(turbo|1106)/, { structured: "json" }],
    ],
  }),
  vendor({
    // Claude docs, "OpenAI SDK compatibility": `response_format` and `strict` are ignored, temperature
    // ends at 1; "Migration guide": one of temperature and top_p from 4 on, neither from Opus 4.7 and
    // the fifth generation on.
    prefixes: ["anthropic", "claude"],
    baseUrl: "https://api.anthropic.com/v1",
    baseUrlVariables: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"],
    path: "/v1",
    keyVariables: ["ANTHROPIC_API_KEY"],
    headers: { "anthropic-workspace-id": "ANTHROPIC_WORKSPACE_ID" },
    bareNames: /^claude-/,
    traits: {
      ...CLAUDE,
      structured: "words",
      maxTemperature: 1,
      sampling: "one",
      toolDescriptionMax: Infinity,
    },
    models: [
      [/claude-3/, { sampling: "both" }],
      [/claude-(opus-4-[7-9]|[a-z]+-[5-9](\b|-))/, { sampling: "none" }],
    ],
  }),
  vendor({
    // Gemini API docs, "OpenAI compatibility" and "Thought signatures": a tool call's `extra_content`
    // must come back with it. A response type of JSON beside tools is refused. "Function calling": tools
    // are declared in a subset of OpenAPI's schemas.
    prefixes: ["gemini", "google"],
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    baseUrlVariables: ["GEMINI_BASE_URL", "GEMINI_API_BASE", "GOOGLE_BASE_URL"],
    keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    bareNames: /^gemini-/,
    traits: GEMINI,
  }),
  vendor({
    // Google Cloud docs, "Call Vertex AI models by using the OpenAI library". The key is an access
    // token; model names are `vertex_ai/google/…`.
    prefixes: ["vertex_ai"],
    baseUrl:
      "https://{VERTEXAI_LOCATION}-aiplatform.googleapis.com/v1/projects/{VERTEXAI_PROJECT}/locations/{VERTEXAI_LOCATION}/endpoints/openapi",
    baseUrlVariables: ["VERTEXAI_BASE_URL", "VERTEXAI_API_BASE"],
    keyVariables: ["VERTEXAI_ACCESS_TOKEN"],
    traits: { ...GEMINI, toolFormats: "any" },
  }),
  vendor({
    // Azure docs, "Azure OpenAI v1 API": the model's name is the deployment's.
    prefixes: ["azure"],
    baseUrl: "{AZURE_API_BASE}/openai/v1",
    baseUrlVariables: ["AZURE_BASE_URL"],
    keyVariables: ["AZURE_API_KEY", "AZURE_OPENAI_API_KEY"],
    traits: { limitName: "max_completion_tokens", developerRole: true, toolsMax: 128 },
    models: [[/^(o[134](-|$)|gpt-[5-9])/, REASONING]],
  }),
  vendor({
    // Groq docs, "OpenAI compatibility" and "Structured outputs": schemas for some models only, not
    // while streaming tools; JSON mode not beside tools; names of messages are refused.
    prefixes: ["groq"],
    baseUrl: "https://api.groq.com/openai/v1",
    baseUrlVariables: ["GROQ_BASE_URL", "GROQ_API_BASE"],
    keyVariables: ["GROQ_API_KEY"],
    traits: {
      structured: "json",
      structuredWithTools: false,
      vision: false,
      messageNames: false,
      toolsMax: 128,
    },
    models: [
      [/gpt-oss|kimi-k2/, { structured: "schema" }],
      [/llama-4/, { structured: "schema", vision: true }],
    ],
  }),
  vendor({
    // Mistral docs, "Chat completion", "Function calling", "Structured outputs"; ids of tool calls
    // are nine letters and digits (error 3280); the user may not speak right after a tool (error 3230,
    // BerriAI/litellm#17761), and has no name.
    prefixes: ["mistral"],
    baseUrl: "https://api.mistral.ai/v1",
    baseUrlVariables: ["MISTRAL_BASE_URL", "MISTRAL_API_BASE"],
    keyVariables: ["MISTRAL_API_KEY"],
    bareNames: /^(mistral|ministral|magistral|codestral|devstral|pixtral)-/,
    traits: {
      structuredWithTools: false,
      vision: false,
      maxTemperature: 1.5,
      toolCallId: "nine-alphanumeric",
      toolDescriptionMax: Infinity,
      messageNames: false,
      order: "answer-after-tool",
    },
    models: [[/pixtral|mistral-(small|medium|large)|ministral|magistral/, { vision: true }]],
  }),
  vendor({
    // DeepSeek docs, "JSON output", "Thinking mode": what a model thought before it called tools must
    // come back with the calls.
    prefixes: ["deepseek"],
    baseUrl: "https://api.deepseek.com/v1",
    baseUrlVariables: ["DEEPSEEK_BASE_URL", "DEEPSEEK_API_BASE"],
    path: "/v1",
    keyVariables: ["DEEPSEEK_API_KEY"],
    bareNames: /^deepseek-/,
    traits: {
      structured: "json",
      structuredWithTools: false,
      parallelSwitch: false,
      vision: false,
      toolsMax: 128,
      echoes: ["reasoning_content"],
    },
  }),
  vendor({
    // xAI docs, "REST API reference", "Reasoning": `stop` is refused by reasoning models.
    prefixes: ["xai"],
    baseUrl: "https://api.x.ai/v1",
    baseUrlVariables: ["XAI_BASE_URL", "XAI_API_BASE"],
    keyVariables: ["XAI_API_KEY"],
    bareNames: /^grok-/,
    models: [[/grok-([4-9]|3-mini|code)/, { stop: false }]],
  }),
  vendor({
    // OpenRouter docs, "API reference", "Structured outputs": parameters a model does not know are
    // dropped there, and thoughts come back as `reasoning_details`. Whose model it is says only its name,
    // so what Claude refuses is mended for all.
    prefixes: ["openrouter"],
    baseUrl: "https://openrouter.ai/api/v1",
    baseUrlVariables: ["OPENROUTER_BASE_URL", "OPENROUTER_API_BASE"],
    keyVariables: ["OPENROUTER_API_KEY"],
    headers: { "http-referer": "OR_SITE_URL", "x-title": "OR_APP_NAME" },
    traits: { ...CLAUDE, echoes: ["reasoning_details"] },
  }),
  vendor({
    // Together docs, "OpenAI compatibility", "Structured outputs".
    prefixes: ["together_ai", "together"],
    baseUrl: "https://api.together.xyz/v1",
    baseUrlVariables: ["TOGETHERAI_BASE_URL", "TOGETHERAI_API_BASE"],
    keyVariables: ["TOGETHERAI_API_KEY", "TOGETHER_API_KEY"],
    traits: { structuredWithTools: false, parallelSwitch: false },
  }),
  vendor({
    // Fireworks docs, "OpenAI compatibility", "Structured responses".
    prefixes: ["fireworks_ai", "fireworks"],
    baseUrl: "https://api.fireworks.ai/inference/v1",
    baseUrlVariables: ["FIREWORKS_BASE_URL", "FIREWORKS_API_BASE"],
    keyVariables: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"],
    traits: { structuredWithTools: false, parallelSwitch: false },
  }),
  vendor({
    // Cohere docs, "Compatibility API": no response format beside tools.
    prefixes: ["cohere", "cohere_chat"],
    baseUrl: "https://api.cohere.ai/compatibility/v1",
    baseUrlVariables: ["COHERE_BASE_URL", "COHERE_API_BASE"],
    keyVariables: ["COHERE_API_KEY", "CO_API_KEY"],
    bareNames: /^command-/,
    traits: { structuredWithTools: false, parallelSwitch: false, vision: false },
  }),
  vendor({
    // Cerebras docs, "OpenAI compatibility".
    prefixes: ["cerebras"],
    baseUrl: "https://api.cerebras.ai/v1",
    baseUrlVariables: ["CEREBRAS_BASE_URL", "CEREBRAS_API_BASE"],
    keyVariables: ["CEREBRAS_API_KEY"],
    traits: { structuredWithTools: false, vision: false, limitName: "max_completion_tokens" },
  }),
  vendor({
    // Ollama docs, "OpenAI compatibility".
    prefixes: ["ollama", "ollama_chat"],
    baseUrl: "http://localhost:11434/v1",
    baseUrlVariables: ["OLLAMA_BASE_URL", "OLLAMA_API_BASE"],
    path: "/v1",
    keyVariables: ["OLLAMA_API_KEY"],
    needsKey: false,
    traits: SELF_HOSTED,
  }),
  vendor({
    // LM Studio docs, "OpenAI compatibility API".
    prefixes: ["lm_studio"],
    baseUrl: "http://localhost:1234/v1",
    baseUrlVariables: ["LM_STUDIO_BASE_URL", "LM_STUDIO_API_BASE"],
    path: "/v1",
    keyVariables: ["LM_STUDIO_API_KEY"],
    needsKey: false,
    traits: SELF_HOSTED,
  }),
  vendor({
    // vLLM docs, "OpenAI-compatible server".
    prefixes: ["hosted_vllm", "vllm"],
    baseUrl: "http://localhost:8000/v1",
    baseUrlVariables: ["HOSTED_VLLM_BASE_URL", "HOSTED_VLLM_API_BASE"],
    path: "/v1",
    keyVariables: ["HOSTED_VLLM_API_KEY"],
    needsKey: false,
    traits: SELF_HOSTED,
  }),
];

/** A LiteLLM proxy: it takes every vendor's names and translates parameters itself. */
export const LITELLM_PROXY: Vendor = vendor({
  prefixes: ["litellm_proxy"],
  baseUrl: "{LITELLM_BASE_URL}",
  baseUrlVariables: ["LITELLM_BASE_URL", "LITELLM_PROXY_API_BASE"],
  keyVariables: ["LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"],
  needsKey: false,
  traits: { structuredWithTools: false, parallelSwitch: false },
});
