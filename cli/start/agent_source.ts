/**
 * What can be known of an agent from the text of its module, before anything of it runs.
 *
 * @module
 */
import { basename, dirname, extname } from "node:path";
import { isMeshError } from "../../runtime/base/errors.ts";
import { parseShebang } from "../../runtime/sandbox/permissions.ts";
import type { Permissions } from "../../runtime/sandbox/grant.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { REGISTRY_NAME } from "../machine/home.ts";
import { readText } from "../base/file_text.ts";

/** An agent module before it is started. */
export interface AgentSource {
  /** Absolute path. */
  file: string;
  /** The name it declares, as far as its text tells. */
  name: string;
  /** Exactly what its code may touch. */
  permissions: Permissions;
  /** Whether its first line declares permissions; without one its code may touch nothing. */
  declared: boolean;
  /** What people know it by, when that is not its file. */
  origin?: string;
  /**
   * Variables for it alone, which may be secrets. It has a process of its own then, whatever else is
   * packed.
   */
  variables?: Record<string, string>;
}

/** What people know an agent by: its file, or what stands for it. */
export function originOf({ file, origin }: AgentSource): string {
  return origin ?? file;
}

/** The modules that are files of the user's. */
export function ownFiles(sources: AgentSource[]): string[] {
  return sources.flatMap(({ file, origin }) => origin === undefined ? [file] : []);
}

/**
 * Reads a module's name and permissions.
 *
 * @param file Absolute path.
 * @param agentName A name that replaces the declared one.
 * @throws {CliError} exit 3 when it cannot be read, exit 2 when its first line or name cannot be
 * honoured.
 */
export async function readAgentSource(file: string, agentName?: string): Promise<AgentSource> {
  const text = await readModule(file);
  const name = agentName ?? declaredName(text, file);
  const permissions = readPermissions(text, file);
  const source = {
    file,
    name,
    permissions: permissions ?? {},
    declared: permissions !== undefined,
  };
  refuseRegistryName(source);
  return source;
}

/**
 * Refuses an agent that goes by the name of the registry: its log would be the registry's.
 *
 * @throws {CliError} exit 2.
 */
export function refuseRegistryName(source: AgentSource): void {
  if (source.name !== REGISTRY_NAME) return;
  throw usageError(
    `${originOf(source)} is named "${REGISTRY_NAME}", which is the registry's own name`,
    "Give the agent another name.",
  );
}

async function readModule(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (cause) {
    throw new CliError(EXIT.notFound, `${file} cannot be read`, {
      hint: "Check its permissions.",
      cause,
    });
  }
}

function readPermissions(text: string, file: string): Permissions | undefined {
  try {
    return parseShebang(text, file);
  } catch (error) {
    if (isMeshError(error)) throw new CliError(EXIT.usage, error.message, { cause: error });
    throw error;
  }
}

/** File names that say nothing about the agent; its folder does. */
const GENERIC_STEMS = ["main", "mod", "index"];

/**
 * The name in a module's `agent({ name: … })`, `gateway({ name: … })` or
 * `llmProvider({ name: … })`, else one made from its path. It names files and output until the
 * agent has loaded and told its own.
 *
 * @param file Absolute path of the module.
 */
export function declaredName(text: string, file: string): string {
  const call = /\b(?:agent|gateway|llmProvider)\s*\(\s*\{/.exec(text);
  const body = call === null ? "" : text.slice(call.index);
  const name = /\bname\s*:\s*(["'`])([a-z0-9-]+)\1/.exec(body)?.[2];
  return name ?? nameOfPath(file);
}

function nameOfPath(file: string): string {
  const stem = basename(file, extname(file));
  const folder = dirname(file);
  if (!GENERIC_STEMS.includes(stem)) return tidy(stem);
  return tidy(basename(folder) === "src" ? basename(dirname(folder)) : basename(folder));
}

function tidy(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "agent";
}

/**
 * Refuses two modules that go by one name: their records and logs would be one.
 *
 * @throws {CliError} exit 2, naming both files.
 */
export function refuseSharedNames(sources: AgentSource[]): void {
  const seen = new Map<string, AgentSource>();
  for (const source of sources) {
    const other = seen.get(source.name);
    if (other !== undefined) {
      throw usageError(
        `two agents are named "${source.name}": ${originOf(other)} and ${originOf(source)}`,
        "Rename one of them, or start them one at a time with --agent-name.",
      );
    }
    seen.set(source.name, source);
  }
}
