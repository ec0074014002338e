/**
 * The keys of the definition of a provider.
 *
 * @module
 */
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
import { SERVABLE, tags } from "../../define/check/shapes.ts";
import type { LlmProviderDefinition } from "./provider.ts";

/** The definition of `llmProvider()`. */
export const LLM_PROVIDER = shape<LlmProviderDefinition>("a provider", {
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
