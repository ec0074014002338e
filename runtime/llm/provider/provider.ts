/**
 * Provider agents: they own the keys of language models and run them for everybody else (design §8).
 * Each has two tools, one that answers at once and one that streams, in the reference's contract.
 *
 * @module
 */
import * as z from "zod";
import { type Agent, agent } from "../../define/agent.ts";
import type { CheckVerdict } from "../../define/health_check.ts";
import { checkDefinition, named } from "../../define/check/check.ts";
import { MeshError } from "../../base/errors.ts";
import type { HandlerContext } from "../../define/handler_context.ts";
import { type Tool, tool } from "../../define/tool.ts";
import { STREAM_TAG } from "../../define/stream_tag.ts";
import { vendorOf } from "../engine/endpoint.ts";
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
import type { LlmProviderDefinition } from "./provider_definition.ts";
import type { LoadedProvider, ProviderContext } from "./loaded_provider.ts";
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

/** What the tools of a provider take. Read more closely when it is here; see `LlmRequestSchema`. */
const providerInput = () =>
  z.object({
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
  let loading: Promise<LoadedProvider> | undefined;
  // Every agent loads this module, and few are providers.
  const loaded = () =>
    loading ??= import("./loaded_provider.ts")
      .then(({ loadedProvider }) => loadedProvider(definition, models));
  const vendor = models[0] === undefined ? name.replace(/-provider$/, "") : vendorOf(models[0]);
  const answers = description ?? `Language model${models.map((model) => ` ${model}`).join(",")}`;
  const shared = {
    capability: definition.capability ?? "llm",
    version,
    input: providerInput(),
    kwargs: { vendor },
  };
  const tags = definition.tags ?? [];

  const buffered = tool(
    { ...shared, tags, description: answers },
    async ({ request }, context) => await (await loaded()).answer(request, asProvider(context)),
  );
  const streamed = tool({
    ...shared,
    tags: [...tags, STREAM_TAG],
    description: `${answers}, streamed`,
  }, async function* ({ request }, context) {
    yield* (await loaded()).stream(request, asProvider(context));
  });

  const toolName = name.replaceAll("-", "_");
  return agent({
    name,
    version,
    description: answers,
    ...(port === undefined ? {} : { port }),
    ...(namespace === undefined ? {} : { namespace }),
    tools: { [toolName]: handed(buffered), [`${toolName}_stream`]: handed(streamed) },
    healthCheck: async () => verdict((await loaded()).problems()),
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
