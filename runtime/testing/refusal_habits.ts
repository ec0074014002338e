/**
 * Habits of refusing what OpenAI takes: parameters, tools, messages. Each checks every request as such an
 * endpoint does, and answers 400 in its words.
 *
 * @module
 */
import { SCHEMA_RULES, type SchemaRule } from "../llm/engine/json_schema_rules.ts";
import { MESSAGE_RULES, type MessageRule, type WireMessage } from "../llm/engine/message_rules.ts";
import { NAMED, NESTED } from "../llm/engine/schema_parts.ts";
import { refusal } from "./failure_habits.ts";
import { type Fields, type Habit, habitsOf } from "./habit.ts";
import type { ScriptedRequestBody } from "./scripted_step.ts";

type Refuses = NonNullable<Habit["refuses"]>;

/** A tool as it was sent. */
interface SentTool {
  readonly name: string;
  readonly description?: unknown;
  readonly parameters?: unknown;
}

function toolsOf({ tools = [] }: ScriptedRequestBody): readonly SentTool[] {
  return tools.map(({ function: described }) => described as SentTool);
}

/** Refuses a request that has a tool which is refused. */
function anyTool(said: (tool: SentTool, at: number) => string | undefined): Refuses {
  return (request) => {
    const reason = toolsOf(request).map(said).find((reason) => reason !== undefined);
    return reason === undefined ? undefined : refusal(400, reason, { param: "tools" });
  };
}

/** Refuses a request that has a parameter. */
function parameter(name: string, said: string, code = "unsupported_parameter"): Refuses {
  return (request) => name in request ? refusal(400, said, { param: name, code }) : undefined;
}

/** Every schema within one, itself the first. */
function* schemas(schema: unknown): Generator<Fields> {
  if (Array.isArray(schema)) { for (const one of schema) yield* schemas(one); }
  if (!isFields(schema)) return;
  yield schema;
  for (const [keyword, value] of Object.entries(schema)) {
    if (NESTED.includes(keyword)) yield* schemas(value);
    if (NAMED.includes(keyword) && isFields(value)) {
      for (const member of Object.values(value)) yield* schemas(member);
    }
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keywords of Gemini's schemas. */
const GEMINI = new Set([
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "enum",
  "maxItems",
  "minItems",
  "properties",
  "required",
  "minLength",
  "maxLength",
  "pattern",
  "default",
  "anyOf",
  "items",
  "minimum",
  "maximum",
]);

function geminiRefuses(schema: Fields): string | undefined {
  const unknown = Object.keys(schema).find((keyword) => !GEMINI.has(keyword));
  if (unknown !== undefined) return `Unknown name "${unknown}": Cannot find field.`;
  const { type, properties, required, items, enum: listed, anyOf } = schema;
  if (Array.isArray(type)) return "Proto field is not repeating, cannot start list.";
  if (properties !== undefined && type !== "object") {
    return "properties: only allowed for OBJECT type";
  }
  if (items !== undefined && type !== "array") return "items: only allowed for ARRAY type";
  if (type === "array" && items === undefined) return "items: missing field.";
  if (listed !== undefined && type !== "string") return "enum: only allowed for STRING type";
  if (Array.isArray(listed) && !listed.every((one) => typeof one === "string" && one !== "")) {
    return "Invalid value at 'enum[0]' (TYPE_STRING)";
  }
  if (isFields(properties) && Object.keys(properties).length === 0) {
    return "properties: should be non-empty for OBJECT type";
  }
  const missing = Array.isArray(required)
    ? required.find((name) => !isFields(properties) || !(name in properties))
    : undefined;
  if (missing !== undefined) return `required[0]: property is not defined: ${missing}`;
  if (Array.isArray(anyOf) && (anyOf.length === 0 || Object.keys(schema).length > 1)) {
    return "When using any_of, it must be the only field set.";
  }
  return undefined;
}

const callIds = (
  allowed: RegExp,
  said: string,
): Refuses =>
({ messages }) => {
  const ids = messages.flatMap(({ tool_calls: calls, tool_call_id: id }) => [
    ...(Array.isArray(calls) ? calls.map(({ id }) => id) : []),
    ...(id === undefined ? [] : [id]),
  ]);
  return ids.every((id) => allowed.test(String(id))) ? undefined : refusal(400, said);
};

const fixed = {
  "refuses-tool-names": {
    does: "refuses names of tools that are not of letters, digits, _ and -, or longer than 64",
    vendor: "openai",
    source: "nanbingxyz/5ire#33; Gemini wants a letter or _ first",
    refuses: anyTool(({ name }, at) =>
      /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/.test(name)
        ? undefined
        : `Invalid 'tools[${at}].function.name': string does not match pattern.`
    ),
  },
  "refuses-alike-tools": {
    does: "refuses two tools of one name",
    vendor: "anthropic",
    source: "Claude docs, Tool use: tool names must be unique",
    refuses: (request) => {
      const names = toolsOf(request).map(({ name }) => name);
      return new Set(names).size === names.length
        ? undefined
        : refusal(400, "tools: Tool names must be unique.");
    },
  },
  "refuses-many-tools": {
    does: "refuses more than 128 tools",
    vendor: "openai",
    source: "0x4m4/hexstrike-ai#29",
    refuses: ({ tools = [] }) =>
      tools.length > 128
        ? refusal(
          400,
          "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an " +
            `array with length ${tools.length} instead.`,
          { param: "tools", code: "array_above_max_length" },
        )
        : undefined,
  },
  "refuses-long-descriptions": {
    does: "refuses descriptions of tools that are longer than 1024 characters",
    vendor: "openai",
    source: "getsentry/sentry-mcp#106, probelabs/probe#9, microsoft/genaiscript#1381",
    refuses: anyTool(({ description = "" }, at) =>
      String(description).length > 1024
        ? `Invalid 'tools[${at}].function.description': string too long. Expected a string with ` +
          "maximum length 1024."
        : undefined
    ),
  },
  "refuses-property-names": {
    does: "refuses properties of tools that are not of letters, digits, _, . and -",
    vendor: "anthropic",
    source: "modelcontextprotocol/go-sdk#169",
    refuses: anyTool(({ parameters }, at) => {
      const names = [...schemas(parameters)].flatMap(({ properties }) =>
        isFields(properties) ? Object.keys(properties) : []
      );
      return names.every((name) => /^[a-zA-Z0-9_.-]{1,64}$/.test(name))
        ? undefined
        : `tools.${at}.custom.input_schema.properties: Property keys should match pattern ` +
          "'^[a-zA-Z0-9_.-]{1,64}$'";
    }),
  },
  "refuses-json-schema": {
    does: "refuses schemas of tools that have more than Gemini's own keywords",
    vendor: "gemini",
    source: "Gemini API reference, Schema; probelabs/probe#569, decolua/9router#380",
    refuses: anyTool(({ parameters }, at) => {
      const said = [...schemas(parameters)].map(geminiRefuses).find((said) => said !== undefined);
      return said &&
        `GenerateContentRequest.tools[0].function_declarations[${at}].parameters: ${said}`;
    }),
  },
  "refuses-large-schemas": {
    does: "refuses schemas of tools of more than 100,000 characters",
    vendor: "gemini",
    source: "BerriAI/litellm#34328: schemas that are written out without end",
    refuses: anyTool(({ parameters = {} }) =>
      JSON.stringify(parameters).length > 100_000
        ? "Request payload size exceeds the limit: 100000 bytes."
        : undefined
    ),
  },
  "refuses-long-ids": {
    does: "refuses ids of tool calls that are longer than 40 characters",
    vendor: "openai",
    source: "OpenAI, Create chat completion",
    refuses: callIds(/^.{0,40}$/s, "Invalid 'messages[1].tool_calls[0].id': string too long."),
  },
  "refuses-marks-in-ids": {
    does: "refuses ids of tool calls that are not of letters, digits, _ and -",
    vendor: "anthropic",
    source: "Claude docs, Errors: tool_use.id",
    refuses: callIds(
      /^[a-zA-Z0-9_-]+$/,
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ),
  },
  "refuses-other-ids": {
    does: "refuses ids of tool calls that are not nine letters and digits",
    vendor: "mistral",
    source: "Mistral docs, Function calling: error 3280",
    refuses: callIds(
      /^[a-zA-Z0-9]{9}$/,
      "Tool call id was x but must be a-z, A-Z, 0-9, with a length of 9.",
    ),
  },
  "refuses-other-arguments": {
    does: "refuses tool calls of earlier turns whose arguments are not the text of an object",
    vendor: "anthropic",
    source: "langroid/langroid#988, langchain-ai/langchain#33896",
    refuses: ({ messages }) => {
      const calls = messages.flatMap(({ tool_calls: calls }) => Array.isArray(calls) ? calls : []);
      return calls.every(({ function: called }) => isObjectText(called.arguments))
        ? undefined
        : refusal(400, "messages.1.content.0.tool_use.input: Input should be a valid dictionary");
    },
  },
  "refuses-half-characters": {
    does: "refuses requests with half a surrogate pair in them",
    vendor: "anthropic",
    source: "anthropics/claude-code#1762, #56064",
    refuses: ({ messages, tools }) =>
      isWellFormed([messages, tools])
        ? undefined
        : refusal(400, "The request body is not valid JSON: no low surrogate in string"),
  },
  "refuses-max_tokens": {
    does: "refuses max_tokens",
    vendor: "openai",
    source: "devnullvoid/dms-ai-assistant#12",
    refuses: parameter(
      "max_tokens",
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use " +
        "'max_completion_tokens' instead.",
    ),
  },
  "refuses-max_completion_tokens": {
    does: "refuses max_completion_tokens",
    vendor: "vllm",
    source: "voideditor/void#128",
    refuses: ({ max_completion_tokens: limit }) =>
      limit === undefined ? undefined : {
        status: 422,
        body: {
          detail: [{
            type: "extra_forbidden",
            loc: ["body", "max_completion_tokens"],
            msg: "Extra inputs are not permitted",
          }],
        },
      },
  },
  "refuses-temperature": {
    does: "refuses a temperature",
    vendor: "openai",
    source: "OpenAI, Reasoning models",
    refuses: parameter(
      "temperature",
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) " +
        "value is supported.",
      "unsupported_value",
    ),
  },
  "refuses-response_format": {
    does: "refuses response_format",
    vendor: "deepseek",
    source: "DeepSeek docs, JSON output",
    refuses: parameter("response_format", "This response_format type is unavailable now"),
  },
  "refuses-stream_options": {
    does: "refuses stream_options",
    vendor: "mistral",
    source: "Mistral docs, Chat completion",
    refuses: parameter("stream_options", "stream_options: Extra inputs are not permitted"),
  },
  "refuses-parallel_tool_calls": {
    does: "refuses parallel_tool_calls",
    vendor: "azure",
    source: "Azure OpenAI, Function calling",
    refuses: parameter("parallel_tool_calls", "Unrecognized request argument: parallel_tool_calls"),
  },
} as const satisfies Readonly<Record<string, Habit>>;

/** Habits of refusing. */
export const refusalHabits = {
  ...fixed,
  ...habitsOf(SCHEMA_RULES, ({ name }) => `refuses-${name}` as const, schemaHabit),
  ...habitsOf(MESSAGE_RULES, ({ name }) => `refuses-${name}` as const, messageHabit),
};

function schemaHabit({ what, said, vendor, source, at, isIn }: SchemaRule): Habit {
  return {
    does: `refuses ${what} in schemas of tools`,
    vendor,
    source,
    refuses: anyTool(({ parameters }) => {
      const [top, ...inner] = schemas(parameters);
      const looked = at === "top" ? [top ?? {}] : [top ?? {}, ...inner];
      return looked.some(isIn) ? said : undefined;
    }),
  };
}

function messageHabit({ what, said, vendor, source, mend }: MessageRule): Habit {
  return {
    does: `refuses ${what}`,
    vendor,
    source,
    refuses: ({ messages }) => {
      // What has to be mended is refused.
      const given = messages as readonly WireMessage[];
      return JSON.stringify(mend(given)) === JSON.stringify(given) ? undefined : refusal(400, said);
    },
  };
}

function isObjectText(text: unknown): boolean {
  try {
    return typeof text === "string" && isFields(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Whether no text in a value, nor in JSON that a text is, has half a character in it. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") {
    return value.isWellFormed() && (!/\\ud/i.test(value) || !isObjectText(value) ||
      isWellFormed(JSON.parse(value)));
  }
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isWellFormed);
}
