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
} from "./contract.ts";
import type * as z from "zod";
import type { EndFrameSchema } from "./contract.ts";
import { MeshError } from "../errors.ts";
import type { LlmUsage, StopReason } from "./llm.ts";

/** One reply. */
export interface Reply {
  /** Text, or the value that was asked for. */
  readonly content: unknown;
  /** Calls the provider left to whoever asked. */
  readonly toolCalls: readonly ChatToolCall[];
  /** What its turns before the answer added to the conversation. */
  readonly messages: readonly ChatMessage[];
  readonly stopReason: StopReason;
  readonly usage: LlmUsage;
  readonly model: string;
  readonly turns: number;
}

type EndFrame = z.output<typeof EndFrameSchema>;

/**
 * Reads a reply that came at once.
 *
 * @throws {MeshError} `protocol` when it is none.
 */
export function readReply(value: unknown): Reply {
  // Agents of other languages send their reply as text.
  const parsed = LlmReplySchema.safeParse(typeof value === "string" ? jsonOrText(value) : value);
  if (!parsed.success) {
    throw new MeshError("protocol", "the provider answered something that is no reply of a model");
  }
  const { content, tool_calls, ...rest } = parsed.data;
  return {
    content: content ?? "",
    toolCalls: tool_calls ?? [],
    messages: rest._mesh_messages ?? [],
    stopReason: stopReasonOf(rest._mesh_finish_reason, rest._mesh_stop_reason),
    usage: usageOf(rest._mesh_usage),
    model: rest._mesh_usage?.model ?? "",
    turns: rest._mesh_turns?.length ?? 1,
  };
}

/** Puts a reply together from the chunks of its stream. */
export class ReplyReader {
  #text = "";
  #end: EndFrame | undefined;

  /** @returns The text of a chunk. */
  read(chunk: unknown): string {
    const frame = readFrame(chunk);
    if (frame._mesh_frame === "end") {
      this.#end = frame;
      return "";
    }
    this.#text += frame.content;
    return frame.content;
  }

  /** What came of it. */
  get reply(): Reply {
    const end = this.#end;
    return {
      content: this.#text,
      toolCalls: end?.tool_calls ?? [],
      messages: end?.messages ?? [],
      stopReason: stopReasonOf(end?.finish_reason, end?.stop_reason),
      usage: usageOf(end?.usage),
      model: end?.usage?.model ?? "",
      turns: end?.turns?.length ?? 1,
    };
  }
}

function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "role" in value) return value;
  } catch {
    // It is the answer itself.
  }
  return { role: "assistant", content: text };
}

function stopReasonOf(finish: FinishReason | undefined, stop: string | undefined): StopReason {
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
