/**
 * The sentences with which endpoints say that a request failed, and what each means. Each is a row, with
 * what was really said: a new one is added here, and is tested and played by the scripted model
 * of `mesh/testing` from then on.
 *
 * @module
 */
import type { FailureMeaning } from "./failure_codes.ts";

/** A way to say it. */
export interface FailureWords {
  readonly name: string;
  readonly means: FailureMeaning;
  readonly vendor: string;
  readonly source: string;
  /** A sentence that was really said. */
  readonly said: string;
  /**
   * The words that all have in common who say it so. Its groups `most` and `input`, if it has them, are the tokens
   * that fit in all and those that the conversation takes; `least` is there where the endpoint knows
   * only how many that are at least.
   */
  readonly words: RegExp;
}

/**
 * The words, the first row that matches counts: words of a conversation that is too long are also in
 * sentences about other limits, so these come before.
 */
export const FAILURE_WORDS = [
  {
    name: "openai-request-over-rate",
    means: "too_long",
    vendor: "openai",
    source: "OpenAI and Groq, Rate limits: the request alone is more than a minute allows",
    said: "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 14350",
    words: /request too large.*limit:? [\d,]+, requested:? [\d,]+/i,
  },
  {
    name: "rate-limit",
    means: "temporary",
    vendor: "openai",
    source: "OpenAI, Rate limits",
    said:
      "Rate limit reached for gpt-4o on tokens per min. Limit: 30000, Used: 29000, Requested: 2000",
    words: /rate.?limit|too many requests|tokens? per (min|hour|day)/i,
  },
  {
    name: "bedrock-throttling",
    means: "temporary",
    vendor: "bedrock",
    source: "jin-bo/agentao#88",
    said: "ThrottlingException: Too many tokens, please wait before trying again.",
    words: /throttl|please wait before/i,
  },
  {
    name: "anthropic-context-limit",
    means: "too_long",
    vendor: "anthropic",
    source: "strands-agents/harness-sdk#1078",
    said: "input length and `max_tokens` exceed context limit: 174167 + 64000 > 200000, decrease " +
      "input length or `max_tokens` and try again",
    words: /exceed context limit(: (?<input>\d+) \+ \d+ > (?<most>\d+))?/i,
  },
  {
    name: "tgi-inputs",
    means: "too_long",
    vendor: "huggingface",
    source: "TGI, validation errors",
    said:
      "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 500 " +
      "`max_new_tokens`",
    words: /`inputs` .*(<= (?<most>\d+). Given: (?<input>\d+)|must have less than \d+ tokens)/i,
  },
  {
    name: "vllm-no-room",
    means: "too_long",
    vendor: "vllm",
    source: "vLLM, serving_engine",
    said: "max_tokens must be at least 1, got -512.",
    words: /max_(completion_)?tokens must be at least 1, got -/i,
  },
  {
    name: "vllm-room",
    means: "too_long",
    vendor: "vllm",
    source: "vllm-project/vllm#33425",
    said:
      "'max_tokens' or 'max_completion_tokens' is too large: 100000. This model's maximum context length is 8192 tokens and your request has 20 input tokens (100000 > 8192 - 20).",
    words:
      /context length is (?<most>\d+) tokens\S* (however, |and )your request has (?<input>\d+) input tokens/i,
  },
  {
    name: "vllm-room-unknown",
    means: "too_long",
    vendor: "vllm",
    source: "vllm-project/vllm#42474",
    said:
      "This model's maximum context length is 128000 tokens. However, you requested 65535 output tokens and your prompt contains at least 62466 input tokens, for a total of at least 128001 tokens.",
    words:
      /requested [\d,]+ output tokens and your prompt contains at least (?<least>[\d,]+) input tokens/i,
  },
  {
    name: "sglang-room",
    means: "too_long",
    vendor: "sglang",
    source: "BerriAI/litellm#10793",
    said:
      "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 100020 tokens: 20 tokens from the input messages and 100000 tokens for the completion.",
    words: /context length of (?<most>\d+) tokens.*: (?<input>\d+) tokens from the input/i,
  },
  {
    name: "anthropic-output-cap",
    means: "limit",
    vendor: "anthropic",
    source: "NousResearch/hermes-agent#90376",
    said: "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for x",
    words: /maximum allowed number of (output|completion) tokens/i,
  },
  {
    name: "openai-output-cap",
    means: "limit",
    vendor: "openai",
    source: "diffbot/code-gpt-docs#284",
    said: "max_tokens is too large: 100000. This model supports at most 4096 completion tokens, " +
      "whereas you provided 100000.",
    words:
      /supports at most [\d,]+ (completion|output) tokens|max_\w{0,20}tokens\S{0,3} is too large/i,
  },
  {
    name: "doubao-output-cap",
    means: "limit",
    vendor: "volcengine",
    source: "Gitlawb/openclaude#331",
    said:
      "The parameter `max_completion_tokens` specified in the request are not valid: integer above " +
      "maximum value, expected a value <= 12288, but got 100000 instead.",
    words: /max_\w{0,20}tokens\b.*(above maximum|expected a value <=)/i,
  },
  {
    name: "deepseek-output-cap",
    means: "limit",
    vendor: "deepseek",
    source: "DeepSeek docs, Create chat completion; DashScope says the same in other words",
    said: "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
    words: /range of max_\w{0,20}tokens/i,
  },
  {
    name: "groq-output-cap",
    means: "limit",
    vendor: "groq",
    source: "Groq docs, Errors; NVIDIA NIM and Together likewise",
    said:
      "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is " +
      "less than the `context_window` for this model",
    words:
      /max_?\w{0,20}[_ ]tokens\W{0,3} (must|should|cannot) be (less|lower|smaller|at most|<=|greater)/i,
  },
  {
    name: "nim-output-cap",
    means: "limit",
    vendor: "nvidia",
    source: "NVIDIA NIM, 422 of pydantic",
    said: "body.max_tokens: Input should be less than or equal to 4096",
    words: /max_\w{0,20}tokens: input should be less/i,
  },
  {
    name: "gemini-output-cap",
    means: "limit",
    vendor: "vertex_ai",
    source: "Vertex AI, GenerationConfig",
    said: "Unable to submit request because it has a maxOutputTokens value of 100000 but the " +
      "supported range is from 1 (inclusive) to 8193 (exclusive).",
    words: /max_?output_?tokens value of [\d,]+ but the supported range/i,
  },
  {
    name: "bedrock-output-cap",
    means: "limit",
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse",
    said: "The maximum tokens you requested exceeds the model limit of 4096. Try again with a " +
      "maximum tokens value that is lower than 4096.",
    words: /maximum tokens you requested exceeds/i,
  },
  {
    name: "ollama-output-cap",
    means: "limit",
    vendor: "ollama",
    source: "MoonshotAI/kimi-code#1148",
    said: "max_tokens (100000) exceeds model's maximum output tokens (65536) for model x",
    words: /exceeds?( the)? model'?s maximum (output|completion) tokens/i,
  },
  {
    name: "fireworks-output-cap",
    means: "limit",
    vendor: "fireworks_ai",
    source: "Fireworks docs, Querying text models",
    said: "Requests with max_tokens > 4096 must have stream=true",
    words: /max_\w{0,20}tokens > [\d,]+ must have stream/i,
  },
  {
    name: "other-output-cap",
    means: "limit",
    vendor: "unknown",
    source:
      "OpenHands/OpenHands#11090: what is common to proxies and servers that say it otherwise",
    said: "max_tokens value 100000 is higher than this model's limit of 4096",
    words:
      /^(?!.*(context|prompt|input|messages)).*max_?\w*tokens\b.*(exceed|too (large|high|big)|at most|above|higher|greater|less|between|larger|maximum|limit|<=)/is,
  },
  {
    name: "mistral-too-long",
    means: "too_long",
    vendor: "mistral",
    source: "earendil-works/pi, overflow.ts",
    said:
      "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum " +
      "context length",
    words: /too large for model with|prompt contains (at least )?[\d,]+ (input )?tokens/i,
  },
  {
    name: "openai-too-long",
    means: "too_long",
    vendor: "openai",
    source: "OpenAI community; sglang likewise, BerriAI/litellm#10793",
    said:
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens " +
      "(8500 in the messages, 500 in the completion). Please reduce the length of the messages.",
    words:
      /maximum context (length|limit|window)( is (?<most>\d+) tokens.*\((?<input>\d+) (in the messages|of text input|in your prompt))?/is,
  },
  {
    name: "openai-window",
    means: "too_long",
    vendor: "openai",
    source: "earendil-works/pi#129",
    said: "Your input exceeds the context window of this model. Please adjust your input.",
    words: /exceeds?( the)? context window/i,
  },
  {
    name: "azure-too-long",
    means: "too_long",
    vendor: "azure",
    source: "BerriAI/litellm#15968",
    said: "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in " +
      "509178 tokens. Please reduce the length of the messages.",
    words: /input tokens exceed|reduce the length of (the |your )?(messages?|prompt|input)/i,
  },
  {
    name: "anthropic-too-long",
    means: "too_long",
    vendor: "anthropic",
    source: "Claude docs, Context windows",
    said: "prompt is too long: 213462 tokens > 200000 maximum",
    words: /(prompt|input|request|conversation|messages?|context) (is |are )?too (long|large)\b/i,
  },
  {
    name: "anthropic-long-context",
    means: "too_long",
    vendor: "anthropic",
    source: "anomalyco/opencode#18853",
    said: "Extra usage is required for long context requests",
    words: /required for long context/i,
  },
  {
    name: "anthropic-size",
    means: "too_long",
    vendor: "anthropic",
    source: "Claude docs, Errors",
    said: "Request exceeds the maximum size",
    words: /exceeds the maximum size|payload size exceeds|(entity|body) too large/i,
  },
  {
    name: "gemini-too-long",
    means: "too_long",
    vendor: "gemini",
    source: "earendil-works/pi#129",
    said: "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    words: /token count.* exceeds? the maximum|maximum number of tokens allowed/i,
  },
  {
    name: "xai-too-long",
    means: "too_long",
    vendor: "xai",
    source: "earendil-works/pi#129",
    said: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    words: /maximum (prompt|input|model|allowed)( input| model)? length/i,
  },
  {
    name: "together-too-long",
    means: "too_long",
    vendor: "together_ai",
    source: "earendil-works/pi#129; vLLM says the maximum model length",
    said: "The input (265330 tokens) is longer than the model's context length (262144 tokens).",
    words:
      /(longer|greater|larger|more) than the (model'?s |maximum )*(context|model) (length|window)/i,
  },
  {
    name: "llama.cpp-too-long",
    means: "too_long",
    vendor: "llama.cpp",
    source: "llama.cpp server; LM Studio and Ollama likewise",
    said: "the request exceeds the available context size, try increasing it",
    words:
      /exceeds?( the)? available context|context size has been exceeded|context overflow|reached context length/i,
  },
  {
    name: "lm-studio-too-long",
    means: "too_long",
    vendor: "lm_studio",
    source: "lmstudio-ai/lmstudio-bug-tracker#546",
    said:
      "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    words: /context (the )?overflows|provide a shorter input/i,
  },
  {
    name: "copilot-too-long",
    means: "too_long",
    vendor: "copilot",
    source: "earendil-works/pi#129",
    said: "prompt token count of 88374 exceeds the limit of 64000",
    words: /token count of [\d,]+ exceeds/i,
  },
  {
    name: "minimax-too-long",
    means: "too_long",
    vendor: "minimax",
    source: "earendil-works/pi#129",
    said: "invalid params, context window exceeds limit (2013)",
    words: /context[ _](window|length|size) exceed/i,
  },
  {
    name: "moonshot-too-long",
    means: "too_long",
    vendor: "moonshot",
    source: "archestra-ai/archestra#6044",
    said: "Your request exceeded model token limit: 262144 (requested: 566084)",
    words: /exceed(ed|s)?( the)?( model'?s?)? (total )?tokens? limit|token limit exceeded/i,
  },
  {
    name: "cerebras-too-long",
    means: "too_long",
    vendor: "cerebras",
    source: "LiteLLM docs, Exception mapping",
    said: "Current length is 9014 while limit is 8192",
    words: /current length is [\d,]+ while limit is/i,
  },
  {
    name: "bedrock-too-long",
    means: "too_long",
    vendor: "bedrock",
    source: "Amazon Bedrock, InvokeModel",
    said: "Malformed input request: expected maxLength: 200000, actual: 400000",
    words: /expected maxLength: [\d,]+, actual|prompt: length: 1\.\./i,
  },
  {
    name: "cohere-too-long",
    means: "too_long",
    vendor: "cohere",
    source: "Cohere docs, Errors",
    said:
      "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 10000",
    words: /too many (input |prompt )?tokens|number of (input )?tokens.* cannot exceed/i,
  },
  {
    name: "dashscope-too-long",
    means: "too_long",
    vendor: "dashscope",
    source: "Model Studio docs, Error codes",
    said: "Range of input length should be [1, 30720]",
    words: /range of input length/i,
  },
  {
    name: "dashscope-size",
    means: "too_long",
    vendor: "dashscope",
    source: "QwenLM/qwen-code#1082",
    said:
      "String value length (20054016) exceeds the maximum allowed (20000000, from `StreamReadConstraints.getMaxStringLength()`)",
    words: /string value length .{0,20} exceeds the maximum allowed/i,
  },
  {
    name: "zhipu-too-long",
    means: "too_long",
    vendor: "zhipu",
    source: "tashfeenahmed/freellmapi#873; Moonshot says it as open-webui/open-webui#1141",
    said: "Prompt exceeds max length",
    words: /(prompt|input|request) exceeds (the )?max(imum)? length|model max length exceeded/i,
  },
  {
    name: "siliconflow-too-long",
    means: "too_long",
    vendor: "siliconflow",
    source: "CherryHQ/cherry-studio#1131",
    said: "length of prompt_tokens (147509) must be less than max_seq_len (65536).",
    words: /prompt_tokens \([\d,]+\) must be less/i,
  },
  {
    name: "openai-message-too-long",
    means: "too_long",
    vendor: "openai",
    source: "gptscript-ai/clio#41, VectorlyApp/bluebox#31",
    said:
      "Invalid 'messages[1].content': string too long. Expected a string with maximum length 10485760, but got a string with length 10500000 instead.",
    words: /'(messages|input)(\[\d+\]\.content[^']*)?': (string|array) too long/i,
  },
  {
    name: "litellm-too-long",
    means: "too_long",
    vendor: "litellm",
    source: "LiteLLM docs, Exception mapping",
    said:
      "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - it does not fit",
    words: /ContextWindowExceededError/,
  },
  {
    name: "other-too-long",
    means: "too_long",
    vendor: "unknown",
    source: "what is common to proxies and servers that say it otherwise",
    said: "the input length exceeds the model's context length",
    words:
      /exceed\w*( (the|this|a))?( model'?s?)?( (available|maximum|max))? (context|input|prompt)|(context|input|prompt)\w*[ _](window|length|size|limit)\b.{0,40}exceed/i,
  },
  {
    name: "litellm-policy",
    means: "refused",
    vendor: "litellm",
    source: "LiteLLM docs, Exception mapping",
    said: "litellm.ContentPolicyViolationError: litellm.BadRequestError: OpenAIException - no",
    words: /ContentPolicyViolationError/,
  },
  {
    name: "litellm-budget",
    means: "permanent",
    vendor: "litellm",
    source: "BerriAI/litellm#14144",
    said: "Budget has been exceeded! Current cost: 10.51, Max budget: 10.0",
    words: /(budget has been|crossed|exceeded) (exceeded|budget)/i,
  },
  {
    name: "openai-policy",
    means: "refused",
    vendor: "openai",
    source: "OpenAI, Safety best practices",
    said: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    words: /violat(es?|ing) our usage polic|safety system/i,
  },
  {
    name: "azure-policy",
    means: "refused",
    vendor: "azure",
    source: "Azure OpenAI, Content filtering",
    said:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management " +
      "policy.",
    words: /content (management|filtering) policy/i,
  },
  {
    name: "openrouter-policy",
    means: "refused",
    vendor: "openrouter",
    source: "OpenRouter docs, Moderation errors",
    said: "Your chosen model requires moderation and your input was flagged",
    words: /(input|prompt|content) (was|is) flagged/i,
  },
  {
    name: "deepseek-policy",
    means: "refused",
    vendor: "deepseek",
    source: "DeepSeek docs, Error codes; DashScope says inappropriate content",
    said: "Content Exists Risk",
    words: /content exists risk|inappropriate content/i,
  },
  {
    name: "anthropic-credit",
    means: "permanent",
    vendor: "anthropic",
    source: "Claude docs, Errors; DeepSeek and MiniMax say insufficient balance",
    said: "Your credit balance is too low to access the Anthropic API.",
    words: /credit balance is too low|insufficient (balance|credits?|funds)/i,
  },
] as const satisfies readonly FailureWords[];
