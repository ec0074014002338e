/**
 * An engine: whatever answers one turn of a conversation. The provider asks it turn by turn and runs
 * the tools in between.
 *
 * @module
 */
import type { Logger } from "../../define/handler_context.ts";
import type {
  ChatMessage,
  ChatTool,
  ChatToolCall,
  FinishReason,
  ModelParams,
  Usage,
} from "../../define/contract.ts";

/** What an engine is asked. */
export interface LlmTurnRequest {
  /** The conversation so far, oldest first; with the tool calls of earlier turns and their results. */
  readonly messages: readonly ChatMessage[];
  /** The tools it may call. */
  readonly tools: readonly ChatTool[];
  /** Limits, sampling, and the schema of the answer if it must have one. */
  readonly params: ModelParams;
}

/** What an engine may use besides. */
export interface LlmTurnOptions {
  /** Fires when the answer is not wanted any more. */
  readonly signal: AbortSignal;
  /**
   * Gets the text as it comes, until the first tool call of the turn; asking for it makes the engine
   * stream. The next piece is not read before it resolves.
   */
  readonly onText?: ((text: string) => Promise<void>) | undefined;
  readonly log?: Logger | undefined;
}

/** What an engine answers. */
export interface LlmTurn {
  /** All its text, also what was streamed. */
  readonly text: string;
  /** The tools it wants called; none ends the conversation. */
  readonly toolCalls: readonly ChatToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** Which model answered. */
  readonly model: string;
  /** Further fields its message must keep when it is sent back. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Answers turns. */
export interface LlmEngine {
  /**
   * Answers one turn.
   *
   * @throws {MeshError} `llm_upstream`, `llm_refused`, `llm_limit`, or the reason of the signal.
   */
  turn(request: LlmTurnRequest, options: LlmTurnOptions): Promise<LlmTurn>;
  /** Why it cannot answer at the moment, for people; nothing is asked of a vendor to find out. */
  problems?(): readonly string[];
}
