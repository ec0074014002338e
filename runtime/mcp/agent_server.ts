/**
 * What the MCP face of an agent and the agent say to each other.
 *
 * @module
 */
import { UriTemplate } from "@modelcontextprotocol/server";
import type { CompletionRequest } from "../define/completion.ts";
import type { McpClient } from "../define/handler_context.ts";
import type { ChunkUse } from "../boundary/host.ts";
import type { LogLevel } from "../base/log.ts";
import type { AgentManifest, ResourceManifest, ToolManifest } from "../define/manifest.ts";
import { listedInput, listedOutput } from "../protocol/schema/listed.ts";
import type { Outcome } from "../boundary/result.ts";

/** One inbound call. */
export interface InboundCall {
  /** The operation of the manifest that is called. */
  readonly key: string;
  readonly args: Record<string, unknown>;
  readonly headers: Headers;
  /** Fires when the caller went away. */
  readonly signal: AbortSignal;
  /** Who calls, if it introduced itself. */
  readonly client: McpClient | undefined;
  /** What it answered to earlier questions of this call, by key. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** What it takes of a stream. */
  readonly chunks: ChunkUse;
  /** Whether its time is up only until the first chunk: what it streams may go on for ever. */
  readonly streamsOn?: boolean;
  /** Passes a chunk on; does nothing when the caller did not ask for a stream. */
  emit(chunk: unknown): Promise<void>;
  progress(progress: number, total?: number, message?: string): void;
  /** Gets the lines the handler logs, where the caller wants them. */
  readonly log?: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
}

/** What the MCP face needs of an agent. */
export interface AgentServer {
  readonly manifest: AgentManifest;
  /**
   * Runs a call.
   *
   * @throws {MeshError} `not_found` for an operation that does not exist; whatever else fails becomes
   * an error result.
   */
  call(call: InboundCall): Promise<Outcome>;
  /**
   * Suggests values for an argument.
   *
   * @param key The prompt or resource it is of.
   * @throws {MeshError} What the agent's code failed with.
   */
  complete(key: string, request: CompletionRequest): Promise<readonly string[]>;
}

/** Which of an agent's lists have changed. */
export interface ListChanges {
  readonly tools: boolean;
  readonly prompts: boolean;
  readonly resources: boolean;
}

/** Serves MCP over HTTP. */
export interface McpServer {
  /** @param body The body of the request where it has been read; its numbers may be carried as text. */
  fetch(request: Request, body?: unknown): Promise<Response>;
  /** Tells subscribed clients which of the agent's lists have changed. */
  listsChanged(changed: ListChanges): void;
  /** Tells subscribed clients that what is under a URI has changed. */
  resourceUpdated(uri: string): void;
  close(): Promise<void>;
}

/** Largest request body, in bytes. */
export const LARGEST_BODY = 4 * 1024 * 1024;

/** What an agent's lists show, as MCP writes it. */
export interface Listings {
  readonly tools: readonly ListedTool[];
  readonly prompts: readonly Record<string, unknown>[];
  readonly resources: readonly Record<string, unknown>[];
  readonly resourceTemplates: readonly Record<string, unknown>[];
}

/** The lists of an agent as they were last seen, to tell which have changed. */
export class Listed {
  #texts: { readonly [K in keyof ListChanges]: string };

  constructor(manifest: AgentManifest) {
    this.#texts = listTexts(manifest);
  }

  /** Which lists differ from those seen before; they are seen then. */
  take(manifest: AgentManifest): ListChanges {
    const before = this.#texts;
    const now = listTexts(manifest);
    this.#texts = now;
    return {
      tools: before.tools !== now.tools,
      prompts: before.prompts !== now.prompts,
      resources: before.resources !== now.resources,
    };
  }
}

function listTexts(manifest: AgentManifest) {
  const { tools, prompts, resources, resourceTemplates } = listings(manifest);
  return {
    tools: JSON.stringify(tools),
    prompts: JSON.stringify(prompts),
    resources: JSON.stringify([resources, resourceTemplates]),
  };
}

/** A tool as `tools/list` shows it. */
export type ListedTool = ReturnType<typeof listedTool>;

/** The lists of an agent. */
export function listings({ tools, prompts, resources }: AgentManifest): Listings {
  return {
    tools: tools.map(listedTool),
    prompts: prompts.map(({ name, title, description, arguments: args }) => ({
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === "" ? {} : { description }),
      ...(args.length === 0 ? {} : { arguments: args }),
    })),
    resources: resources.filter(({ isTemplate }) => !isTemplate).map((resource) => ({
      uri: resource.uri,
      ...listedResource(resource),
    })),
    resourceTemplates: resources.filter(({ isTemplate }) => isTemplate).map((resource) => ({
      uriTemplate: resource.uri,
      ...listedResource(resource),
    })),
  };
}

function listedResource({ name, title, description, mimeType }: ResourceManifest) {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === "" ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}

function listedTool(tool: ToolManifest) {
  const { title, annotations, listing } = tool;
  const output = tool.outputSchema && listedOutput(tool.outputSchema).schema;
  return {
    ...listing,
    name: tool.name,
    ...(title === undefined ? {} : { title }),
    description: tool.description,
    inputSchema: listedInput(tool.inputSchema),
    ...(output === undefined ? {} : { outputSchema: output }),
    ...(annotations === undefined ? {} : { annotations }),
    _meta: {
      ...(listing?.["_meta"] as Record<string, unknown> | undefined),
      "mesh/capability": tool.capability,
      "mesh/version": tool.version,
      "mesh/tags": tool.tags,
      ...(tool.chunkSchema && { "mesh/chunk": tool.chunkSchema }),
    },
  };
}

/**
 * The operation that reads a URI, and its arguments; `undefined` when the agent has none. A resource
 * with exactly this URI goes before templates that match it.
 */
export function resourceOf(
  { resources }: AgentManifest,
  uri: string,
): { readonly key: string; readonly args: Record<string, unknown> } | undefined {
  const exact = resources.find((resource) => !resource.isTemplate && resource.uri === uri);
  if (exact !== undefined) return { key: exact.key, args: { uri } };
  for (const { key, isTemplate, uri: template } of resources) {
    const variables = isTemplate ? new UriTemplate(template).match(uri) : null;
    if (variables === null) continue;
    const values = Object.entries(variables).map(([name, value]) => [name, decoded(value)]);
    return { key, args: { ...Object.fromEntries(values), uri } };
  }
  return undefined;
}

/** A variable as it was before it was percent-encoded; what no encoding could have made stays. */
function decoded(value: string | string[]): string {
  const text = Array.isArray(value) ? value.join(",") : value;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
