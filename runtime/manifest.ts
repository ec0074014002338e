/**
 * The manifest: what an agent module says about itself, as plain JSON. It is all the trusted side
 * knows of an agent whose code runs in a sandbox.
 *
 * @module
 */
import { z } from "zod";
import type { DependencyDefinition, MatchMode } from "./dependency.ts";
import type { RegistrationInput } from "./protocol/registration.ts";
import { type PublishedSchema, publishedSchema } from "./protocol/schema/hash.ts";
import { portableSchema } from "./protocol/schema/portable.ts";
import { errorText, MeshError } from "./errors.ts";
import type { Tool } from "./tool.ts";

/** JSON Schema as it goes over the wire. */
export type JsonSchema = Record<string, unknown>;

/** One declared dependency, with the name its handler knows it under. */
export interface DependencyManifest {
  readonly name: string;
  readonly capability: string;
  readonly tags: readonly (string | readonly string[])[];
  readonly version: string | undefined;
  readonly required: boolean;
  /** How the provider's declared output must fit, and what; absent when any output will do. */
  readonly match?: { readonly mode: MatchMode; readonly expected: PublishedSchema };
}

/** One tool. */
export interface ToolManifest {
  readonly name: string;
  readonly capability: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | undefined;
  /** The input schema as agents of other languages compare it. */
  readonly publishedInput: PublishedSchema;
  /** The schema of the value itself, not of the object MCP may wrap it in. */
  readonly publishedOutput: PublishedSchema | undefined;
  readonly dependencies: readonly DependencyManifest[];
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
}

/** One agent. */
export interface AgentManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly namespace: string | undefined;
  readonly port: number | undefined;
  readonly tools: readonly ToolManifest[];
  readonly healthCheck: boolean;
  readonly startupCheck: boolean;
}

/**
 * Describes one tool.
 *
 * @throws {MeshError} `bad_definition` when a schema has no JSON Schema form.
 */
export function toolManifest(name: string, tool: Tool): ToolManifest {
  const inputSchema = jsonSchema(tool.input, "input", `input schema of tool "${name}"`);
  const outputSchema = tool.output === undefined
    ? undefined
    : jsonSchema(tool.output, "output", `output schema of tool "${name}"`);
  return {
    name,
    capability: tool.capability ?? name,
    description: tool.description,
    tags: tool.tags,
    version: tool.version,
    inputSchema,
    outputSchema,
    publishedInput: published(inputSchema),
    publishedOutput: outputSchema && published(outputSchema),
    dependencies: Object.entries(tool.dependencies).map(([key, dependency]) => ({
      name: key,
      capability: dependency.capability,
      tags: dependency.tags ?? [],
      version: dependency.version,
      required: dependency.required ?? false,
      ...expectation(key, dependency),
    })),
    kwargs: tool.kwargs,
  };
}

/**
 * What a dependency expects of its provider. For `strict` it is the form a provider that declares
 * the same type publishes; for `subset` only what reading the answer needs, so that a field with a
 * default is not asked for.
 */
function expectation(
  key: string,
  { output, matchMode: mode }: DependencyDefinition,
): Pick<DependencyManifest, "match"> {
  if (mode === undefined || output === undefined) return {};
  const io = mode === "strict" ? "output" : "input";
  const expected = published(jsonSchema(output, io, `output schema of dependency "${key}"`));
  return { match: { mode, expected } };
}

function published(schema: JsonSchema): PublishedSchema {
  return publishedSchema(portableSchema(schema));
}

function schemaFields(tool: ToolManifest) {
  const { publishedInput, publishedOutput } = tool;
  const warnings = [
    ...publishedInput.warnings.map((warning) => `input: ${warning}`),
    ...(publishedOutput?.warnings ?? []).map((warning) => `output: ${warning}`),
  ];
  return {
    inputSchema: tool.inputSchema,
    inputSchemaCanonical: publishedInput.canonical,
    inputSchemaHash: publishedInput.hash,
    ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
    ...(publishedOutput && {
      outputSchemaCanonical: publishedOutput.canonical,
      outputSchemaHash: publishedOutput.hash,
    }),
    ...(warnings.length > 0 && { schemaWarnings: warnings }),
  };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output", what: string): JsonSchema {
  try {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
    return rest;
  } catch (cause) {
    throw new MeshError(
      "bad_definition",
      `the ${what} has no JSON Schema form: ${errorText(cause)}`,
      { cause },
    );
  }
}

/** What the registration needs to know beyond the manifest. */
export interface RegistrationAddress {
  readonly agentId: string;
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly runtime: string;
}

/** The body of `POST /heartbeat` for an agent at an address. */
export function registration(
  manifest: AgentManifest,
  address: RegistrationAddress,
): RegistrationInput {
  return {
    agent_id: address.agentId,
    agent_type: "mcp_agent",
    name: address.name,
    version: manifest.version,
    description: manifest.description,
    http_host: address.host,
    http_port: address.port,
    namespace: address.namespace,
    runtime: address.runtime,
    tools: manifest.tools.map((tool) => ({
      function_name: tool.name,
      capability: tool.capability,
      version: tool.version,
      tags: [...tool.tags],
      description: tool.description,
      ...schemaFields(tool),
      dependencies: tool.dependencies.map((dependency) => ({
        capability: dependency.capability,
        ...(dependency.tags.length === 0 ? {} : { tags: [...dependency.tags] }),
        ...(dependency.version === undefined ? {} : { version: dependency.version }),
        ...(dependency.required ? { required: true } : {}),
        ...(dependency.match && {
          matchMode: dependency.match.mode,
          expectedSchemaCanonical: dependency.match.expected.canonical,
          expectedSchemaHash: dependency.match.expected.hash,
        }),
      })),
      ...(tool.kwargs === undefined ? {} : { kwargs: { ...tool.kwargs } }),
    })),
  };
}
