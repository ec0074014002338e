/**
 * What a provider answered, whether at once or in frames, ours or the reference's.
 *
 * @module
 */
import {
  type ChatMessage,
  type ChatToolCall,
  type FinishReason,
  LlmReplySchema,
  readFrame,
} from "../../define/contract.ts";
import type * as z from "zod";
import type { EndFrameSchema } from "../../define/contract.ts";
import { MeshError } from "../../base/errors.ts";
import { MESSAGE_MAX } from "../../base/bounded_body.ts";
import { boundedJson } from "../../base/bounded_json.ts";
import type { LlmUsage, StopReason } from "../../define/llm.ts";

/** One reply. */
export interface Reply {
  /** Text, or the value that was asked for. */
  readonly content: unknown;
  /** Calls the provider left to whoever asked. */
  readonly toolCalls: readonly ChatToolCall[];
  /** What its turns before the answer added to the conversation. */
  readonly messages: readonly ChatMessage[];
  /** `iterations`: the model still wanted tools after the last turn it had. */
  readonly stopReason: StopReason | "iterations";
  readonly usage: LlmUsage;
  readonly model: string;
  readonly turns: number;
  /** Names of the tools that the provider called, as far as it tells. */
  readonly called: readonly string[];
}

type EndFrame = z.output<typeof EndFrameSchema>;

/**
 * Reads a reply that came at once.
 *
 * @throws {MeshError} `protocol` when it is none, `llm_upstream` when there is nothing in it.
 */
export function readReply(value: unknown): Reply {
  // Agents of other languages send their reply as text.
  const parsed = LlmReplySchema.safeParse(typeof value === "string" ? jsonOrText(value) : value);
  if (!parsed.success) {
    throw new MeshError("protocol", "the provider answered something that is no reply of a model");
  }
  const { content, ...rest } = parsed.data;
  return replyOf(content ?? "", {
    tool_calls: rest.tool_calls,
    messages: rest._mesh_messages,
    finish_reason: rest._mesh_finish_reason,
    stop_reason: rest._mesh_stop_reason,
    usage: rest._mesh_usage,
    turns: rest._mesh_turns,
  });
}

/** Puts a reply together from the chunks of its stream. */
export class ReplyReader {
  #text = "";
  #end: EndFrame | undefined;

  /**
   * @returns The text of a chunk.
   * @throws {MeshError} `protocol` when all of them together are too long.
   */
  read(chunk: unknown): string {
    const frame = readFrame(chunk);
    if (frame._mesh_frame === "end") {
      this.#end = frame;
      return "";
    }
    this.#text += frame.content;
    if (this.#text.length > MESSAGE_MAX) {
      throw new MeshError("protocol", "the provider's answer is longer than fits");
    }
    return frame.content;
  }

  /**
   * What came of it. Providers of old send no frame that says it is the end.
   *
   * @throws {MeshError} `llm_upstream` when nothing has come.
   */
  get reply(): Reply {
    return replyOf(this.#text, this.#end ?? {});
  }
}

/** What a reply says beside its content. */
type Said = {
  readonly [
    K in "tool_calls" | "messages" | "finish_reason" | "stop_reason" | "usage" | "turns"
  ]?: EndFrame[K];
};

function replyOf(content: unknown, said: Said): Reply {
  const { tool_calls: toolCalls = [], messages = [], turns, usage } = said;
  const { finish_reason: finish, stop_reason: stop } = said;
  const isNothing = content === "" && toolCalls.length === 0 && finish === undefined &&
    stop === undefined;
  if (isNothing) {
    throw new MeshError(
      "llm_upstream",
      "the provider's answer ended with no text, no tool call and no reason for it",
    );
  }
  return {
    content,
    toolCalls,
    messages,
    stopReason: stopReasonOf(finish, stop),
    usage: usageOf(usage),
    model: usage?.model ?? "",
    turns: turns?.length ?? 1,
    called: (turns ?? []).flatMap(({ tool_calls }) =>
      tool_calls.flatMap(({ name, outcome }) => outcome === "unresolved" ? [] : [name])
    ),
  };
}

function jsonOrText(text: string): unknown {
  try {
    const value: unknown = boundedJson(text);
    if (typeof value === "object" && value !== null && "role" in value) return value;
  } catch {
    // It is the answer itself.
  }
  return { role: "assistant", content: text };
}

function stopReasonOf(
  finish: FinishReason | undefined,
  stop: string | undefined,
): Reply["stopReason"] {
  switch (finish) {
    case "length":
      return "length";
    case "refusal":
    case "content_filter":
      return "refusal";
    case "max_iterations":
      return "iterations";
    case "cancelled":
      throw new MeshError("cancelled", "the provider gave the request up");
    default:
      return stop === "max_iterations" ? "iterations" : "done";
  }
}

function usageOf(
  usage: { prompt_tokens: number; completion_tokens: number } | undefined,
): LlmUsage {
  return {
    inputTokens: usage?.prompt_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0,
  };
}
