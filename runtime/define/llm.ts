/**
 * Language models as a tool sees them: what it declares of the one it wants, and the handle its handler
 * gets. A model is a capability like any other: some provider agent owns the key and runs it.
 *
 * @module
 */
import type * as z from "zod";
import type { ContentPart } from "./contract.ts";

/** Which provider agents will do; written as for a dependency. */
export interface LlmSelector {
  /** @default "llm" */
  readonly capability?: string;
  /** `"x"` must have the tag, `"+x"` is preferred, `"-x"` is excluded. */
  readonly tags?: readonly string[];
  /** Semantic version constraint on the provider's tool. */
  readonly version?: string;
}

/** Which tools of the mesh the model may call. */
export type ToolFilter = "*" | string | {
  readonly capability?: string;
  readonly tags?: readonly string[];
  readonly version?: string;
};

/** Which tools the model gets: all that match, one a capability, or every one of the mesh. */
export type ToolFilterMode = "all" | "best_match" | "*";

/** What a tool declares of the language model it wants. */
export interface LlmDefinition {
  /** Which provider; the best one that is well is asked, the next when it fails. */
  readonly provider?: LlmSelector;
  /**
   * Which providers will do when no other does, best first. A registry of the reference knows one
   * selector: it is told that the tags of `provider` are preferred where `{}` is among these, and that
   * they are required where it is not.
   */
  readonly fallback?: readonly LlmSelector[];
  /**
   * What the model is told to be: text, or `file://prompts/x.njk` in the module's folder. Both are
   * nunjucks templates over the tool's own arguments and the call's `context`; a missing file or a bad
   * template stops the agent at its start.
   */
  readonly system?: string;
  /** Tools the model may call. Without any it gets none; it never gets the tool that asks it. */
  readonly tools?: readonly ToolFilter[];
  /** @default "all" */
  readonly toolMode?: ToolFilterMode;
  /**
   * Most turns of the model, tools called in between; one that still wants tools then has failed
   * (`llm_limit`). `MESH_LLM_MAX_ITERATIONS` beats it.
   *
   * @default 10
   */
  readonly maxIterations?: number;
  /** Whether tools of one turn run side by side. @default true */
  readonly parallelToolCalls?: boolean;
  /** Most tokens of an answer. @default the provider's */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  /** A model to ask the provider for, such as `anthropic/claude-opus-4-5`. `MESH_LLM_MODEL` beats it. */
  readonly model?: string;
  /** More for the provider's vendor, as it is. */
  readonly modelParams?: Readonly<Record<string, unknown>>;
  /** Further turns that ask the model to mend an answer that does not fit a schema. @default 1 */
  readonly repairs?: number;
}

/** What beats what is declared (`MESH_LLM_MODEL`, `MESH_LLM_MAX_ITERATIONS`, `MESH_LLM_FILTER_MODE`). */
export interface LlmSettings {
  readonly model: string | undefined;
  readonly maxIterations: number | undefined;
  readonly toolMode: ToolFilterMode | undefined;
}

/** One message of a conversation. */
export interface LlmMessage {
  readonly role: "system" | "user" | "assistant";
  /** Text, or parts as OpenAI's chat completions have them (`text`, `image_url`, `file`). */
  readonly content: string | readonly ContentPart[];
}

/** A picture or a file that goes with a message. */
export type Media =
  /** A URL, `data:` included. */
  | string
  | { readonly data: Uint8Array | string; readonly mimeType: string; readonly name?: string };

/** A tool the model wants to call. */
export interface ModelToolCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** What is to become of a tool call. */
export type Approval = "allow" | { readonly deny: string } | {
  readonly args: Record<string, unknown>;
};

/** Options of one request to the model. */
export interface LlmOptions {
  /** Variables for the system prompt, beside the tool's arguments; they win. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What the model is told to be, instead of what was declared; filled in likewise. */
  readonly system?: string;
  readonly media?: readonly Media[];
  /** Gives it up. @default the call's signal */
  readonly signal?: AbortSignal;
  /** Longest time for the whole request, in milliseconds. */
  readonly timeoutMs?: number;
  readonly maxIterations?: number;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly modelParams?: Readonly<Record<string, unknown>>;
  /**
   * Asked before each tool the model wants to call; what it denies is told to the model. With it, tools
   * run here instead of at the provider.
   */
  readonly onToolCall?: (call: ModelToolCall) => Approval | Promise<Approval>;
}

/** Tokens a request took, over all turns. */
export interface LlmUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Why the model stopped: it was done; `length`, its tokens were used up; `refusal`, it or its vendor
 * would not answer.
 */
export type StopReason = "done" | "length" | "refusal";

/** What a request came to. Nothing of it is shared with another request. */
export interface LlmResult {
  readonly text: string;
  readonly stopReason: StopReason;
  readonly usage: LlmUsage;
  /** The model that answered, as its vendor calls it. */
  readonly model: string;
  /** Turns it took, tools called in between. */
  readonly turns: number;
  /** The agent that ran it. */
  readonly provider: string;
}

/** What a request for a value came to. */
export interface LlmValue<T> extends LlmResult {
  readonly value: T;
  /** Turns it took to mend the answer. */
  readonly repairs: number;
}

/** An answer that is being written. */
export interface LlmStream extends AsyncIterable<string> {
  /** What it came to, once it has been read to its end. */
  readonly result: Promise<LlmResult>;
}

/** What a model is asked: a sentence, or a conversation whose last message is the user's. */
export type Asked = string | readonly LlmMessage[];

/** The language model of a tool. */
export interface Llm {
  /**
   * Asks for text.
   *
   * @throws {MeshError} `dependency_unavailable` without a provider, `llm_upstream` when every provider
   * failed or one answered nothing, `llm_limit` when the model had its turns before it had an answer
   * (with `text`, `turns` and the `tools` it called in `details`), or its tokens before any text of it;
   * `llm_refused` without a text; `timeout`, `cancelled`, `bad_input`. A text that stops early is no
   * failure; see `stopReason`.
   */
  text(asked: Asked, options?: LlmOptions): Promise<LlmResult>;
  /**
   * Asks for a value.
   *
   * @param schema What it must be; the model is told, and asked to mend what does not fit.
   * @throws {MeshError} As `text`; with the answer's text in `details`, `llm_invalid` when it still
   * does not fit, `llm_limit` when tokens or turns were used up before there was a value, `llm_refused`.
   */
  object<S extends z.ZodType>(
    asked: Asked,
    schema: S,
    options?: LlmOptions,
  ): Promise<LlmValue<z.output<S>>>;
  /**
   * Asks for text and yields it as it is written.
   *
   * @throws {MeshError} As `text`, out of the loop.
   */
  stream(asked: Asked, options?: LlmOptions): LlmStream;
  /** The tools the model may call right now, by the names it knows them under. */
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly agent: string;
  }[];
}
