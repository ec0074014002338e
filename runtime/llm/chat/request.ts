/**
 * What a chat is asked: what its tool declares, what the call brings, and one request of the handler.
 *
 * @module
 */
import type { CallEnvironment } from "../../boundary/host.ts";
import type { ChatMessage } from "../../define/contract.ts";
import type { LlmDefinition, LlmOptions, LlmSettings } from "../../define/llm.ts";
import type { PromptTemplate, Templates } from "./templates.ts";
import type { Toolbox } from "../../define/toolbox.ts";
import type { WantedValue } from "./wanted_value.ts";

/** What is the same for all calls of a tool. */
export interface ToolLlm {
  readonly definition: LlmDefinition;
  /** Who asks, for the provider's log. */
  readonly caller: string;
  /** What the model is told to be. */
  readonly system: PromptTemplate | undefined;
  readonly templates: Templates;
  readonly settings: LlmSettings | undefined;
  /** Whether the tool streams what it does. */
  readonly streams: boolean;
}

/** What one call brings. */
export interface ChatCall {
  /** The tool's own arguments. */
  readonly input: unknown;
  readonly environment: Pick<CallEnvironment, "signal" | "dependencies" | "chunks">;
  readonly toolbox: Toolbox;
}

/** One request of a handler. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly options: LlmOptions;
  readonly wanted: WantedValue | undefined;
  readonly signal: AbortSignal;
  /** When it is given up, by `performance.now()`. */
  readonly until: number;
  readonly streams: boolean;
}
