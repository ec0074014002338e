/**
 * Habits of writing answers: how they are framed, what is beside the text, and the words they end with.
 *
 * @module
 */
import { FINISH_WORDS } from "../llm/engine/finish_reasons.ts";
import { THOUGHT_MARKS, type ThoughtMark } from "../llm/wire/thought_marks.ts";
import { type Fields, type Habit, habitsOf } from "./habit.ts";

const written = {
  "answers-whole": {
    does: "answers at once although a stream was asked for",
    vendor: "openai",
    source: "proxies before models that do not stream",
    streams: false,
  },
  "answers-streamed": {
    does: "streams although no stream was asked for",
    vendor: "unknown",
    source: "proxies that keep connections alive with a stream",
    streams: true,
  },
  "answers-mistyped": {
    does: "says text/plain of what it answers",
    vendor: "unknown",
    source: "servers behind a gateway that sets types",
    contentType: "text/plain",
  },
  "answers-after-blanks": {
    does: "sends blanks and line ends before its answer",
    vendor: "openrouter",
    source: "OpenRouter and DeepSeek docs: keeping a connection alive",
    written: (text, isStream) => `\n  \n${isStream ? ": keep-alive\n\n" : ""}${text}`,
  },
  "stream-crlf": {
    does:
      "ends the lines of a stream with CRLF, begins it with a byte order mark and has comments in it",
    vendor: "openai",
    source: "openai/openai-go#227",
    written: (text, isStream) =>
      isStream ? `\ufeff: PROCESSING\n\n${text}`.replaceAll("\n", "\r\n") : text,
  },
  "stream-tight": {
    does: "writes no blank after data: and no line end at the end of a stream",
    vendor: "ollama",
    source: "ollama/ollama#4357",
    written: (text, isStream) =>
      isStream ? text.replaceAll("data: ", "data:").replace(/\n+$/, "") : text,
  },
  "stream-no-done": {
    does: "ends a stream without [DONE]",
    vendor: "perplexity",
    source: "Perplexity docs, Streaming",
    written: (text) => text.replace("data: [DONE]\n\n", ""),
  },
  "stream-told-again": {
    does: "ends a stream with an event that has the whole message once more",
    vendor: "minimax",
    source: "GCWing/OpenBitFun#792, abundantbeing/hermes-browser-extension#11",
    written: (text, isStream) => isStream ? toldAgain(text) : text,
  },
  "reason-empty": {
    does: 'writes "" for no reason to end',
    vendor: "sglang",
    source: "sgl-project/sglang#3912, ollama/ollama#4357",
    choices: (choices) =>
      choices.map((choice) =>
        choice["finish_reason"] === null ? { ...choice, finish_reason: "" } : choice
      ),
  },
  "reason-each-event": {
    does: "gives a reason to end with every event",
    vendor: "open-webui",
    source: "1jehuang/jcode#1326",
    choices: (choices) =>
      choices.map((choice) => "delta" in choice ? { ...choice, finish_reason: "stop" } : choice),
  },
  "reason-stop-with-calls": {
    does: "ends with stop beside tool calls",
    vendor: "gemini",
    source: "Gemini's OpenAI-compatible endpoint",
    reason: (reason) => reason === "tool_calls" ? "stop" : reason,
  },
  "content-in-parts": {
    does: "writes content as a list of parts, thoughts among them",
    vendor: "mistral",
    source: "Mistral docs, Reasoning",
    choices: (choices) => choices.map((choice) => changed(choice, inParts)),
  },
  "content-halves": {
    does: "cuts a stream inside of characters",
    vendor: "unknown",
    source: "anthropics/claude-code#1762: servers that cut UTF-16",
    texts: (deltas) => deltas.flatMap((delta) => delta.split("")),
  },
  "reasoning-field": {
    does: "writes thoughts into reasoning_content",
    vendor: "deepseek",
    source: "DeepSeek docs, Thinking mode; OpenRouter and Groq say reasoning",
    choices: (choices) =>
      choices.map((choice) =>
        changed(choice, (message) => ({ ...message, reasoning_content: "Hm. ", reasoning: "Hm. " }))
      ),
  },
  "json-in-prose": {
    does: "puts JSON into a code fence, with sentences around it",
    vendor: "unknown",
    source: "langchain-ai/langchain#35530",
    choices: (choices) =>
      choices.map((choice) =>
        changed(
          choice,
          (message) =>
            typeof message["content"] === "string" && message["content"].startsWith("{")
              ? {
                ...message,
                content: `Of [these] {ways}:\n\`\`\`json\n${message["content"]}\n\`\`\`\nDone.`,
              }
              : message,
        )
      ),
  },
  "usage-in-choice": {
    does: "says the usage in the last choice alone",
    vendor: "moonshot",
    source: "Moonshot docs, Streaming",
    body: ({ usage: _, ...body }) => body,
    choices: (choices) =>
      choices.map((choice) => ({
        ...choice,
        usage: { prompt_tokens: 10, completion_tokens: 5 },
      })),
  },
  "fields-null": {
    does: "writes null for all that there is not",
    vendor: "vllm",
    source: "vLLM, ChatCompletionResponse",
    body: (body) => ({ ...body, error: null, service_tier: null, system_fingerprint: null }),
    choices: (choices) =>
      choices.map((choice) => ({
        ...changed(choice, (message) => ({
          refusal: null,
          function_call: null,
          tool_calls: null,
          reasoning_content: null,
          ...message,
        })),
        error: null,
        logprobs: null,
      })),
  },
} as const satisfies Readonly<Record<string, Habit>>;

type Word = typeof FINISH_WORDS[number];
/** Words that are OpenAI's own are played by no habit. */
type Foreign = Exclude<Word, { readonly vendor: "openai" }>;

/** How an answer with a word begins to be told of. */
const ENDED: Readonly<Record<Word["is"], string>> = {
  stop: "ends an answer that is done",
  tool_calls: "ends an answer that calls tools",
  length: "ends an answer that has used up its tokens",
  content_filter: "ends an answer that a filter stopped",
  refusal: "ends an answer that declines",
  failed: "breaks off every answer",
};

/** Habits of writing answers. */
export const answerHabits = {
  ...written,
  ...habitsOf(THOUGHT_MARKS, ({ name }) => `thinks-in-${name}` as const, thinking),
  ...habitsOf(
    FINISH_WORDS.filter((row): row is Foreign => row.vendor !== "openai"),
    ({ word }) => `ends-${word}` as const,
    ending,
  ),
};

/** The draft and the answer that a row of marks has. */
const DRAFT = '{"a":0}';
const ANSWER = '{"a":1}';

function thinking({ name, written, vendor, source }: ThoughtMark): Habit {
  const thought = (content: unknown) =>
    typeof content === "string" && content.startsWith("{")
      ? written.replace(DRAFT, '{"draft":true}').replace(ANSWER, () => content)
      : content;
  return {
    does: `writes its thoughts into its text, with a draft, marked by ${name}`,
    vendor,
    source,
    choices: (choices) =>
      choices.map((choice) =>
        changed(choice, (message) => ({ ...message, content: thought(message["content"]) }))
      ),
  };
}

function ending({ word, is, vendor, source }: Foreign): Habit {
  return {
    does: `${ENDED[is]} with "${word}"`,
    vendor,
    source,
    ...(is === "failed" ? { leadsTo: "llm_upstream" as const } : {}),
    reason: (reason) => is === "failed" || reason === is ? word : reason,
  };
}

/** A choice whose message or delta is another. */
function changed(choice: Fields, change: (message: Fields) => Fields): Fields {
  const key = "message" in choice ? "message" : "delta";
  const message = choice[key];
  return typeof message === "object" && message !== null
    ? { ...choice, [key]: change(message as Fields) }
    : choice;
}

/** The text of a stream whose last choice has the text of all deltas, as a message. */
function toldAgain(stream: string): string {
  let content = "";
  return stream.replaceAll(/^data: (\{.*)$/gm, (event, data: string) => {
    const body: Fields = JSON.parse(data);
    const [choice] = Array.isArray(body["choices"]) ? body["choices"] : [];
    content += choice?.delta?.content ?? "";
    if (typeof choice?.finish_reason !== "string" || content === "") return event;
    const { delta: _, ...rest } = choice;
    const message = { role: "assistant", content };
    return `data: ${JSON.stringify({ ...body, choices: [{ ...rest, message }] })}`;
  });
}

function inParts(message: Fields): Fields {
  const { content } = message;
  return typeof content === "string" && content !== ""
    ? {
      ...message,
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
        { type: "text", text: content },
      ],
    }
    : message;
}
