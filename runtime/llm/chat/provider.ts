/**
 * The provider of a chat: one request over its port, answered at once or in frames.
 *
 * @module
 */
import { isMeshError, MeshError, type MeshErrorCode } from "../../base/errors.ts";
import { chunksOf, type OnChunk } from "../../base/chunks.ts";
import type { DependencyPort } from "../../boundary/host.ts";
import { sendable } from "../../boundary/sendable.ts";
import { either } from "../../base/within.ts";
import { LLM } from "../../define/manifest.ts";
import { textOf } from "./answer.ts";
import { readReply, type Reply, ReplyReader } from "./reply.ts";
import type { ChatCall, ChatRequest, ToolLlm } from "./request.ts";
import type { ChatMessage } from "../../define/contract.ts";
import { writeHandedTools } from "../../define/handed_tools.ts";

/** The port of a language model answers with who answered. */
interface LlmAnswer {
  readonly provider: string;
  readonly value: unknown;
}

/** Nobody could be reached, which to the caller is one with a vendor that could not be. */
const OUT_OF_REACH: ReadonlySet<MeshErrorCode> = new Set([
  "unreachable",
  "interrupted",
  "overloaded",
]);

/** Whoever answers the requests of one call. */
export class ChatProvider {
  readonly #llm: ToolLlm;
  readonly #call: ChatCall;

  constructor(llm: ToolLlm, call: ChatCall) {
    this.#llm = llm;
    this.#call = call;
  }

  /**
   * Asks it once; yields text as it comes if that is asked for.
   *
   * @param iterations Turns it may take.
   * @throws {MeshError} `dependency_unavailable` when there is none, `llm_upstream` when it cannot be
   * reached, or whatever it says.
   */
  async *ask(
    request: ChatRequest,
    messages: readonly ChatMessage[],
    iterations: number,
  ): AsyncGenerator<string, { readonly reply: Reply; readonly provider: string }> {
    const { streams, signal, until } = request;
    const port = this.#port();
    const asked = await sendable({
      method: "tools/call",
      args: { request: this.#wireRequest(request, messages, iterations) },
      twin: streams,
    }, "the language model");
    const call = async (signal: AbortSignal, onChunk?: OnChunk) => {
      const remainingMs = until - performance.now();
      // The port of a language model answers so.
      return await port.call(asked, {
        signal,
        ...(until === Infinity ? {} : { timeoutMs: Math.max(remainingMs, 1) }),
        ...(onChunk && { onChunk }),
      }) as LlmAnswer;
    };
    try {
      if (!streams) return replyOf(await call(signal));
      const reader = new ReplyReader();
      let answer: LlmAnswer | undefined;
      let inFrames = false;
      const chunks = chunksOf(async (onChunk, left) => {
        answer = await call(either(signal, left), async (chunk) => {
          inFrames = true;
          await onChunk(chunk);
        });
        // Nothing for the reader: `answer` is read below.
        return "";
      });
      for await (const chunk of chunks) {
        const text = reader.read(chunk);
        if (text !== "") yield text;
      }
      if (answer === undefined) throw new MeshError("protocol", "the provider answered nothing");
      if (inFrames) return { reply: reader.reply, provider: answer.provider };
      // A provider that does not stream.
      const { reply, provider } = replyOf(answer);
      if (textOf(reply.content) !== "") yield textOf(reply.content);
      return { reply, provider };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #port(): DependencyPort {
    const port = this.#call.environment.dependencies.get(LLM);
    if (port !== undefined) return port;
    const { provider = {}, fallback = [] } = this.#llm.definition;
    const wanted = [provider, ...fallback].map(({ capability = "llm", tags = [] }) =>
      [capability, ...tags].join(" ")
    );
    throw new MeshError(
      "dependency_unavailable",
      `${this.#llm.caller} needs a language model (${wanted.join(", or ")}) and no healthy agent ` +
        "offers one; start a provider",
      { details: { capability: provider.capability ?? "llm", dependency: LLM } },
    );
  }

  #wireRequest(
    { options, wanted }: ChatRequest,
    messages: readonly ChatMessage[],
    iterations: number,
  ): Record<string, unknown> {
    const { definition, settings, caller } = this.#llm;
    const params = {
      ...definition.modelParams,
      ...options.modelParams,
      model: settings?.model ?? definition.model,
      max_tokens: options.maxOutputTokens ?? definition.maxOutputTokens,
      temperature: options.temperature ?? definition.temperature,
      top_p: definition.topP,
      stop: definition.stop,
      parallel_tool_calls: definition.parallelToolCalls ?? true,
      max_iterations: iterations,
      ...(wanted && { output_schema: wanted.schema, output_type_name: wanted.name }),
    };
    return {
      messages,
      tools: writeHandedTools(this.#call.toolbox, options.onToolCall !== undefined),
      model_params: withoutUndefined(params),
      request_id: crypto.randomUUID(),
      caller_agent: caller,
    };
  }

  /** What a failed provider is to the handler. */
  #failure(error: unknown): unknown {
    if (!isMeshError(error) || error.dependency !== undefined) return error;
    if (error.code === "dependency_unavailable") return error;
    const code = OUT_OF_REACH.has(error.code) ? "llm_upstream" : error.code;
    return new MeshError(code, `llm: ${error.message}`, {
      cause: error,
      details: error.details,
      dependency: LLM,
      nothingRan: error.nothingRan,
    });
  }
}

function replyOf({ provider, value }: LlmAnswer) {
  return { reply: readReply(value), provider };
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
