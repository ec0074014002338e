/**
 * The part of a provider agent that runs models. It is loaded when somebody asks.
 *
 * @module
 */
import { readVariables } from "../../base/environment.ts";
import { MeshError } from "../../base/errors.ts";
import type { HandlerContext } from "../../define/handler_context.ts";
import {
  type LlmReply,
  type LlmRequest,
  LlmRequestSchema,
  type ModelParams,
  writeFrame,
} from "../../define/contract.ts";
import { endpointVariables } from "../engine/endpoint.ts";
import type { LlmEngine } from "../engine/engine.ts";
import { FailoverEngine } from "../engine/failover_engine.ts";
import { withoutAddress } from "../../define/handed_tools.ts";
import { RECORD, recorded } from "./model_spans.ts";
import type { CodeSpan } from "../../protocol/code_span.ts";
import { type Conversation, converse } from "./loop.ts";
import type { LlmProviderDefinition } from "./provider_definition.ts";
import { TextChannel } from "./text_channel.ts";
import type { Toolbox } from "../../define/toolbox.ts";

/** The context of a provider's tools: what the caller hands over is lent to them. */
export type ProviderContext = HandlerContext & {
  readonly toolbox: Toolbox;
  readonly [RECORD]: (span: CodeSpan) => void;
};

/** A provider that can answer. */
export interface LoadedProvider {
  /** Answers at once. */
  answer(request: unknown, context: ProviderContext): Promise<LlmReply>;
  /** Answers in frames. */
  stream(request: unknown, context: ProviderContext): AsyncGenerator<string, void>;
  /** Why it cannot answer at the moment, for people. */
  problems(): readonly string[];
}

/**
 * Makes a provider ready to answer.
 *
 * @param models Its models, best first.
 */
export function loadedProvider(
  definition: LlmProviderDefinition,
  models: readonly string[],
): LoadedProvider {
  const engine = definition.engine ?? engineOf(models, definition);
  return {
    async answer(request, context) {
      const read = requestOf(request);
      return replyOf(read, await conversation(read, definition, engine, context));
    },
    stream: (request, context) => frames(requestOf(request), definition, engine, context),
    problems: () => engine.problems?.() ?? [],
  };
}

function engineOf(
  models: readonly string[],
  { env, baseUrl, keyVariable }: LlmProviderDefinition,
): LlmEngine {
  const overrides = { baseUrl, keyVariable };
  const environment = () => env ?? readVariables(endpointVariables(models, overrides));
  return new FailoverEngine({ models, environment, overrides });
}

function requestOf(request: unknown): LlmRequest {
  const { success, data, error } = LlmRequestSchema.safeParse(request);
  if (success) return data;
  const [issue] = error.issues;
  throw new MeshError(
    "bad_input",
    `request.${issue?.path.join(".")}: ${issue?.message}; send messages of {role, content}`,
  );
}

async function conversation(
  { messages, tools, model_params }: LlmRequest,
  definition: LlmProviderDefinition,
  engine: LlmEngine,
  context: ProviderContext,
  stream: {
    readonly signal?: AbortSignal;
    readonly onText?: (text: string) => Promise<void>;
  } = {},
): Promise<Conversation> {
  const { maxIterations = 10, toolTimeoutMs = 60_000 } = definition;
  const { toolbox, log } = context;
  const signal = stream.signal ?? context.signal;
  return await converse({
    messages,
    tools: tools.map(withoutAddress),
    params: withDefaults(model_params, definition),
  }, {
    engine: recorded(engine, context[RECORD]),
    maxIterations: model_params.max_iterations ?? maxIterations,
    toolOf(name) {
      const tool = toolbox.get(name);
      return tool && ((args) => tool.call(args, { signal, timeoutMs: toolTimeoutMs, exact: true }));
    },
    signal,
    log,
    onText: stream.onText,
  });
}

function withDefaults(params: ModelParams, definition: LlmProviderDefinition): ModelParams {
  const { maxOutputTokens, temperature, topP, modelParams } = definition;
  return {
    ...modelParams,
    ...params,
    max_tokens: params.max_tokens ?? maxOutputTokens,
    temperature: params.temperature ?? temperature,
    top_p: params.top_p ?? topP,
  };
}

function replyOf({ model_params }: LlmRequest, conversation: Conversation): LlmReply {
  const { text, finishReason, toolCalls, turns, added } = conversation;
  const mayGoOn = toolCalls.length > 0 || model_params.output_schema !== undefined;
  return {
    role: "assistant",
    content: text,
    ...(toolCalls.length === 0 ? {} : { tool_calls: [...toolCalls] }),
    _mesh_usage: usageOf(conversation),
    ...(finishReason === "max_iterations" ? { _mesh_stop_reason: finishReason } : {}),
    _mesh_finish_reason: finishReason,
    _mesh_turns: [...turns],
    ...(mayGoOn && added.length > 0 ? { _mesh_messages: messagesOf(conversation) } : {}),
  };
}

async function* frames(
  request: LlmRequest,
  definition: LlmProviderDefinition,
  engine: LlmEngine,
  context: ProviderContext,
): AsyncGenerator<string, void> {
  const left = new AbortController();
  const signal = AbortSignal.any([context.signal, left.signal]);
  const channel = new TextChannel();
  const onText = (text: string) => channel.write(text);
  const whole = conversation(request, definition, engine, context, { signal, onText })
    .finally(() => channel.close());
  // It is awaited below; until then its failure is nobody's.
  whole.catch(() => {});
  try {
    for await (const content of channel.read()) yield writeFrame({ _mesh_frame: "chunk", content });
    yield writeFrame(endFrame(request, await whole));
  } finally {
    // A reader that leaves wants no more of it; one that read to the end is not affected.
    left.abort(new MeshError("cancelled", "nobody reads the answer any more"));
    channel.close();
    await whole.catch(() => {});
  }
}

function endFrame(request: LlmRequest, conversation: Conversation) {
  const reply = replyOf(request, conversation);
  return {
    _mesh_frame: "end" as const,
    stop_reason: reply._mesh_stop_reason,
    usage: reply._mesh_usage,
    finish_reason: reply._mesh_finish_reason,
    turns: reply._mesh_turns,
    tool_calls: reply.tool_calls,
    messages: reply._mesh_messages,
  };
}

function usageOf({ usage, model }: Conversation) {
  return { ...usage, model };
}

function messagesOf({ added }: Conversation): NonNullable<LlmReply["_mesh_messages"]> {
  return LlmRequestSchema.shape.messages.parse(added);
}
