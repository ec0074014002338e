/**
 * What an agent module says about one of its tools.
 *
 * @module
 */
import { dependencyManifests } from "./dependency_manifest.ts";
import type * as z from "zod";
import { collectionOf, collectionTo, sentSchema } from "./collected.ts";
import { MeshError } from "../base/errors.ts";
import { type JsonSchema, jsonSchema, published } from "./json_schema.ts";
import type { LlmSelector } from "./llm.ts";
import {
  type DependencyManifest,
  LLM,
  type ProviderSelector,
  type ToolManifest,
} from "./manifest.ts";
import type { Tool } from "./tool.ts";

/** Tag of providers that only stream: theirs is another tool of the same agent. */
const STREAMING = "-ai.mcpmesh.stream";

/**
 * Describes one tool.
 *
 * @throws {MeshError} `bad_definition` when a schema has no JSON Schema form.
 */
export function toolManifest(name: string, tool: Tool): ToolManifest {
  const { inputSchema, outputSchema, chunkSchema } = schemasOf(name, tool);
  return {
    key: name,
    name,
    capability: tool.capability ?? name,
    title: tool.title,
    description: tool.description,
    tags: tool.tags,
    version: tool.version,
    inputSchema,
    outputSchema,
    ...(chunkSchema && { chunkSchema }),
    publishedInput: published(inputSchema),
    publishedOutput: outputSchema && published(outputSchema),
    dependencies: [...dependencyManifests(tool.dependencies), ...providerManifest(tool)],
    annotations: tool.annotations,
    ...(tool.verbatim && { listing: tool.verbatim.listing }),
    ...(tool.toolbox && { toolbox: tool.toolbox }),
    ...(tool.promptFile && { promptFile: tool.promptFile }),
    offered: tool.llm?.tools && {
      filter: tool.llm.tools,
      mode: tool.llm.toolMode ?? (tool.llm.tools.includes("*") ? "*" : "all"),
    },
    kwargs: kwargsOf(tool),
  };
}

interface ToolSchemas {
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | undefined;
  readonly chunkSchema?: JsonSchema | undefined;
}

function schemasOf(name: string, { verbatim, input, output, chunk }: Tool): ToolSchemas {
  if (verbatim !== undefined) return verbatim;
  const whole = output ?? (chunk && sentSchema(chunk));
  if (output !== undefined && chunk !== undefined) refuseMismatch(name, output, chunk);
  return {
    inputSchema: jsonSchema(input, "input", `input schema of tool "${name}"`),
    outputSchema: whole && jsonSchema(whole, "output", `output schema of tool "${name}"`),
    chunkSchema: chunk && jsonSchema(chunk, "output", `chunk schema of tool "${name}"`),
  };
}

/** Refuses an output that no collected chunks fit. */
function refuseMismatch(name: string, output: z.ZodType, chunk: z.ZodType): void {
  const form = collectionOf(chunk);
  if (form === undefined || collectionTo(output) === form) return;
  const collected = form === "text" ? "joined to text" : "collected into a list";
  const wanted = form === "text" ? "z.string()" : "z.array(…)";
  throw new MeshError(
    "bad_definition",
    `tool "${name}": its chunks are ${collected}, which "output" does not fit; leave "output" out ` +
      `or make it ${wanted}`,
  );
}

/** The provider of a tool's language model is a dependency like others, but that it comes last. */
function providerManifest({ llm }: Tool): DependencyManifest[] {
  if (llm === undefined) return [];
  const { provider = {}, fallback = [] } = llm;
  return [{
    name: LLM,
    ...selectorOf(provider),
    required: false,
    llm: { fallback: fallback.map(selectorOf) },
  }];
}

function selectorOf({ capability = "llm", tags = [], version }: LlmSelector): ProviderSelector {
  const isNamed = tags.some((tag) => tag.replace(/^[+-]/, "") === STREAMING.slice(1));
  return { capability, tags: isNamed ? tags : [...tags, STREAMING], version };
}

/** Settings of a tool with those that others read off its declaration (registry-protocol §4.6, §7.1). */
function kwargsOf({ kwargs, streams, annotations }: Tool): ToolManifest["kwargs"] {
  const idempotent = annotations?.idempotentHint === true || annotations?.readOnlyHint === true;
  if (!streams && !idempotent) return kwargs;
  return {
    ...(streams ? { stream_type: "text" } : {}),
    ...(idempotent ? { idempotent } : {}),
    ...kwargs,
  };
}
