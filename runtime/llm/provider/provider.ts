/**
 * Provider agents: they own the keys of language models and run them for everybody else (design §8).
 * Each has two tools, one that answers at once and one that streams, in the reference's contract.
 *
 * @module
 */
import * as z from "zod";
import { type Agent, agent } from "../../define/agent.ts";
import type { CheckVerdict } from "../../define/health_check.ts";
import { type Environment, readVariables } from "../../base/environment.ts";
import { checkDefinition, named } from "../../define/check/check.ts";
import { MeshError } from "../../base/errors.ts";
import type { HandlerContext } from "../../define/handler_context.ts";
import { type Tool, tool } from "../../define/tool.ts";
import {
  type LlmReply,
  type LlmRequest,
  LlmRequestSchema,
  type ModelParams,
  STREAM_TAG,
  writeFrame,
} from "../../define/contract.ts";
import { endpointVariables, vendorOf } from "../engine/endpoint.ts";
import type { LlmEngine } from "../engine/engine.ts";
import { FailoverEngine } from "../engine/failover_engine.ts";
import { withoutAddress } from "../../define/handed_tools.ts";
import { RECORD, recorded } from "./model_spans.ts";
import type { CodeSpan } from "../../protocol/code_span.ts";
import { type Conversation, converse } from "./loop.ts";
import { TextChannel } from "./text_channel.ts";
import type { Toolbox } from "../../define/toolbox.ts";
import {
  amount,
  list,
  name,
  number,
  object,
  port,
  text,
  times,
  version,
} from "../../define/check/kind.ts";
import { shape } from "../../define/check/shape.ts";
import { SERVABLE } from "../../define/servable.ts";
import { tags } from "../../define/check/lists.ts";

/** The definition of `llmProvider()`. */
const LLM_PROVIDER = shape<LlmProviderDefinition>("a provider", {
  name: SERVABLE.name,
  model: text,
  models: list(text, '["openai/gpt-4o-mini"]'),
  engine: object,
  capability: name,
  tags,
  version,
  description: text,
  port,
  namespace: SERVABLE.namespace,
  maxOutputTokens: amount,
  temperature: number,
  topP: number,
  modelParams: object,
  maxIterations: times,
  toolTimeoutMs: amount,
  baseUrl: text,
  keyVariable: text,
  env: object,
}, { required: ["name"] });

/** What a provider says about itself. */
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
  /** What consumers select it by. */
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

/** What the tools of a provider take. Read more closely when it is here; see `LlmRequestSchema`. */
const ProviderInput = z.object({
  request: z.looseObject({
    messages: z.array(z.looseObject({ role: z.string() })).min(1).meta({
      description: "The conversation, oldest first, as OpenAI's chat completions write it",
      examples: [[{ role: "user", content: "Hello" }]],
    }),
    tools: z.array(z.looseObject({})).nullish().describe(
      "Function tools the model may call; function._mesh_endpoint says where",
    ),
    model_params: z.looseObject({}).nullish().describe(
      "max_tokens, temperature, top_p, stop, output_schema, max_iterations and the like",
    ),
  }),
});

/** The context of a provider's tools: what the caller hands over is lent to them. */
type ProviderContext = HandlerContext & {
  readonly toolbox: Toolbox;
  readonly [RECORD]: (span: CodeSpan) => void;
};

/**
 * Declares a provider agent. Export it as default. Nothing is loaded or asked until it is called; a
 * provider without a key starts, is listed as unhealthy with the reason, and is not chosen.
 *
 * @throws {MeshError} `bad_definition` when no model is named, or an engine beside one.
 *
 * @example
 * ```ts
 * import { llmProvider } from "mesh";
 *
 * export default llmProvider({
 *   name: "openai-provider",
 *   model: "openai/gpt-4o-mini",
 *   tags: ["openai", "gpt"],
 * });
 * ```
 */
export function llmProvider(definition: LlmProviderDefinition): Agent {
  checkDefinition(LLM_PROVIDER, named("llmProvider", definition), definition);
  const { name, port, namespace, description, version = "1.0.0" } = definition;
  const models = modelsOf(definition);
  const engine = definition.engine ?? engineOf(models, definition);
  const vendor = models[0] === undefined ? name.replace(/-provider$/, "") : vendorOf(models[0]);
  const answers = description ?? `Language model${models.map((model) => ` ${model}`).join(",")}`;
  const shared = {
    capability: definition.capability ?? "llm",
    version,
    input: ProviderInput,
    kwargs: { vendor },
  };
  const tags = definition.tags ?? [];

  const buffered = tool({ ...shared, tags, description: answers }, async ({ request }, context) => {
    const read = requestOf(request);
    return replyOf(read, await conversation(read, definition, engine, asProvider(context)));
  });
  const streamed = tool({
    ...shared,
    tags: [...tags, STREAM_TAG],
    description: `${answers}, streamed`,
  }, async function* ({ request }, context) {
    yield* frames(requestOf(request), definition, engine, asProvider(context));
  });

  const toolName = name.replaceAll("-", "_");
  return agent({
    name,
    version,
    description: answers,
    ...(port === undefined ? {} : { port }),
    ...(namespace === undefined ? {} : { namespace }),
    tools: { [toolName]: handed(buffered), [`${toolName}_stream`]: handed(streamed) },
    healthCheck: () => verdict(engine.problems?.() ?? []),
  });
}

function modelsOf({ name, model, models, engine }: LlmProviderDefinition): readonly string[] {
  const named = models ?? (model === undefined ? [] : [model]);
  const isOne = [model, models, engine].filter((given) => given !== undefined).length === 1;
  if (isOne && (engine !== undefined || named.length > 0)) return named;
  throw new MeshError(
    "bad_definition",
    `provider "${name}" needs one of model, models and engine; give the name of a model, ` +
      'such as "openai/gpt-4o-mini"',
  );
}

function engineOf(
  models: readonly string[],
  { env, baseUrl, keyVariable }: LlmProviderDefinition,
): LlmEngine {
  const overrides = { baseUrl, keyVariable };
  const environment = () => env ?? readVariables(endpointVariables(models, overrides));
  return new FailoverEngine({ models, environment, overrides });
}

function verdict(problems: readonly string[]): CheckVerdict {
  return problems.length === 0
    ? { status: "healthy" }
    : { status: "unhealthy", errors: [...problems] };
}

/** A tool that may call what its caller hands over. */
function handed(tool: Tool): Tool {
  return { ...tool, toolbox: "handed" };
}

function asProvider(context: HandlerContext): ProviderContext {
  // Tools with a toolbox get one; see handed().
  return context as ProviderContext;
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
