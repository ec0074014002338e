/**
 * What an agent tells the registry of itself, made from its manifest.
 *
 * @module
 */
import type { ToolFilterMode } from "../define/llm.ts";
import type { AgentManifest, DependencyManifest, ToolManifest } from "../define/manifest.ts";
import type { RegistrationInput } from "../protocol/registration.ts";

/** What the registration needs to know beyond the manifest. */
export interface RegistrationAddress {
  readonly agentId: string;
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly runtime: string;
  /** Beats what tools declare; see `LlmSettings`. */
  readonly toolMode?: ToolFilterMode | undefined;
}

/** The body of `POST /heartbeat` for an agent at an address. */
export function registration(
  manifest: AgentManifest,
  address: RegistrationAddress,
): RegistrationInput {
  return {
    agent_id: address.agentId,
    agent_type: manifest.type,
    name: address.name,
    version: manifest.version,
    description: manifest.description,
    http_host: address.host,
    http_port: address.port,
    namespace: address.namespace,
    runtime: address.runtime,
    tools: [
      ...manifest.tools.map((tool) => ({
        function_name: tool.name,
        capability: tool.capability,
        version: tool.version,
        tags: [...tool.tags],
        description: tool.description,
        ...(tool.title === undefined ? {} : { title: tool.title }),
        ...(tool.annotations === undefined ? {} : { annotations: { ...tool.annotations } }),
        ...schemaFields(tool),
        dependencies: tool.dependencies.filter(({ llm }) => !llm).map(dependencyEntry),
        ...llmFields(tool, address),
        ...(tool.kwargs === undefined ? {} : { kwargs: { ...tool.kwargs } }),
      })),
      // The registry wires tools only: what else has dependencies is an entry without a capability,
      // which offers nothing and is listed by no registry, as the reference's routes are.
      ...[...manifest.prompts, ...manifest.resources, ...manifest.routes].filter((
        { dependencies },
      ) => dependencies.length > 0).map((operation) => ({
        function_name: operation.key,
        capability: "",
        description: operation.description,
        dependencies: operation.dependencies.map(dependencyEntry),
      })),
    ],
  };
}

function llmFields({ dependencies, offered }: ToolManifest, address: RegistrationAddress) {
  const { runtime, toolMode = offered?.mode } = address;
  const provider = dependencies.find(({ llm }) => llm);
  return {
    ...(offered && {
      llm_filter: { filter: [...offered.filter], filter_mode: toolMode },
    }),
    ...(provider && {
      llm_provider: runtime === OWN_RUNTIME ? wholeSelector(provider) : soleSelector(provider),
    }),
  };
}

/** What agents of this runtime tell a registry of this project; others read what the reference has. */
const OWN_RUNTIME = "deno";

function wholeSelector(provider: DependencyManifest) {
  const { fallback = [] } = provider.llm ?? {};
  return {
    ...providerEntry(provider),
    ...(fallback.length > 0 && { fallback: fallback.map(providerEntry) }),
  };
}

/**
 * A provider and what will do instead as the one selector that the reference's registry knows: where
 * anything will do in the end, the tags are preferred instead of required.
 */
function soleSelector(provider: DependencyManifest) {
  const entry = providerEntry(provider);
  const anything = provider.llm?.fallback.map(providerEntry).find(({ capability, tags, version }) =>
    capability === entry.capability && version === undefined && tags.every(isExclusion)
  );
  if (anything === undefined) return entry;
  const preferred = entry.tags.filter((tag) => !isExclusion(tag)).map((tag) =>
    tag.startsWith("+") ? tag : `+${tag}`
  );
  return { ...anything, tags: [...preferred, ...anything.tags] };
}

function isExclusion(tag: string): boolean {
  return tag.startsWith("-");
}

function providerEntry(
  { capability, tags, version }: Pick<DependencyManifest, "capability" | "tags" | "version">,
) {
  return {
    capability,
    // Made by selectorOf(), which knows no groups of tags.
    tags: tags.filter((tag) => typeof tag === "string"),
    ...(version === undefined ? {} : { version }),
  };
}

function dependencyEntry({ capability, tags, version, required, match }: DependencyManifest) {
  return {
    capability,
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(version === undefined ? {} : { version }),
    ...(required ? { required: true } : {}),
    ...(match && {
      matchMode: match.mode,
      expectedSchema: match.schema,
      expectedSchemaCanonical: match.expected.canonical,
      expectedSchemaHash: match.expected.hash,
    }),
  };
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
