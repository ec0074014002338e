/**
 * Messages and orders of messages that endpoints refuse, and how each is mended. Each is a row, with
 * what is said of it: a new one is added here, and is tested and played by the scripted model of
 * `mesh/testing` from then on. Pure.
 *
 * @module
 */
import { cutText } from "../../base/cut_text.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Traits } from "./vendors.ts";

/** A message as it is sent. */
export type WireMessage = JsonObject & { readonly role: string };

/** One thing that is refused. */
export interface MessageRule {
  readonly name: string;
  /** It, in the words of a sentence that begins with "refuses". */
  readonly what: string;
  readonly vendor: string;
  readonly source: string;
  /** A sentence that is said of it, and the words that all have in common who say so. */
  readonly said: string;
  readonly words: RegExp;
  /** Messages that are refused. */
  readonly refused: readonly WireMessage[];
  /** Which endpoints refuse it. */
  when(traits: Traits): boolean;
  mend(messages: readonly WireMessage[]): readonly WireMessage[];
}

/** Longest name of a message. */
const NAME_MAX = 64;

/** The text in place of an empty one. */
const EMPTY = "(empty)";

/** The words of the model between a tool's answer and the user, where an order wants some. */
const SEEN = "I have seen this.";

/** The rules, in the order in which they are applied. */
export const MESSAGE_RULES = [
  {
    name: "developer-role",
    what: "the role developer",
    vendor: "mistral",
    source: "OpenAI, Create chat completion: the role is OpenAI's own",
    said: "Input tag 'developer' found using 'role' does not match any of the expected tags",
    words: /developer.*(does not match|not one of|unexpected|invalid|unsupported)/i,
    refused: [{ role: "developer", content: "Be brief." }, { role: "user", content: "hi" }],
    when: ({ developerRole }) => !developerRole,
    mend: (messages) =>
      messages.map((message) =>
        message.role === "developer" ? { ...message, role: "system" } : message
      ),
  },
  {
    name: "calls-and-results",
    what: "calls that are not followed by a result each, and results of no call",
    vendor: "openai",
    source: "langchain-ai/langchainjs#6621, OpenHands/software-agent-sdk#2127, " +
      "aws-samples/bedrock-access-gateway#84",
    said:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
      "'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
    words:
      /did not have response messages|without `?tool_result|preced\w+ message with 'tool_calls'|number of toolResult blocks/i,
    refused: [
      { role: "tool", tool_call_id: "0", content: "of a call that is forgotten" },
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [call("1"), call("2")] },
      { role: "tool", tool_call_id: "2", content: "seen" },
      { role: "user", content: "and now?" },
    ],
    when: () => true,
    mend: paired,
  },
  {
    name: "no-names",
    what: "messages with a name",
    vendor: "groq",
    source: "Groq docs, OpenAI compatibility; Mistral takes none of the user's either",
    said: "messages.0.name is not supported",
    words:
      /messages?\b.{0,40}\bname\b.{0,80}(not supported|not permitted|unsupported|extra inputs)/i,
    refused: [{ role: "user", name: "ada", content: "hi" }],
    when: ({ messageNames }) => !messageNames,
    mend: (messages) => messages.map(({ name: _, ...message }): WireMessage => ({ ...message })),
  },
  {
    name: "names",
    what: "names of messages with blanks or any of < | \\ / > in them",
    vendor: "openai",
    source: "microsoft/semantic-kernel#9340, microsoft/autogen#4157",
    said:
      "Invalid 'messages[0].name': string does not match pattern. Expected a string that matches " +
      "the pattern '^[^\\s<|\\\\/>]+$'.",
    words: /messages\[\d+\]\.name'?: (string does not match|string too long)/i,
    refused: [{ role: "user", name: "Ada Lovelace", content: "hi" }],
    when: ({ messageNames }) => messageNames,
    mend: (messages) =>
      messages.map(({ name, ...message }): WireMessage => {
        const plain = typeof name === "string"
          ? cutText(name.replaceAll(NOT_IN_NAMES, "_"), NAME_MAX)
          : "";
        return plain === "" ? { ...message } : { ...message, name: plain };
      }),
  },
  {
    name: "empty-texts",
    what: "texts that are empty or blank",
    vendor: "anthropic",
    source: "Claude docs, Errors; Bedrock and Gemini likewise",
    said: "messages: text content blocks must be non-empty",
    words:
      /(text|content|parts?)( content)?( blocks?| field)?.*(must be non-empty|must not be empty|cannot be empty|is blank|non-whitespace)/i,
    refused: [{ role: "system", content: "" }, { role: "user", content: " " }],
    when: ({ emptyTexts }) => !emptyTexts,
    mend: (messages) => messages.flatMap(withoutEmptyTexts),
  },
  {
    name: "blank-end",
    what: "a last message of the model that ends with a blank",
    vendor: "anthropic",
    source: "Claude docs, Prefill",
    said: "messages: final assistant content cannot end with trailing whitespace",
    words: /cannot end with trailing whitespace/i,
    refused: [{ role: "user", content: "hi" }, { role: "assistant", content: "Hello " }],
    when: ({ emptyTexts }) => !emptyTexts,
    mend: (messages) =>
      messages.map((message, at) =>
        at === messages.length - 1 && message.role === "assistant" &&
          typeof message["content"] === "string"
          ? { ...message, content: message["content"].trimEnd() }
          : message
      ),
  },
  {
    name: "content-or-calls",
    what: "messages of the model that say something and call a tool",
    vendor: "mistral",
    source: "github/copilot-cli#4884; mistral-common, which vLLM uses",
    said: "Assistant message must have either content or tool_calls, but not both.",
    words: /either content or tool_calls, but not both/i,
    refused: [
      { role: "user", content: "hi" },
      { role: "assistant", content: "I look.", tool_calls: [call("1")] },
      { role: "tool", tool_call_id: "1", content: "seen" },
    ],
    when: () => false,
    mend: (messages) =>
      messages.map((message) =>
        message["tool_calls"] === undefined ? message : { ...message, content: null }
      ),
  },
  {
    name: "empty-answers",
    what: "messages of the model that say nothing and call nothing",
    vendor: "mistral",
    source: "solbrowse/extension#16",
    said: "Assistant message must have either content or tool_calls, but not none.",
    words: /either content or tool_calls, but not none/i,
    refused: [
      { role: "user", content: "hi" },
      { role: "assistant", content: "" },
      { role: "user", content: "and now?" },
    ],
    when: ({ order }) => order === "answer-after-tool",
    mend: (messages) =>
      messages.filter(({ role, content, tool_calls: calls }) =>
        role !== "assistant" || calls !== undefined || (content !== "" && content !== null)
      ),
  },
  {
    name: "user-after-tool",
    what: "a message of the user right after the result of a tool",
    vendor: "mistral",
    source: "BerriAI/litellm#17761, anomalyco/opencode#7488",
    said: "Unexpected role 'user' after role 'tool'",
    words: /unexpected role '?user'? after role '?tool'?/i,
    refused: [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [call("1")] },
      { role: "tool", tool_call_id: "1", content: "seen" },
      { role: "user", content: "and now?" },
    ],
    when: ({ order }) => order !== "any",
    mend: (messages) =>
      messages.flatMap((message, at) =>
        message.role === "user" && messages[at - 1]?.role === "tool"
          ? [{ role: "assistant", content: SEEN }, message]
          : [message]
      ),
  },
  {
    name: "system-first",
    what: "messages of the system that are not the first",
    vendor: "vllm",
    source: "charmbracelet/crush#279: templates of models know one message of the system",
    said: "System message must be at the beginning.",
    words: /system (message|role).*(at the beginning|must be first|only.*first)/i,
    refused: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hi" },
      { role: "system", content: "Be kind." },
    ],
    when: ({ order }) => order === "alternating",
    mend: (messages) => {
      const isFirst = ({ role, content }: WireMessage) =>
        role === "system" && typeof content === "string";
      const said = messages.filter(isFirst).map(({ content }) => content);
      const others = messages.filter((message) => !isFirst(message));
      return said.length === 0
        ? others
        : [{ role: "system", content: said.join("\n\n") }, ...others];
    },
  },
  {
    name: "alternation",
    what: "two messages of one role in a row",
    vendor: "vllm",
    source: "charmbracelet/crush#279",
    said:
      "After the optional system message, conversation roles must alternate user and assistant " +
      "roles except for tool calls and results.",
    words: /roles must alternate/i,
    refused: [{ role: "user", content: "hi" }, { role: "user", content: "are you there?" }],
    when: ({ order }) => order === "alternating",
    mend: (messages) =>
      messages.reduce<WireMessage[]>((merged, message) => {
        const before = merged.at(-1);
        if (before === undefined || !areOne(before, message)) return [...merged, message];
        const content = joined(before["content"], message["content"]);
        return [...merged.slice(0, -1), { ...before, ...message, content }];
      }, []),
  },
] as const satisfies readonly MessageRule[];

/** Letters that names may not have. */
const NOT_IN_NAMES = /[\s<|\\/>]+/g;

/** Returns messages as an endpoint takes them. */
export function mendedMessages(
  messages: readonly WireMessage[],
  rules: readonly MessageRule[],
): readonly WireMessage[] {
  return rules.reduce((messages, { mend }) => mend(messages), messages);
}

function call(id: string): JsonObject {
  return { id, type: "function", function: { name: "t", arguments: "{}" } };
}

/** The text in place of a result that a conversation does not have. */
const NO_RESULT = "(no result)";

/** Messages in which the results of calls follow them, one each; results of no call are left out. */
function paired(messages: readonly WireMessage[]): readonly WireMessage[] {
  const isResult = ({ role }: WireMessage) => role === "tool";
  return messages.flatMap((message, at): WireMessage[] => {
    if (isResult(message)) return [];
    const { tool_calls: calls } = message;
    if (!Array.isArray(calls)) return [message];
    const rest = messages.slice(at + 1);
    const end = rest.findIndex(({ role }) => role === "assistant");
    const results = (end === -1 ? rest : rest.slice(0, end)).filter(isResult);
    return [
      message,
      ...calls.map(({ id }): WireMessage =>
        results.find(({ tool_call_id: of }) => of === id) ??
          { role: "tool", tool_call_id: id, content: NO_RESULT }
      ),
    ];
  });
}

function withoutEmptyTexts(message: WireMessage): WireMessage[] {
  const { role, content } = message;
  if (Array.isArray(content)) {
    const parts = content.filter((part) => part.type !== "text" || part.text.trim() !== "");
    return [{ ...message, content: parts.length === 0 ? EMPTY : parts }];
  }
  if (typeof content !== "string" || content.trim() !== "") return [message];
  // What a tool or the user said is answered to; of others, nothing was said.
  if (role === "tool" || role === "user") return [{ ...message, content: EMPTY }];
  return message["tool_calls"] === undefined ? [] : [{ ...message, content: null }];
}

/** Whether two messages can be one: both of the user, or both words of the model. */
function areOne(one: WireMessage, other: WireMessage): boolean {
  if (one.role !== other.role || !["user", "assistant"].includes(one.role)) return false;
  return one["tool_calls"] === undefined && other["tool_calls"] === undefined;
}

function joined(one: unknown, other: unknown): unknown {
  if (typeof one === "string" && typeof other === "string") return `${one}\n\n${other}`;
  return [...partsOf(one), ...partsOf(other)];
}

function partsOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : [];
}
