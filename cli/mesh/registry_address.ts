/**
 * Which registry a command talks to. One answer for every command: option, then environment, then
 * the project's `deno.json`, then `http://localhost:8000`.
 *
 * @module
 */
import type { OptionTable } from "../app/option.ts";
import type { Config, Origin } from "../settings/config.ts";
import type { Context } from "../app/context.ts";
import { bareHost, urlHost } from "../../runtime/base/host_text.ts";
import { isLoopback } from "../../runtime/base/loopback.ts";
import { usageError } from "../base/exit.ts";
import { projectRegistry } from "../settings/project_file.ts";

/** Options of every command that talks to a registry. */
export const REGISTRY_OPTIONS = {
  "registry-url": { type: "string", value: "URL", help: "Registry to talk to" },
  "registry-host": { type: "string", value: "HOST", help: "Host of the registry" },
  "registry-port": { type: "number", value: "PORT", help: "Port of the registry" },
  "registry-scheme": {
    type: "string",
    value: "http|https",
    hidden: true,
    completes: ["http", "https"],
    help: "With host and port: http unless it says https",
  },
} as const satisfies OptionTable;

/** Values of {@linkcode REGISTRY_OPTIONS}. */
export interface RegistryOptionValues {
  "registry-url": string | undefined;
  "registry-host": string | undefined;
  "registry-port": number | undefined;
  "registry-scheme"?: string | undefined;
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
  origin: Origin;
  /** The origin as errors name it. */
  source: string;
}

/** A registry's address and where it was written. */
export interface LocatedRegistry {
  address: RegistryAddress;
  origin: Origin;
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
  return (await locateRegistry(options, context)).address;
}

/** The same, and where it was written; throws like {@linkcode registryAddress}. */
export async function locateRegistry(
  options: RegistryOptionValues,
  context: Pick<Context, "config" | "cwd">,
): Promise<LocatedRegistry> {
  const direct = fromOptions(options, context.config) ?? fromEnvironment(context.config);
  const { url, origin, source } = direct ?? await fromProject(context.cwd) ?? {
    url: hostAndPort(undefined, undefined),
    origin: { from: "default" as const },
    source: "default",
  };
  return { address: parseRegistryUrl(url, source), origin };
}

/** A secret of whoever runs `meshctl`, and the variable it is in. */
export type Secret = "adminToken" | "mcpToken";

const SECRETS: Readonly<Record<Secret, string>> = {
  adminToken: "MCP_MESH_ADMIN_TOKEN",
  mcpToken: "MCP_MESH_MCP_TOKEN",
};

/**
 * A secret that a command shows its registry, if it is set. One that only a project's file names, on
 * another machine, gets none: whoever wrote the file would have it.
 *
 * @throws {CliError} exit 2 when it is set and the registry is such a one.
 */
export async function secretFor(
  secret: Secret,
  options: RegistryOptionValues,
  context: Pick<Context, "config" | "cwd">,
): Promise<string | undefined> {
  const value = context.config[secret];
  if (value === undefined) return undefined;
  const { address: { url, local }, origin } = await locateRegistry(options, context);
  if (local || origin.from !== "project") return value;
  throw usageError(
    `${SECRETS[secret]} is not sent to ${url}, which only ${origin.name} names`,
    `Name the registry yourself: --registry-url ${url}. Or unset ${SECRETS[secret]}.`,
  );
}

function fromOptions(options: RegistryOptionValues, config: Config): Candidate | undefined {
  const url = options["registry-url"];
  if (url !== undefined) return candidate(url, "flag", ["--registry-url"]);
  const host = options["registry-host"];
  const port = options["registry-port"];
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535)) {
    throw usageError(
      `--registry-port is ${port}, which is no port`,
      "Ports are 1 to 65535; 0 is any that is free, for `start`.",
    );
  }
  const scheme = options["registry-scheme"];
  if (scheme !== undefined && !/^https?$/.test(scheme)) {
    throw usageError(`--registry-scheme is "${scheme}"`, "It is http or https.");
  }
  const given = [
    ...(scheme === undefined ? [] : ["--registry-scheme"]),
    ...(host === undefined ? [] : ["--registry-host"]),
    ...(port === undefined ? [] : ["--registry-port"]),
  ];
  if (given.length === 0) return undefined;
  if (host === undefined && port === undefined && config.registryUrl !== undefined) {
    return candidate(config.registryUrl.replace(/^\w+(?=:\/\/)/, scheme ?? "$&"), "flag", given);
  }
  return candidate(
    hostAndPort(host ?? config.registryHost, port ?? config.registryPort, scheme),
    "flag",
    given,
  );
}

function fromEnvironment(config: Config): Candidate | undefined {
  const { registryUrl, registryHost, registryPort } = config;
  if (registryUrl !== undefined) return candidate(registryUrl, "env", ["MCP_MESH_REGISTRY_URL"]);
  const given = [
    ...(registryHost === undefined ? [] : ["MCP_MESH_REGISTRY_HOST"]),
    ...(registryPort === undefined ? [] : ["MCP_MESH_REGISTRY_PORT"]),
  ];
  if (given.length === 0) return undefined;
  return candidate(hostAndPort(registryHost, registryPort), "env", given);
}

async function fromProject(folder: string): Promise<Candidate | undefined> {
  const project = await projectRegistry(folder);
  if (project === undefined) return undefined;
  const { registry, file } = project;
  return {
    url: registry,
    origin: { from: "project", name: file },
    source: `"mesh.registry" in ${file}`,
  };
}

function candidate(url: string, from: Origin["from"], names: string[]): Candidate {
  const name = names.join(" and ");
  return { url, origin: { from, name }, source: name };
}

function hostAndPort(
  host: string | undefined,
  port: number | undefined,
  scheme = "http",
): string {
  return `${scheme}://${urlHost(host ?? DEFAULT_HOST)}:${port ?? DEFAULT_PORT}`;
}

/**
 * Reads a registry URL strictly.
 *
 * @param source Where it was written, for the error.
 * @throws {CliError} exit 2, saying what is wrong and what was probably meant.
 */
export function parseRegistryUrl(text: string, source: string): RegistryAddress {
  // Whoever reads the error, in the log of a build perhaps, is not told the password.
  const shown = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@");
  const fail = (problem: string, hint: string) =>
    usageError(`${source} is "${shown}", which ${problem}`, hint);
  const example = "Write it like http://localhost:8000.";
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const guess = URL.parse(`http://${text}`);
    const meant = !text.includes("://") && guess !== null && /^[\w.[\]:-]+$/.test(text);
    if (meant) throw fail("has no http:// in front", `Did you mean http://${text}?`);
    throw fail("is not an http or https URL", hintFor(text) ?? example);
  }
  if (url.username !== "" || url.password !== "") {
    throw fail("carries a user name or password", example);
  }
  if (url.search !== "" || url.hash !== "") throw fail("carries a query or fragment", example);
  return {
    url: url.href.replace(/\/+$/, ""),
    host: bareHost(url.hostname),
    port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    local: url.protocol === "http:" && isLocalHost(url.hostname),
  };
}

/** Returns advice for an IPv6 address that is not written as URLs have it. */
function hintFor(text: string): string | undefined {
  const host = text.replace(/^\w+:\/\//, "");
  if (/^\[?[\da-f:.]+%/i.test(host)) {
    return "No URL can hold the zone of a link-local address; use another address of that machine.";
  }
  return /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(host)
    ? "An IPv6 address stands in brackets, as in http://[::1]:8000."
    : undefined;
}

function isLocalHost(hostname: string): boolean {
  return isLoopback(hostname) || hostname === "0.0.0.0" || hostname === "[::]";
}
