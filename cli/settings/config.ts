/**
 * What the environment says; the only reader of it in this room.
 *
 * @module
 */
import { settingText } from "../../runtime/base/file_text.ts";
import { isAbsolute, join, resolve } from "node:path";
import { usageError } from "../base/exit.ts";

/** Variables that name a receiver of spans, the first that is set first. */
export const OTLP_ENDPOINTS: readonly string[] = [
  "TELEMETRY_ENDPOINT",
  "OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/** Where the value of a setting comes from. */
export interface Origin {
  from: "flag" | "env" | "project" | "default";
  /** The option, the variable or the file; absent for a default. */
  name?: string;
}

/** Settings of `meshctl` that do not come from the command line. */
export interface Config {
  /** Where all state lives (`MCP_MESH_HOME`), absolute. @default {"~/.mcp-mesh"} */
  home: string;
  /** `MCP_MESH_REGISTRY_URL`, as written. */
  registryUrl: string | undefined;
  /** `MCP_MESH_REGISTRY_HOST`. */
  registryHost: string | undefined;
  /** `MCP_MESH_REGISTRY_PORT`. */
  registryPort: number | undefined;
  /** Database of a registry started here (`MCP_MESH_KV`): a path or a URL. */
  registryKv: string | undefined;
  /** Secret that a registry asks of its operators (`MCP_MESH_ADMIN_TOKEN`). */
  adminToken: string | undefined;
  /** Secret that a registry asks of MCP clients (`MCP_MESH_MCP_TOKEN`). */
  mcpToken: string | undefined;
  /** Where a registry sends spans, and the variable that says so. */
  otlpEndpoint: { name: string; value: string } | undefined;
  /** Name that replaces an agent's own (`MCP_MESH_AGENT_NAME`). */
  agentName: string | undefined;
  /** `MCP_MESH_LOG_LEVEL`, as written. */
  logLevel: string | undefined;
  /** How long `start` may take, seconds (`MCP_MESH_STARTUP_TIMEOUT`). @default {30} */
  startupTimeout: number;
  /**
   * How long calls under way may go on at a stop, seconds (`MCP_MESH_SHUTDOWN_TIMEOUT`).
   *
   * @default {30} for agents with a language model, {10} for all others
   */
  shutdownTimeout: number | undefined;
  /** How long a required dependency may stay open, seconds (`MCP_MESH_SETTLE_TIMEOUT`). @default {20} */
  settleTimeout: number;
  /**
   * How long saved files must have been left alone before they are loaded, seconds
   * (`MCP_MESH_RELOAD_DEBOUNCE`). @default {0.2}
   */
  reloadDebounce: number;
  /** Program that shows long texts (`PAGER`). */
  pager: string | undefined;
  /** `NO_COLOR`. */
  noColour: string | undefined;
  /** Width of terminals, in characters (`COLUMNS`). @default what the terminal says */
  columns: number | undefined;
  /** Deno itself was started by `npx`, so commands to try must be too. */
  startedByNpx: boolean;
  /** The whole environment, to hand to child processes. */
  environment: Record<string, string>;
}

/** The environment of this process. */
export function processEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

/**
 * Reads the settings.
 *
 * @param environment Variables and their values.
 * @param cwd Absolute folder that a relative `MCP_MESH_HOME` starts from.
 * @throws {CliError} exit 2, naming the variable whose value cannot be used.
 */
export function readConfig(environment: Record<string, string>, cwd: string): Config {
  const text = (name: string) => settingText(environment[name] ?? "") || undefined;
  const number = (name: string, limit: number) => readNumber(name, text(name), limit);
  return {
    home: homeFolder(environment, cwd),
    registryUrl: text("MCP_MESH_REGISTRY_URL"),
    registryHost: text("MCP_MESH_REGISTRY_HOST"),
    registryPort: number("MCP_MESH_REGISTRY_PORT", 65_535),
    registryKv: text("MCP_MESH_KV"),
    adminToken: readToken("MCP_MESH_ADMIN_TOKEN", text("MCP_MESH_ADMIN_TOKEN")),
    mcpToken: readToken("MCP_MESH_MCP_TOKEN", text("MCP_MESH_MCP_TOKEN")),
    otlpEndpoint: OTLP_ENDPOINTS.flatMap((name) => {
      const value = text(name);
      return value === undefined ? [] : [{ name, value }];
    })[0],
    agentName: text("MCP_MESH_AGENT_NAME"),
    logLevel: text("MCP_MESH_LOG_LEVEL"),
    startupTimeout: number("MCP_MESH_STARTUP_TIMEOUT", 86_400) ?? 30,
    shutdownTimeout: number("MCP_MESH_SHUTDOWN_TIMEOUT", 86_400),
    settleTimeout: number("MCP_MESH_SETTLE_TIMEOUT", 86_400) ?? 20,
    reloadDebounce: number("MCP_MESH_RELOAD_DEBOUNCE", 60) ?? 0.2,
    pager: text("PAGER"),
    noColour: environment["NO_COLOR"],
    columns: readColumns(environment["COLUMNS"]),
    startedByNpx: environment["npm_command"] === "exec",
    environment: withAbsoluteCache(environment, cwd),
  };
}

/** Programs that are started elsewhere find Deno's cache in the same place. */
function withAbsoluteCache(
  environment: Record<string, string>,
  cwd: string,
): Record<string, string> {
  const folder = environment["DENO_DIR"];
  return folder ? { ...environment, DENO_DIR: resolve(cwd, folder) } : environment;
}

function readNumber(name: string, text: string | undefined, limit: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0 && number <= limit) return number;
  throw usageError(
    `${name} is "${text}", which is not a number from 0 to ${limit}`,
    `Correct or unset ${name}.`,
  );
}

/** Shells set it, and not for us: what is no width is passed over. */
function readColumns(text: string | undefined): number | undefined {
  const columns = Number(text);
  return Number.isInteger(columns) && columns > 0 ? columns : undefined;
}

function readToken(name: string, text: string | undefined): string | undefined {
  const token = text?.trim();
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(
    `${name} has characters that cannot be sent`,
    "Use printable ASCII without blanks, as on the registry's side.",
  );
}

/**
 * The folder that all state is in.
 *
 * @param environment Variables and their values.
 * @param cwd Absolute folder that a relative `MCP_MESH_HOME` starts from.
 * @throws {CliError} exit 2 when nothing says where it is.
 */
export function homeFolder(environment: Record<string, string>, cwd: string): string {
  const given = environment["MCP_MESH_HOME"] || undefined;
  const userHome = environment["HOME"] || environment["USERPROFILE"] || undefined;
  if (given !== undefined) return isAbsolute(given) ? given : resolve(cwd, given);
  if (userHome !== undefined) return join(userHome, ".mcp-mesh");
  throw usageError(
    "there is no home folder to keep state in: HOME is not set",
    "Set MCP_MESH_HOME to a folder.",
  );
}

const LOG_LEVELS = new Map([
  ["TRACE", "TRACE"],
  ["DEBUG", "DEBUG"],
  ["INFO", "INFO"],
  ["WARN", "WARN"],
  ["WARNING", "WARN"],
  ["ERROR", "ERROR"],
  ["CRITICAL", "ERROR"],
  ["FATAL", "ERROR"],
]);

/**
 * The log level a user means, in any case and under the names other tools use.
 *
 * @param source Where it was written, for the error.
 * @throws {CliError} exit 2 for a word that is no level.
 */
export function readLogLevel(text: string, source: string): string {
  const level = LOG_LEVELS.get(text.toUpperCase());
  if (level !== undefined) return level;
  throw usageError(
    `${source} is "${text}", which is no log level`,
    `Use one of ${[...new Set(LOG_LEVELS.values())].join(", ")}.`,
  );
}
