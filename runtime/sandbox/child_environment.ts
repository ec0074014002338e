/**
 * The environment of an agent's child process: the variables that its first line names, and those that
 * Deno itself reads. Nothing that configures the mesh is among them.
 *
 * @module
 */
import type { Environment } from "../base/environment.ts";
import type { Permissions } from "./grant.ts";
import { readableNames } from "./permissions.ts";

/** Variables of the mesh that an agent may be let read: they hold no secret and open nothing. */
export const HARMLESS_VARIABLES: readonly string[] = [
  "MCP_MESH_DATA_DIR",
  "MCP_MESH_LOG_FORMAT",
  "MCP_MESH_LOG_LEVEL",
];

/**
 * The plan of an MCP server that `meshctl` runs as an agent. It may hold secrets, and only the process
 * of that agent has it, whose module is the runtime's.
 */
const SERVER_PLAN = "MCP_MESH_MCP_SERVER";

/** Variables of proxies, which Deno reads in both cases. */
export const PROXY_VARIABLES: readonly string[] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
  .flatMap((name) => [name, name.toLowerCase()]);

/**
 * Variables of package registries, by which Deno finds what was downloaded from them. The child asks no
 * registry, so it gets no credentials.
 */
export const REGISTRY_VARIABLES: readonly string[] = ["JSR_URL", "NPM_CONFIG_REGISTRY"];

/** Variables that Deno itself reads; agent code sees them only where its first line names them. */
export const DENO_VARIABLES: readonly string[] = [
  ...PROXY_VARIABLES,
  ...["NO_PROXY", "no_proxy", "NODE_USE_ENV_PROXY"],
  ...["DENO_CERT", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_DIR", "SSL_CERT_FILE"],
  ...["TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_NUMERIC", "LC_TIME"],
  ...["NO_COLOR", "FORCE_COLOR", "DENO_CONDITIONS"],
  ...["TMPDIR", "TMP", "TEMP", "SystemRoot", "windir"],
  // Of the user's `.npmrc`, which says where packages came from.
  ...["HOME", "USERPROFILE"],
  ...REGISTRY_VARIABLES,
];

/** Variables that `meshctl` decides: they say where the child lives and how it runs. */
const OWN = /^(DENO_(DIR|V8_FLAGS|COVERAGE_DIR|KV_\w+|SERVE_\w+|AUTO_SERVE)|NODE_CHANNEL_\w+)$/i;

/**
 * Returns the environment of a child.
 *
 * @param environment That of the process that starts it.
 * @param granted What its first line grants.
 */
export function childEnvironment(
  environment: Environment,
  granted: Permissions,
): Record<string, string> {
  const passed = new Set(passedNames(environment, granted));
  const names = new Set([...DENO_VARIABLES, ...passed, ...(runs(granted) ? ["PATH"] : [])]);
  return Object.fromEntries([...names].flatMap((name) => {
    const value = environment[name];
    if (value === undefined) return [];
    const isOpen = passed.has(name) || !REGISTRY_VARIABLES.includes(name);
    return [[name, isOpen ? value : withoutCredentials(value)]];
  }));
}

function withoutCredentials(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.username + url.password === "") return address;
  url.username = url.password = "";
  return url.href;
}

/** Returns the variables that the code of a child can read, by the first line of its agent. */
export function passedNames(environment: Environment, granted: Permissions): string[] {
  return readableNames(environment, granted).filter((name) => !isWithheld(name, granted));
}

/** Returns whether the child does not get a variable, whatever its first line grants. */
export function isWithheld(name: string, { env }: Permissions): boolean {
  if (name === SERVER_PLAN) return !(Array.isArray(env) && env.includes(name));
  if (isOfMesh(name) || OWN.test(name)) return true;
  // What Deno acts on is passed where it is meant.
  return /^DENO_/i.test(name) && !DENO_VARIABLES.includes(name) &&
    !(Array.isArray(env) && env.includes(name));
}

function isOfMesh(name: string): boolean {
  return /^MCP_MESH_/i.test(name) && !HARMLESS_VARIABLES.includes(name);
}

function runs({ run }: Permissions): boolean {
  return run === true || Array.isArray(run) && run.length > 0;
}
