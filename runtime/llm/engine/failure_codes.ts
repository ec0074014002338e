/**
 * The machine-readable words with which endpoints say that a request failed, and what each means. Each is a
 * row: a new one is added here.
 *
 * @module
 */

/**
 * The meaning of a failure. `temporary`: the same request may succeed later. `permanent`: not at this
 * endpoint. `limit`: the most tokens an answer may have are set higher than the model gives. `too_long`:
 * the conversation does not fit the model. `refused`: the vendor will not have it answered.
 */
export type FailureMeaning = "temporary" | "permanent" | "limit" | "too_long" | "refused";

/** A machine-readable word, which counts whatever the sentence says. */
export interface FailureCode {
  readonly code: string;
  /** A meaning, or the HTTP status that says the same. */
  readonly means: FailureMeaning | number;
  readonly vendor: string;
  readonly source: string;
}

/** The codes, types and statuses that are known. */
export const FAILURE_CODES: readonly FailureCode[] = [
  ...codes("openai", "OpenAI, Error codes", {
    context_length_exceeded: "too_long",
    content_filter: "refused",
    content_policy_violation: "refused",
    invalid_prompt: "refused",
    insufficient_quota: "permanent",
    billing_not_active: "permanent",
    billing_hard_limit_reached: "permanent",
    invalid_api_key: 401,
    model_not_found: 404,
    rate_limit_exceeded: 429,
    server_error: 500,
    invalid_request_error: 400,
  }),
  ...codes("azure", "Azure OpenAI, Content filtering", { ResponsibleAIPolicyViolation: "refused" }),
  ...codes("anthropic", "Claude docs, Errors", {
    request_too_large: "too_long",
    authentication_error: 401,
    billing_error: "permanent",
    permission_error: 403,
    not_found_error: 404,
    rate_limit_error: 429,
    api_error: 500,
    timeout_error: 504,
    overloaded_error: 529,
  }),
  ...codes("gemini", "Google AIP-193, google.rpc.Code", {
    INVALID_ARGUMENT: 400,
    FAILED_PRECONDITION: 400,
    UNAUTHENTICATED: 401,
    PERMISSION_DENIED: 403,
    NOT_FOUND: 404,
    RESOURCE_EXHAUSTED: 429,
    INTERNAL: 500,
    UNAVAILABLE: 503,
    DEADLINE_EXCEEDED: 504,
  }),
  ...codes("bedrock", "Amazon Bedrock, InvokeModel errors", {
    ThrottlingException: "temporary",
    ValidationException: 400,
    AccessDeniedException: 403,
    UnrecognizedClientException: 401,
    ResourceNotFoundException: 404,
    ServiceQuotaExceededException: 429,
    ModelNotReadyException: 503,
    ServiceUnavailableException: 503,
    ModelTimeoutException: 504,
    ModelErrorException: 500,
    InternalServerException: 500,
  }),
  ...codes("llama.cpp", "llama.cpp server, error types", {
    exceed_context_size_error: "too_long",
    unavailable_error: 503,
  }),
  ...codes("vllm", "vLLM, ErrorResponse", {
    BadRequestError: 400,
    AuthenticationError: 401,
    NotFoundError: 404,
    InternalServerError: 500,
  }),
  ...codes("groq", "Groq docs, Error codes: the model wrote a call or JSON that cannot be read", {
    tool_use_failed: "temporary",
    json_validate_failed: "temporary",
  }),
  ...codes("github", "GitHub Models, Rate limits", { tokens_limit_reached: "too_long" }),
  ...codes("copilot", "GitHub Copilot chat", { model_max_prompt_tokens_exceeded: "too_long" }),
  ...codes("moonshot", "Moonshot docs, Errors", {
    exceeded_current_quota_error: "permanent",
    engine_overloaded_error: 429,
  }),
  ...codes("dashscope", "Model Studio docs, Error codes", {
    data_inspection_failed: "refused",
    DataInspectionFailed: "refused",
    Arrearage: "permanent",
    Throttling: 429,
  }),
  ...codes("zhipu", "Z.ai docs, Errors", {
    "1113": "permanent",
    "1261": "too_long",
    "1301": "refused",
    "1302": 429,
    "1305": 429,
  }),
  ...codes("litellm", "BerriAI/litellm#4606", { budget_exceeded: "permanent" }),
  ...codes("minimax", "MiniMax docs, Error codes", {
    "1002": 429,
    "1004": 401,
    "1008": "permanent",
    "1026": "refused",
    "1039": 429,
    "2013": 400,
  }),
];

function codes(
  vendor: string,
  source: string,
  meanings: Readonly<Record<string, FailureMeaning | number>>,
): FailureCode[] {
  return Object.entries(meanings).map(([code, means]) => ({ code, means, vendor, source }));
}
