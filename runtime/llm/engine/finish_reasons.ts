/**
 * The words with which vendors say why an answer ends. Each is a row: a new one is added here, and is
 * tested and played by the scripted model of `mesh/testing` from then on.
 *
 * @module
 */

/**
 * How an answer ended. `failed`: it broke off at the vendor, and the same request may succeed; what came
 * of it until then is not an answer.
 */
export type Ending = "stop" | "tool_calls" | "length" | "content_filter" | "refusal" | "failed";

/** One word of one vendor. */
export interface FinishWord {
  /** As the vendor writes it. */
  readonly word: string;
  readonly is: Ending;
  readonly vendor: string;
  /** A page of documentation or a public report that tells of it. */
  readonly source: string;
}

/** The words that answers are known to end with. */
export const FINISH_WORDS = [
  { word: "stop", is: "stop", vendor: "openai", source: "OpenAI, Create chat completion" },
  { word: "length", is: "length", vendor: "openai", source: "OpenAI, Create chat completion" },
  {
    word: "tool_calls",
    is: "tool_calls",
    vendor: "openai",
    source: "OpenAI, Create chat completion",
  },
  {
    word: "function_call",
    is: "tool_calls",
    vendor: "openai",
    source: "OpenAI, Create chat completion (deprecated functions)",
  },
  {
    word: "content_filter",
    is: "content_filter",
    vendor: "openai",
    source: "OpenAI, Create chat completion",
  },
  { word: "end_turn", is: "stop", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  { word: "stop_sequence", is: "stop", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  { word: "pause_turn", is: "stop", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  { word: "tool_use", is: "tool_calls", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  { word: "max_tokens", is: "length", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  {
    word: "model_context_window_exceeded",
    is: "length",
    vendor: "anthropic",
    source: "Claude docs, Stop reasons",
  },
  { word: "refusal", is: "refusal", vendor: "anthropic", source: "Claude docs, Stop reasons" },
  { word: "STOP", is: "stop", vendor: "gemini", source: "Gemini API reference, FinishReason" },
  { word: "MAX_TOKENS", is: "length", vendor: "gemini", source: "laravel/ai#955" },
  { word: "SAFETY", is: "content_filter", vendor: "gemini", source: "Gemini API, FinishReason" },
  {
    word: "RECITATION",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  { word: "LANGUAGE", is: "content_filter", vendor: "gemini", source: "Gemini API, FinishReason" },
  { word: "BLOCKLIST", is: "content_filter", vendor: "gemini", source: "Gemini API, FinishReason" },
  { word: "SPII", is: "content_filter", vendor: "gemini", source: "Gemini API, FinishReason" },
  {
    word: "PROHIBITED_CONTENT",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "IMAGE_SAFETY",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "IMAGE_PROHIBITED_CONTENT",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "IMAGE_RECITATION",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "MODEL_ARMOR",
    is: "content_filter",
    vendor: "vertex_ai",
    source: "Vertex AI, FinishReason",
  },
  {
    // The word after the colon counts, and the one before it where that is unknown.
    word: "content_filter: PROHIBITED_CONTENT",
    is: "content_filter",
    vendor: "gemini",
    source: "Gemini's OpenAI-compatible endpoint, which leaves the message out then",
  },
  {
    word: "function_call_filter: MALFORMED_FUNCTION_CALL",
    is: "failed",
    vendor: "gemini",
    source: "Gemini's OpenAI-compatible endpoint",
  },
  {
    word: "MALFORMED_FUNCTION_CALL",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "UNEXPECTED_TOOL_CALL",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "MISSING_THOUGHT_SIGNATURE",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "TOO_MANY_TOOL_CALLS",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "MALFORMED_RESPONSE",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "IMAGE_OTHER",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  {
    word: "NO_IMAGE",
    is: "failed",
    vendor: "gemini",
    source: "Gemini API, FinishReason",
  },
  { word: "OTHER", is: "failed", vendor: "gemini", source: "Gemini API, FinishReason" },
  { word: "model_length", is: "length", vendor: "mistral", source: "laravel/ai#955" },
  { word: "error", is: "failed", vendor: "openrouter", source: "razzant/claudexor#144" },
  {
    word: "insufficient_system_resource",
    is: "failed",
    vendor: "deepseek",
    source: "DeepSeek docs, Create chat completion",
  },
  { word: "abort", is: "failed", vendor: "vllm", source: "vLLM, RequestOutput; SGLang" },
  { word: "aborted", is: "failed", vendor: "sglang", source: "sgl-project/sglang#12081" },
  { word: "eos_token", is: "stop", vendor: "huggingface", source: "TGI docs, FinishReason" },
  { word: "eos", is: "stop", vendor: "together_ai", source: "Together docs, Chat completions" },
  { word: "COMPLETE", is: "stop", vendor: "cohere", source: "Cohere docs, Chat" },
  { word: "TOOL_CALL", is: "tool_calls", vendor: "cohere", source: "Cohere docs, Chat" },
  { word: "ERROR_LIMIT", is: "length", vendor: "cohere", source: "Cohere docs, Chat" },
  { word: "ERROR_TOXIC", is: "content_filter", vendor: "cohere", source: "Cohere docs, Chat" },
  { word: "TIMEOUT", is: "failed", vendor: "cohere", source: "Cohere docs, Chat" },
  {
    word: "guardrail_intervened",
    is: "content_filter",
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse, stopReason",
  },
  {
    word: "content_filtered",
    is: "content_filter",
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse, stopReason",
  },
  {
    word: "malformed_tool_use",
    is: "failed",
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse, stopReason",
  },
  {
    word: "malformed_model_output",
    is: "failed",
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse, stopReason",
  },
  {
    word: "sensitive",
    is: "content_filter",
    vendor: "zhipu",
    source: "Z.ai docs, Chat completion",
  },
  { word: "network_error", is: "failed", vendor: "zhipu", source: "Z.ai docs, Chat completion" },
  { word: "token_limit", is: "length", vendor: "watsonx", source: "watsonx.ai API, stop_reason" },
  { word: "time_limit", is: "failed", vendor: "watsonx", source: "watsonx.ai API, stop_reason" },
  { word: "cancelled", is: "failed", vendor: "watsonx", source: "watsonx.ai API, stop_reason" },
  { word: "max_output_tokens", is: "length", vendor: "openai", source: "OpenAI, Responses" },
  { word: "incomplete", is: "length", vendor: "openai", source: "OpenAI, Responses" },
  { word: "completed", is: "stop", vendor: "openai", source: "OpenAI, Responses" },
] as const satisfies readonly FinishWord[];

const BY_WORD = new Map<string, Ending>(FINISH_WORDS.map(({ word, is }) => [plain(word), is]));

/**
 * Returns how an answer ended.
 *
 * @returns `undefined` for a word that no row has.
 */
export function endingOf(word: string): Ending | undefined {
  const parts = word.split(":").map(plain);
  return [plain(word), ...parts.reverse()].map((part) => BY_WORD.get(part))
    .find((ending) => ending !== undefined);
}

/** Vendors and the proxies before them differ in the case of letters and in what joins words. */
function plain(word: string): string {
  return word.trim().replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
    .replaceAll(/[\s-]+/g, "_")
    // Google's libraries write the name of the enumeration before its values.
    .replace(/^finish_reason[._]/, "");
}
