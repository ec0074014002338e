/**
 * Which registry a command talks to. One answer for every command: option, then environment, then
 * the project's `deno.json`, then `http://localhost:8000`.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OptionTable } from "./command.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import { usageError } from "./exit.ts";

/** Options of every command that talks to a registry. */
export const REGISTRY_OPTIONS = {
  "registry-url": { type: "string", value: "URL", help: "Registry to talk to" },
  "registry-host": { type: "string", value: "HOST", help: "Host of the registry" },
  "registry-port": { type: "number", value: "PORT", help: "Port of the registry" },
} as const satisfies OptionTable;

/** Values of {@linkcode REGISTRY_OPTIONS}. */
export interface RegistryOptionValues {
  "registry-url": string | undefined;
  "registry-host": string | undefined;
  "registry-port": number | undefined;
}

/** The registry to talk to. */
export interface RegistryAddress {
  /** Without a trailing slash. */
  url: string;
  host: string;
  port: number;
  /** Host is this machine, so that a registry could be started there. */
  local: boolean;
}

/** A registry URL and where it was written. */
interface Candidate {
  url: string;
  source: string;
}

const DEFAULT_HOST = "localhost";
const DEFAULT_PORT = 8000;

/**
 * Finds the registry a command is to talk to.
 *
 * @throws {CliError} exit 2 for an address that is none; it is never passed over for the next.
 */
export async function registryAddress(
  options: RegistryOptionValues,
  context: Pick<Context, "config" | "cwd">,
): Promise<RegistryAddress> {
  const direct = fromOptions(options, context.config) ?? fromEnvironment(context.config);
  const { url, source } = direct ?? await projectRegistry(context.cwd) ??
    { url: `http://${DEFAULT_HOST}:${DEFAULT_PORT}`, source: "default" };
  return parseRegistryUrl(url, source);
}

function fromOptions(options: RegistryOptionValues, config: Config): Candidate | undefined {
  const url = options["registry-url"];
  if (url !== undefined) return { url, source: "--registry-url" };
  const host = options["registry-host"];
  const port = options["registry-port"];
  if (host === undefined && port === undefined) return undefined;
  return {
    url: hostAndPort(host ?? config.registryHost, port ?? config.registryPort),
    source: "--registry-host and --registry-port",
  };
}

function fromEnvironment(config: Config): Candidate | undefined {
  if (config.registryUrl !== undefined) {
    return { url: config.registryUrl, source: "MCP_MESH_REGISTRY_URL" };
  }
  if (config.registryHost === undefined && config.registryPort === undefined) return undefined;
  return {
    url: hostAndPort(config.registryHost, config.registryPort),
    source: "MCP_MESH_REGISTRY_HOST and MCP_MESH_REGISTRY_PORT",
  };
}

function hostAndPort(host: string | undefined, port: number | undefined): string {
  return `http://${host ?? DEFAULT_HOST}:${port ?? DEFAULT_PORT}`;
}

/**
 * Reads a registry URL strictly.
 *
 * @param source Where it was written, for the error.
 * @throws {CliError} exit 2, saying what is wrong and what was probably meant.
 */
export function parseRegistryUrl(text: string, source: string): RegistryAddress {
  const fail = (problem: string, hint: string) =>
    usageError(`${source} is "${text}", which ${problem}`, hint);
  const example = "Write it like http://localhost:8000.";
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const guess = URL.parse(`http://${text}`);
    const meant = !text.includes("://") && guess !== null && /^[\w.[\]:-]+$/.test(text);
    if (meant) throw fail("has no http:// in front", `Did you mean http://${text}?`);
    throw fail("is not an http or https URL", example);
  }
  if (url.username !== "" || url.password !== "") {
    throw fail("carries a user name or password", example);
  }
  if (url.search !== "" || url.hash !== "") throw fail("carries a query or fragment", example);
  return {
    url: url.href.replace(/\/+$/, ""),
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    local: url.protocol === "http:" && isLocalHost(url.hostname),
  };
}

function isLocalHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "0.0.0.0" ||
    /^127(\.\d+){3}$/.test(hostname);
}

/** The registry that the nearest `deno.json` at or above `folder` names under `mesh.registry`. */
async function projectRegistry(folder: string): Promise<Candidate | undefined> {
  const file = join(folder, "deno.json");
  const registry = registryOfProject(await readText(file), file);
  if (registry !== undefined) return { url: registry, source: `"mesh.registry" in ${file}` };
  const parent = dirname(folder);
  return parent === folder ? undefined : await projectRegistry(parent);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    // Absent or unreadable: a project file is optional.
    return "";
  }
}

function registryOfProject(text: string, file: string): string | undefined {
  if (!text.includes('"mesh"')) return undefined;
  let project: unknown;
  try {
    project = JSON.parse(text);
  } catch {
    throw usageError(
      `${file} has a "mesh" key but is not plain JSON`,
      "Remove its comments, or name the registry with --registry-url.",
    );
  }
  const mesh = member(project, "mesh");
  const registry = member(mesh, "registry");
  if (registry === undefined) return undefined;
  if (typeof registry === "string") return registry;
  throw usageError(
    `"mesh.registry" in ${file} is not a text`,
    'Write it like "mesh": {"registry": "http://localhost:8000"}.',
  );
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
