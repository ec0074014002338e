import assert from "node:assert/strict";
import { FAILURE_CODES } from "./failure_codes.ts";
import { FAILURE_WORDS } from "./failure_words.ts";

for (const { name, said, means } of FAILURE_WORDS) {
  Deno.test(`FAILURE_WORDS: ${name} means ${means}, by its own row`, () => {
    assert.equal(FAILURE_WORDS.find(({ words }) => words.test(said))?.name, name);
  });
}

/** Sentences from elsewhere, which a row has to know all the same. */
const others: [said: string, means: string | undefined][] = [
  [
    "This endpoint's maximum context length is 204800 tokens. However, you requested about 309977",
    "too_long",
  ],
  ["Input length (265330) exceeds model's maximum context length (262144).", "too_long"],
  ["Requested token count exceeds the model's maximum context length of 131072 tokens", "too_long"],
  ["Input length 131393 exceeds the maximum allowed input length of 131040 tokens.", "too_long"],
  [
    "Prompt too long: 5152 tokens exceeds max_seq_len 2048 (leave room for output tokens)",
    "too_long",
  ],
  ["The decoder prompt (length 5000) is longer than the maximum model length of 4096.", "too_long"],
  [
    "The number of tokens to keep from the initial prompt is greater than the context length",
    "too_long",
  ],
  ["Context size has been exceeded.", "too_long"],
  ["prompt too long; exceeded max context length by 1000 tokens", "too_long"],
  ["the input length exceeds the context length", "too_long"],
  ["Please reduce the length of the messages or completion.", "too_long"],
  ["litellm.ContextWindowExceededError: context window exceeded", "too_long"],
  ["Input is too long for requested model.", "too_long"],
  ["Request body too large for gpt-4o model. Max size: 8000 tokens.", "too_long"],
  ["request entity too large", "too_long"],
  ["Too many input tokens", "too_long"],
  ["the number of input tokens 9000 cannot exceed the total tokens limit 8192", "too_long"],
  ["token limit exceeded", "too_long"],
  ["Your chat messages are too long", "too_long"],
  ["Too many requests, please slow down", "temporary"],
  ["Rate limit reached: too many tokens per minute", "temporary"],
  ["max_completion_tokens is too large: 100000. This model supports at most 16384", "limit"],
  ["max_tokens must be less than or equal to 4096", "limit"],
  ["max_new_tokens cannot be greater than 2048", "limit"],
  ["Invalid 'max_tokens': integer above maximum value. Expected a value <= 8192", "limit"],
  ["maximum number of output tokens is 8192, max_tokens is larger", "limit"],
  ["the model did stop", undefined],
  ["Incorrect API key provided", undefined],
  ["temperature is not supported", undefined],
  [
    "Invalid 'messages[1].name': string too long. Expected a string with maximum length 64",
    undefined,
  ],
  ["Invalid 'tools[6].function.description': string too long.", undefined],
];

for (const [said, means] of others) {
  Deno.test(`FAILURE_WORDS: "${said.slice(0, 50)}…" means ${means}`, () => {
    assert.equal(FAILURE_WORDS.find(({ words }) => words.test(said))?.means, means);
  });
}

Deno.test("FAILURE_CODES and FAILURE_WORDS have nothing twice, and a source for each", () => {
  const codes = FAILURE_CODES.map(({ code }) => code);
  const names = FAILURE_WORDS.map(({ name }) => name);
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(new Set(names).size, names.length);
  for (const { source } of [...FAILURE_CODES, ...FAILURE_WORDS]) assert.notEqual(source, "");
});
