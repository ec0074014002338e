/**
 * The settings a command would run with, and where each comes from: what `config show` prints.
 *
 * @module
 */
import { VERSION } from "../../registry/base/version.ts";
import { type Config, type Origin, readLogLevel } from "../settings/config.ts";
import { cellWidth, padToCells } from "../output/cells.ts";
import type { LocatedRegistry } from "../mesh/registry_address.ts";
import { meshHome } from "../machine/home.ts";

/** One setting. */
export interface Setting {
  /** The reference's name for it, where it has one. */
  key: string;
  /** `null` for what is not set. */
  value: string | number | null;
  origin: Origin;
}

/**
 * Every setting, in the order they are shown.
 *
 * @throws {CliError} exit 2 for a value that cannot be used.
 */
export function settings(config: Config, { address, origin }: LocatedRegistry): Setting[] {
  const given = (name: string): Origin =>
    (config.environment[name] ?? "") === "" ? { from: "default" } : { from: "env", name };
  const level = config.logLevel ?? "INFO";
  return [
    { key: "registry_url", value: address.url, origin },
    { key: "registry_host", value: address.host, origin },
    { key: "registry_port", value: address.port, origin },
    {
      key: "db_path",
      value: config.registryKv ?? meshHome(config.home).registryKv,
      origin: given(config.registryKv === undefined ? "MCP_MESH_HOME" : "MCP_MESH_KV"),
    },
    {
      key: "log_level",
      value: readLogLevel(level, "MCP_MESH_LOG_LEVEL"),
      origin: given("MCP_MESH_LOG_LEVEL"),
    },
    {
      key: "startup_timeout",
      value: config.startupTimeout,
      origin: given("MCP_MESH_STARTUP_TIMEOUT"),
    },
    {
      key: "settle_timeout",
      value: config.settleTimeout,
      origin: given("MCP_MESH_SETTLE_TIMEOUT"),
    },
    {
      key: "shutdown_timeout",
      value: config.shutdownTimeout ?? null,
      origin: given("MCP_MESH_SHUTDOWN_TIMEOUT"),
    },
    {
      key: "reload_debounce",
      value: config.reloadDebounce,
      origin: given("MCP_MESH_RELOAD_DEBOUNCE"),
    },
    { key: "state_dir", value: config.home, origin: given("MCP_MESH_HOME") },
    { key: "agent_name", value: config.agentName ?? null, origin: given("MCP_MESH_AGENT_NAME") },
    {
      key: "admin_token",
      // A secret is not shown, only whether there is one.
      value: config.adminToken === undefined ? null : "(set)",
      origin: given("MCP_MESH_ADMIN_TOKEN"),
    },
    {
      key: "mcp_token",
      value: config.mcpToken === undefined ? null : "(set)",
      origin: given("MCP_MESH_MCP_TOKEN"),
    },
    { key: "columns", value: config.columns ?? null, origin: given("COLUMNS") },
    { key: "no_color", value: config.noColour ?? null, origin: given("NO_COLOR") },
    { key: "version", value: VERSION, origin: { from: "default" } },
  ];
}

/** Lines of YAML, with the origin of each value as a comment. */
export function settingsYaml(all: Setting[]): string[] {
  // A JSON value is a YAML value.
  const pairs = all.map(({ key, value }) => `${key}: ${JSON.stringify(value)}`);
  const width = Math.max(...pairs.map(cellWidth));
  return pairs.map((pair, index) =>
    `${padToCells(pair, width)}  # ${originText(all[index]?.origin)}`
  );
}

function originText(origin: Origin | undefined): string {
  if (origin?.name === undefined) return origin?.from ?? "default";
  const words = { flag: "flag", env: "env", project: "project file", default: "default" };
  return `${words[origin.from]} ${origin.name}`;
}

/** The document of `config show --format json`. */
export function settingsJson(all: Setting[]) {
  return {
    ...Object.fromEntries(all.map(({ key, value }) => [key, value])),
    origins: Object.fromEntries(
      all.map(({ key, origin }) => [key, { from: origin.from, name: origin.name ?? null }]),
    ),
  };
}
