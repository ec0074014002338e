/**
 * What the registry keeps of a registration, and how a registration changes it. Pure.
 *
 * Fields present in a message are taken; absent ones keep their value, and so do an empty
 * `http_host`, port 0 and an empty `version` (agents send these when they do not know). Tools are
 * replaced as a whole. Names are checked when an agent first appears, as the reference does.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { MESH_NAME } from "../../runtime/base/mesh_name.ts";
import type { Registration, Surface, Tool } from "../../runtime/protocol/registration.ts";
import { TOOL_TEXT_MAX } from "../../runtime/protocol/tool_text.ts";
import { urlHost } from "../../runtime/base/host_text.ts";
import { cleaned, cleanedLine, hasControls, quoted } from "../base/plain_text.ts";

/** An agent's registration as stored. */
export interface AgentRecord {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly agentType: string;
  readonly runtime: string;
  readonly version: string;
  readonly description: string;
  /** Empty when the agent has no HTTP endpoint. */
  readonly host: string;
  /** 0 when the agent has no HTTP endpoint. */
  readonly port: number;
  readonly a2aProducer: boolean;
  readonly a2aConsumer: boolean;
  readonly surfaces: readonly Surface[];
  /**
   * In declared order; those without a function name are left out. Routes of gateways and of A2A
   * consumers have dependencies and no capability, which they say with an empty one.
   */
  readonly tools: readonly Tool[];
  /** First registration, milliseconds since the epoch. */
  readonly createdAt: number;
  /** Its address was registered from another machine, and is looked at again before it is called. */
  readonly isRemote?: true;
  /** Digest of the token that holds its id; absent when nobody does. */
  readonly holder?: string;
}

/** Who registers an agent. */
export interface Registrant {
  /** Whether it is on another machine. @default false */
  readonly isRemote?: boolean;
  /** Digest of the token that is to hold the id. @default nobody holds it */
  readonly holder?: string | undefined;
}

/** A registration taken over, or why it is refused (told to the agent with HTTP 200). */
export type Acceptance =
  | { readonly record: AgentRecord; readonly warnings: readonly string[] }
  | { readonly refused: string };

/** Longest id an agent may have, in characters. */
export const ID_MAX = 253;

/** Longest name, namespace and version, in characters; events carry them in one value each. */
const TEXT_MAX = 255;

/** Most dependencies of one agent, with the entries of filters and fallbacks of language models. */
export const DEPENDENCIES_MAX = 1_000;

/** Most tags of one tool, or of one dependency. */
export const TAGS_MAX = 256;

/** Longest description kept, in code points. */
export const DESCRIPTION_MAX = 256;

const AGENT_TYPES = ["mcp_agent", "api", "a2a", "mesh_tool", "decorator_agent"];
const RUNTIMES = ["python", "typescript", "java", "deno"];

/**
 * The record a registration leads to.
 *
 * @param previous What is stored of this agent, if anything.
 * @param message The registration; `agent_id` is not empty.
 * @param now Milliseconds since the epoch.
 */
export function acceptRegistration(
  previous: AgentRecord | undefined,
  message: Registration,
  now: number,
  registrant: Registrant = {},
): Acceptance {
  const id = message.agent_id;
  const name = message.name || previous?.name || id;
  const namespace = message.namespace || previous?.namespace || "default";
  const agentType = message.agent_type || previous?.agentType || "mcp_agent";
  const runtime = message.runtime || previous?.runtime || "python";
  const version = message.version || previous?.version || "";
  const refused = (previous === undefined ? unfitName(id, name, namespace) : undefined) ??
    tooLong({ name, namespace, version }) ??
    controlled({ name, namespace }) ??
    unknownValue("agent_type", agentType, AGENT_TYPES) ??
    unknownValue("runtime", runtime, RUNTIMES) ??
    unfitTools(message.tools) ?? unfitSurfaces(message.surfaces ?? []);
  if (refused !== undefined) return { refused };

  const warnings: string[] = [];
  const described = message.description ?? previous?.description ?? "";
  return {
    warnings,
    record: {
      id,
      name,
      namespace,
      agentType,
      runtime,
      version: cleanedLine(version),
      description: shortened(cleaned(described), warnings),
      ...addressIn(message, previous),
      a2aProducer: message.a2a_producer ?? previous?.a2aProducer ?? false,
      a2aConsumer: message.a2a_consumer ?? previous?.a2aConsumer ?? false,
      surfaces: message.surfaces?.filter((surface) => surface.path && surface.skill_id)
        .map(plainSurface) ?? previous?.surfaces ?? [],
      tools: message.tools.filter((tool) => tool.function_name).map(plainTool),
      createdAt: previous?.createdAt ?? now,
      ...(registrant.holder !== undefined && { holder: registrant.holder }),
      ...(isRemote(previous, message, registrant) && { isRemote: true }),
    },
  };
}

/** The address that a registration leads to. */
export function addressIn(
  { http_host, http_port }: Registration,
  previous: AgentRecord | undefined,
): Pick<AgentRecord, "host" | "port"> {
  return { host: http_host || previous?.host || "", port: http_port || previous?.port || 0 };
}

/** Whether a registration says where its agent is; one that says only another port does, too. */
export function namesAddress(
  { http_host, http_port }: Registration,
  previous: AgentRecord | undefined,
): boolean {
  return !!http_host || (!!http_port && http_port !== previous?.port);
}

/** Whether an address is one of another machine's: who named it last, or the host that it kept, was. */
function isRemote(
  previous: AgentRecord | undefined,
  message: Registration,
  registrant: Registrant,
): boolean {
  const isKept = !message.http_host && previous?.isRemote === true;
  return isKept || (namesAddress(message, previous) && registrant.isRemote === true);
}

/** Where an agent is called: `http://host:port`, or `stdio://<id>` when it has no address. */
export function endpointOf(record: AgentRecord): string {
  if (record.host === "" || record.port === 0) return `stdio://${record.id}`;
  return `http://${urlHost(record.host)}:${record.port}`;
}

/** A short text that two values share exactly when they are written the same. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}

function unfitName(id: string, name: string, namespace: string): string | undefined {
  return unfitLabel("agent_id", id, ID_MAX) ?? unfitLabel("name", name, 63) ??
    unfitLabel("namespace", namespace, 63);
}

function unfitLabel(field: string, text: string, max: number): string | undefined {
  if (text.length > max) {
    return `validation failed: ${field}: ${field} must be at most ${max} characters, got ${text.length}`;
  }
  if (MESH_NAME.test(text)) return undefined;
  return `validation failed: ${field}: ${field} must contain only lowercase alphanumeric ` +
    `characters and hyphens, and begin and end with a letter or digit; got ${quoted(text)}`;
}

/** What a language model is asked to be, best first. */
function selectors({ llm_provider }: Tool) {
  return llm_provider ? [llm_provider, ...llm_provider.fallback ?? []] : [];
}

/** The entries of a filter of tools; free JSON, of which only this much has a meaning. */
function selections({ llm_filter }: Tool): { capability: string; tags: string[] }[] {
  const filter: unknown[] = [llm_filter?.filter ?? []].flat();
  return filter.map((entry) => {
    if (typeof entry === "string") return { capability: entry, tags: [] };
    const { capability, tags }: { capability?: unknown; tags?: unknown } =
      typeof entry === "object" && entry !== null ? entry : {};
    return {
      capability: typeof capability === "string" ? capability : "",
      tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    };
  });
}

function names({ capability, tags }: { capability: string; tags: readonly string[] }): string[] {
  return [capability, ...tags];
}

/** The tags of a tool, and of each thing it asks for. */
function tagLists(tool: Tool): readonly (readonly (string | readonly string[])[])[] {
  const asked = [...tool.dependencies, ...selectors(tool), ...selections(tool)];
  return [tool.tags, ...asked.map(({ tags }) => tags)];
}

/** Names are shown, compared and written into logs: characters of control are none of theirs. */
function controlled(texts: Readonly<Record<string, string>>): string | undefined {
  const [field] = Object.entries(texts).find(([, text]) => hasControls(text)) ?? [];
  return field && `validation failed: ${field}: ${field} must not contain control characters, ` +
      "line breaks or marks of writing direction";
}

function unfitSurfaces(surfaces: readonly Surface[]): string | undefined {
  return surfaces.map(({ path, skill_id, tags, input_modes, output_modes }, index) =>
    controlled({
      [`surfaces[${index}].path`]: path,
      [`surfaces[${index}].skill_id`]: skill_id,
      [`surfaces[${index}].tags`]: (tags ?? []).join(""),
      [`surfaces[${index}].input_modes`]: (input_modes ?? []).join(""),
      [`surfaces[${index}].output_modes`]: (output_modes ?? []).join(""),
    })
  ).find((refused) => refused !== undefined);
}

function plainSurface(surface: Surface): Surface {
  const { name, description } = surface;
  return {
    ...surface,
    ...(name && { name: cleanedLine(name) }),
    ...(description && { description: cleaned(description) }),
  };
}

function plainTool(tool: Tool): Tool {
  const { version, description, title, schemaWarnings, dependencies } = tool;
  return {
    ...tool,
    version: cleanedLine(version),
    description: cleaned(description),
    ...(title && { title: cleanedLine(title) }),
    ...(schemaWarnings && { schemaWarnings: schemaWarnings.map(cleanedLine) }),
    dependencies: dependencies.map((one) => ({ ...one, version: cleanedLine(one.version) })),
  };
}

/** How many things a tool asks the registry to look for. */
function askedCount({ dependencies, llm_filter, llm_provider }: Tool): number {
  const filter = llm_filter?.filter;
  return dependencies.length + (Array.isArray(filter) ? filter.length : 0) +
    (llm_provider?.fallback?.length ?? 0);
}

/** Events, audits and answers repeat these texts: their length has a limit, which is named. */
function unfitTools(tools: readonly Tool[]): string | undefined {
  const asked = tools.reduce((sum, tool) => sum + askedCount(tool), 0);
  if (asked > DEPENDENCIES_MAX) {
    return "validation failed: dependencies: an agent must have at most " +
      `${DEPENDENCIES_MAX} dependencies and LLM filter entries, got ${asked}; ` +
      "spread its tools over several agents";
  }
  for (const [index, tool] of tools.entries()) {
    const { function_name, capability, version, tags, dependencies } = tool;
    const place = `tools[${index}]`;
    const unfit = tooLong(
      {
        [`${place}.function_name`]: function_name,
        [`${place}.capability`]: capability,
        [`${place}.version`]: version,
        [`${place}.tags`]: longest(tags),
        [`${place}.dependencies.capability`]: longest(dependencies.map((one) => one.capability)),
        [`${place}.dependencies.version`]: longest(dependencies.map((one) => one.version)),
        [`${place}.dependencies.tags`]: longest(dependencies.flatMap((one) => one.tags.flat())),
      },
      TOOL_TEXT_MAX,
    );
    if (unfit !== undefined) return unfit;
    const controls = controlled({
      [`${place}.function_name`]: function_name,
      [`${place}.capability`]: capability,
      [`${place}.tags`]: tags.join(""),
      [`${place}.dependencies.capability`]: dependencies.map((one) => one.capability).join(""),
      [`${place}.dependencies.tags`]: dependencies.flatMap((one) => one.tags.flat()).join(""),
      [`${place}.llm_provider`]: selectors(tool).flatMap(names).join(""),
      [`${place}.llm_filter`]: selections(tool).flatMap(names).join(""),
    });
    if (controls !== undefined) return controls;
    const most = Math.max(...tagLists(tool).map((tags) => tags.flat().length));
    if (most > TAGS_MAX) {
      return `validation failed: ${place}: a tool, and whatever it asks for, must have at most ` +
        `${TAGS_MAX} tags, got ${most}`;
    }
  }
  return undefined;
}

function longest(texts: readonly string[]): string {
  return texts.reduce((longest, text) => text.length > longest.length ? text : longest, "");
}

function tooLong(
  texts: Readonly<Record<string, string>>,
  max = TEXT_MAX,
): string | undefined {
  const [field, text] = Object.entries(texts).find(([, text]) => text.length > max) ?? [];
  return text && `validation failed: ${field}: ${field} must be at most ${max} characters, ` +
      `got ${text.length}`;
}

function unknownValue(field: string, value: string, known: readonly string[]): string | undefined {
  if (known.includes(value)) return undefined;
  return `invalid enum value for ${field} field: ${quoted(value)}; ` +
    `use one of ${known.join(", ")}`;
}

function shortened(description: string, warnings: string[]): string {
  const trimmed = description.trim();
  if (trimmed.length <= DESCRIPTION_MAX) return trimmed;
  const points = [...trimmed];
  if (points.length <= DESCRIPTION_MAX) return trimmed;
  warnings.push(`description truncated from ${points.length} to ${DESCRIPTION_MAX} chars`);
  return points.slice(0, DESCRIPTION_MAX).join("");
}
