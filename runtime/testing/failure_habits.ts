/**
 * Habits of failing: what is said of a conversation that is too long, of an answer that may not be so
 * long, of anything else, and in which shape.
 *
 * @module
 */
import { ERROR_SHAPES } from "../llm/engine/error_body.ts";
import { FAILURE_WORDS } from "../llm/engine/failure_words.ts";
import { type Fields, type Habit, habitsOf, type Refusal } from "./habit.ts";
import { messageText, type ScriptedRequestBody } from "./scripted_step.ts";

/** Longest conversation that has room, in characters. */
export const ROOM = 4_000;

const shaped = {
  "fails-in-choice": {
    does: "breaks off with an error in the choice",
    vendor: "openrouter",
    source: "razzant/claudexor#144",
    leadsTo: "llm_upstream",
    reason: () => "error",
    choices: (choices) =>
      choices.map((choice) =>
        choice["finish_reason"] === "error"
          ? { ...choice, error: { code: 502, message: "upstream died" } }
          : choice
      ),
  },
  "fails-in-stream": {
    does: "ends a stream with an error where its end should be",
    vendor: "openai",
    source: "NousResearch/hermes-agent#68451, sgl-project/sglang#12081",
    leadsTo: "llm_upstream",
    streams: true,
    written: (text) => text.replace(LAST_EVENTS, failureEvent("data")),
  },
  "fails-in-event": {
    does: "ends a stream with an event of type error",
    vendor: "anthropic",
    source: "Claude docs, Streaming: overloaded_error",
    leadsTo: "llm_upstream",
    streams: true,
    written: (text) =>
      text.replace(
        LAST_EVENTS,
        `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n`,
      ),
  },
  "fails-in-field": {
    does: "ends a stream with a field called error",
    vendor: "llama.cpp",
    source: "llama.cpp server before 2025",
    leadsTo: "llm_upstream",
    streams: true,
    written: (text) => text.replace(LAST_EVENTS, failureEvent("error")),
  },
  "fails-as-page": {
    does: "answers every request with a page of HTML and 502",
    vendor: "unknown",
    source: "gateways before a server that is down",
    leadsTo: "llm_upstream",
    refuses: () => ({ status: 502, body: "<html><h1>502 Bad Gateway</h1></html>" }),
  },
  "fails-unread-call": {
    does: "answers 400 because it cannot read the call that its model wrote, now and then",
    vendor: "groq",
    source: "Groq docs, Tool use: tool_use_failed",
    leadsTo: "llm_upstream",
    refuses: () => refusal(400, "Failed to call a function.", { code: "tool_use_failed" }),
  },
  "fails-at-router": {
    does: "refuses a long conversation in the words of a vendor behind it",
    vendor: "openrouter",
    source: "OpenRouter docs, Errors: metadata.raw",
    leadsTo: "llm_limit",
    refuses: (request) =>
      isLong(request)
        ? {
          status: 400,
          body: {
            error: {
              code: 400,
              message: "Provider returned error",
              metadata: {
                provider_name: "Anthropic",
                raw: JSON.stringify({
                  type: "error",
                  error: { type: "invalid_request_error", message: "prompt is too long: 9 > 8" },
                }),
              },
            },
          },
        }
        : undefined,
  },
} as const satisfies Readonly<Record<string, Habit>>;

/** The event with the reason to end, and all that follow. */
const LAST_EVENTS = /data: (?=[^\n]*"finish_reason":"(?:stop|tool_calls)")[\s\S]*$/;

function failureEvent(field: string): string {
  return `${field}: {"error":{"code":503,"message":"no capacity","type":"server_error"}}\n\n`;
}

type Words = typeof FAILURE_WORDS[number];

const MEANT: Readonly<Record<Words["means"], Pick<Habit, "does" | "leadsTo">>> = {
  too_long: {
    does: `refuses a conversation of more than ${ROOM} characters`,
    leadsTo: "llm_limit",
  },
  limit: { does: "refuses to give an answer of as many tokens as were asked for" },
  temporary: { does: "refuses every request for the moment", leadsTo: "llm_upstream" },
  permanent: { does: "refuses every request for good", leadsTo: "llm_upstream" },
  refused: { does: "refuses every request for what it is about", leadsTo: "llm_refused" },
};

/** Habits of failing. */
export const failureHabits = {
  ...shaped,
  ...habitsOf(FAILURE_WORDS, ({ name }) => `says-${name}` as const, worded),
  ...habitsOf(
    ERROR_SHAPES,
    ({ vendor }) => `fails-like-${vendor}` as const,
    ({ vendor, source, example }) => ({
      does: `answers every request with 200 and ${JSON.stringify(example)}`,
      vendor,
      source,
      leadsTo: "llm_upstream",
      refuses: () => ({ status: 200, body: example }),
    }),
  ),
};

function worded({ said, means, vendor, source }: Words): Habit {
  const { does, leadsTo } = MEANT[means];
  return {
    does: `${does}: "${said}"`,
    vendor,
    source,
    ...(leadsTo !== undefined && { leadsTo }),
    refuses: (request) => {
      if (means === "too_long" && !isLong(request)) return undefined;
      if (means === "limit" && !isOverCap(request, said)) return undefined;
      return refusal(means === "temporary" ? 429 : 400, said);
    },
  };
}

/** A refusal in OpenAI's shape. */
export function refusal(status: number, message: string, fields: Fields = {}): Refusal {
  return {
    status,
    body: { error: { message, type: "invalid_request_error", param: null, code: null, ...fields } },
  };
}

function isLong({ messages }: ScriptedRequestBody): boolean {
  return messages.reduce((length, message) => length + messageText(message).length, 0) > ROOM;
}

/** Whether more tokens are asked for than the sentence says that there are. */
function isOverCap(request: ScriptedRequestBody, said: string): boolean {
  const asked = Number(request["max_tokens"] ?? request["max_completion_tokens"] ?? 0);
  const numbers = Array.from(
    said.matchAll(/(?<![\w.,-])\d[\d,]*/g),
    ([digits]) => Number(digits.replaceAll(",", "")),
  );
  const cap = Math.max(...numbers.filter((number) => number > 1 && number < 100_000));
  return asked > cap - Number(said.includes(`${cap} (exclusive)`));
}
