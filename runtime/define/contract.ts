/**
 * What goes between a tool that wants a language model and the agent that has one: the request, the
 * reply and the frames of a streamed reply, as the reference's agents write them. Reading is
 * tolerant: agents of three other languages write these messages, and what cannot be understood is
 * left out rather than refused. Everything of ours is optional and beside what the reference has,
 * never instead of it.
 *
 * @module
 */
import * as z from "zod";
import { isObject } from "../base/json.ts";
import { boundedJson } from "../base/bounded_json.ts";

const jsonObject = z.record(z.string(), z.unknown());
/** A field that may be absent, null or of another type; then it is left out. */
function lenient<T>(schema: z.ZodType<T, T>) {
  return schema.nullish().catch(undefined).transform((value) => value ?? undefined).optional();
}

const text = lenient(z.string());
const number = lenient(z.number());
const limit = lenient(z.number().int().positive());

/** One call of a tool, as a model asks for it. Fields that vendors add are kept. */
export const ChatToolCallSchema = z.looseObject({
  id: z.string().catch(""),
  type: z.literal("function").catch("function"),
  function: z.object({
    name: z.string(),
    /** JSON text; what models write is not always valid. */
    arguments: z.unknown().optional().transform((value) =>
      typeof value === "string" ? value : JSON.stringify(value ?? {})
    ),
  }),
});
/** One call of a tool, as a model asks for it. */
export type ChatToolCall = z.output<typeof ChatToolCallSchema>;

const toolCalls = z.array(ChatToolCallSchema).nullish().catch(undefined)
  .transform((calls) => calls ?? undefined).optional();

/** One part of a message that is not plain text alone. */
export type ContentPart = Readonly<Record<string, unknown>> & { readonly type: string };

/** One message of a conversation (OpenAI chat completions). Fields that vendors add are kept. */
export const ChatMessageSchema = z.looseObject({
  role: z.string(),
  content: z.unknown().optional().transform((content): string | ContentPart[] | null => {
    if (content === undefined || content === null) return null;
    if (typeof content === "string") return content;
    return Array.isArray(content) && content.every(isPart) ? content : JSON.stringify(content);
  }),
  tool_calls: toolCalls,
  tool_call_id: text,
  name: text,
});
/** One message of a conversation. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string | readonly ContentPart[] | null;
  readonly tool_calls?: readonly ChatToolCall[] | undefined;
  readonly tool_call_id?: string | undefined;
  readonly name?: string | undefined;
  readonly [extra: string]: unknown;
}

function isPart(value: unknown): value is ContentPart {
  return isObject(value) && "type" in value &&
    typeof value.type === "string";
}

/** One tool a model may call (OpenAI function tool). */
export const ChatToolSchema = z.looseObject({
  type: z.literal("function").catch("function"),
  function: z.looseObject({
    name: z.string().min(1),
    description: text,
    parameters: jsonObject.nullish().catch(undefined)
      .transform((schema) => schema ?? { type: "object", properties: {} }),
    /** Where the provider calls it. Without one the call goes back to who asked. */
    _mesh_endpoint: text,
    /** What its own agent calls it, when that differs from what the model is told. Our addition. */
    _mesh_name: text,
  }),
});
/** One tool a model may call. */
export type ChatTool = z.output<typeof ChatToolSchema>;

/** What the model is run with. Keys that are not named here go to the vendor as they are. */
export const ModelParamsSchema = z.looseObject({
  /** Another model of the provider's vendor. */
  model: text,
  max_tokens: limit,
  temperature: number,
  top_p: number,
  stop: lenient(z.union([z.string(), z.array(z.string())])),
  /** JSON Schema of the answer. */
  output_schema: lenient(jsonObject),
  output_type_name: text,
  output_mode: lenient(z.enum(["strict", "hint", "text"])),
  /** Whether the calls of one turn run at the same time. */
  parallel_tool_calls: lenient(z.boolean()),
  /** Most turns of the model. */
  max_iterations: limit,
});
/** What the model is run with. */
export type ModelParams = z.output<typeof ModelParamsSchema>;

/** What a consumer asks of a provider: the argument `request` of its tool. */
export const LlmRequestSchema = z.looseObject({
  messages: z.array(ChatMessageSchema).min(1),
  tools: z.array(z.unknown()).nullish().catch(undefined).transform((tools): ChatTool[] =>
    (tools ?? []).flatMap((tool) => {
      const parsed = ChatToolSchema.safeParse(tool);
      return parsed.success ? [parsed.data] : [];
    })
  ),
  model_params: ModelParamsSchema.nullish().catch(undefined).transform((params) =>
    params ?? ModelParamsSchema.parse({})
  ),
  context: z.unknown().optional(),
  request_id: text,
  caller_agent: text,
});
/** What a consumer asks of a provider. */
export type LlmRequest = z.output<typeof LlmRequestSchema>;

/** Tokens, as the reference counts them. */
export const UsageSchema = z.looseObject({
  prompt_tokens: z.number().catch(0),
  completion_tokens: z.number().catch(0),
  model: text,
});
const usage = UsageSchema.nullish().catch(undefined).transform((usage) => usage ?? undefined)
  .optional();
/** Tokens that one turn or a whole call took. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/**
 * Why an answer ends where it does. `length`: the model ran out of tokens; `refusal`: it declined;
 * `content_filter`: its vendor did; `tool_calls`: the caller is to run them; `max_iterations`: it
 * still wanted tools after the last turn it had.
 */
export const FINISH_REASONS = [
  "stop",
  "length",
  "refusal",
  "content_filter",
  "tool_calls",
  "max_iterations",
  "cancelled",
] as const;
/** Why an answer ends where it does. */
export type FinishReason = typeof FINISH_REASONS[number];

const finishReason = z.enum(FINISH_REASONS).optional().catch(undefined);

/** What became of one tool call of a turn. */
export const ToolCallRecordSchema = z.object({
  /** As the model called it. */
  name: z.string(),
  arguments: z.unknown(),
  /** `failed` tools told the model why; `unresolved` ones were left to the caller. */
  outcome: z.enum(["ok", "failed", "unresolved"]),
  error: z.string().optional(),
  duration_ms: z.number().optional(),
});
/** What became of one tool call of a turn. */
export type ToolCallRecord = z.output<typeof ToolCallRecordSchema>;

/** One turn of a model. */
export const TurnRecordSchema = z.object({
  model: z.string(),
  finish_reason: z.string(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  duration_ms: z.number(),
  tool_calls: z.array(ToolCallRecordSchema),
});
/** One turn of a model. */
export type TurnRecord = z.output<typeof TurnRecordSchema>;

const turns = z.array(TurnRecordSchema).optional().catch(undefined);
const messages = z.array(ChatMessageSchema).optional().catch(undefined);

/** What a provider answers. Content may be a value already where a schema was asked for. */
export const LlmReplySchema = z.looseObject({
  role: z.string().catch("assistant"),
  content: z.unknown().optional(),
  /** Calls the provider left to the caller. */
  tool_calls: toolCalls,
  _mesh_usage: usage,
  /** Only ever `max_iterations` in the reference, and so in ours. */
  _mesh_stop_reason: text,
  /** Why the answer ends. Our addition. */
  _mesh_finish_reason: finishReason,
  /** What happened turn by turn. Our addition. */
  _mesh_turns: turns,
  /**
   * What the turns before the answer added to the conversation, so that it can go on from there. Our
   * addition; there when tools ran and the answer may need another call: tool calls are left to the
   * caller, or a schema was asked for.
   */
  _mesh_messages: messages,
});
/** What a provider answers. */
export type LlmReply = z.output<typeof LlmReplySchema>;

/** One piece of text of a streamed reply. */
export const ChunkFrameSchema = z.looseObject({
  _mesh_frame: z.literal("chunk"),
  content: z.string(),
});

/** The end of a streamed reply. All but `stop_reason` is our addition. */
export const EndFrameSchema = z.looseObject({
  _mesh_frame: z.literal("end"),
  /** As `_mesh_stop_reason`. */
  stop_reason: text,
  usage,
  finish_reason: finishReason,
  turns,
  tool_calls: toolCalls,
  messages,
});

/** One frame of a streamed reply. */
export type LlmFrame = z.output<typeof ChunkFrameSchema> | z.output<typeof EndFrameSchema>;

const FrameSchema = z.union([ChunkFrameSchema, EndFrameSchema]);

/** The text that carries a frame: one chunk of the provider's stream. */
export function writeFrame(frame: z.input<typeof FrameSchema>): string {
  return JSON.stringify(frame);
}

/** The frame that a chunk carries; a chunk that is none is text, as old providers send it. */
export function readFrame(chunk: unknown): LlmFrame {
  const parsed = FrameSchema.safeParse(typeof chunk === "string" ? parsedJson(chunk) : chunk);
  if (parsed.success) return parsed.data;
  const content = typeof chunk === "string" ? chunk : JSON.stringify(chunk) ?? "";
  return { _mesh_frame: "chunk", content };
}

function parsedJson(text: string): unknown {
  // Most chunks of old providers are words, which need no parser to be told from a frame.
  if (!text.startsWith("{")) return undefined;
  try {
    return boundedJson(text);
  } catch {
    return undefined;
  }
}
