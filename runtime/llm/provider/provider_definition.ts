/**
 * The definition of a provider agent.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import type { LlmEngine } from "../engine/engine.ts";

/** Options for `llmProvider`. */
export interface LlmProviderDefinition {
  /** Name of the agent; its tools are called `name` and `name_stream`, hyphens as underscores. */
  readonly name: string;
  /** LiteLLM name of the model, such as `openai/gpt-4o-mini`. */
  readonly model?: string;
  /** LiteLLM names of several models, best first: the next one answers when one fails. */
  readonly models?: readonly string[];
  /** Answers instead of a model; then neither `model` nor `models` is given. */
  readonly engine?: LlmEngine;
  /** @default "llm" */
  readonly capability?: string;
  /** Tags that consumers select it by. */
  readonly tags?: readonly string[];
  /** Of the agent and its tools. @default "1.0.0" */
  readonly version?: string;
  readonly description?: string;
  /** As of any agent. */
  readonly port?: number;
  /** As of any agent. */
  readonly namespace?: string;
  /** Most tokens of an answer, unless the request says otherwise. @default the vendor's */
  readonly maxOutputTokens?: number;
  /** Unless the request says otherwise. @default the vendor's */
  readonly temperature?: number;
  /** Unless the request says otherwise. @default the vendor's */
  readonly topP?: number;
  /** Further parameters for the vendor, such as `reasoning_effort`, unless the request has them. */
  readonly modelParams?: Readonly<Record<string, unknown>>;
  /** Most turns of a conversation, unless the request says otherwise. @default 10 */
  readonly maxIterations?: number;
  /** Longest time one tool may take, in milliseconds. @default 60 000 */
  readonly toolTimeoutMs?: number;
  /** Base URL of an OpenAI-compatible endpoint, instead of the vendor's. */
  readonly baseUrl?: string;
  /** Environment variable that holds the key, instead of the vendor's. */
  readonly keyVariable?: string;
  /** Environment variables to use instead of the process's. */
  readonly env?: Environment;
}
