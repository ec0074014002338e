/**
 * What a `start` is asked to do, checked before anything is started.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { OptionTable, OptionValues } from "../command.ts";
import { type Config, readConfig, readLogLevel } from "../config.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, usageError } from "../exit.ts";
import { REGISTRY_OPTIONS, type RegistryAddress, registryAddress } from "../registry_address.ts";
import {
  AGENT_NAME,
  type AgentSource,
  readAgentSource,
  refuseSharedNames,
} from "./agent_source.ts";
import { entryPoints } from "./entry_point.ts";
import { parseEnvFile, parseEnvOptions } from "./env_file.ts";
import { type MeshHome, meshHome } from "./home.ts";
import { MCP_OPTIONS, mcpServerSources } from "./mcp_server.ts";
import { runningAgents, sweepRecords } from "./records.ts";

/** Options of `start`. */
export const START_OPTIONS = {
  detach: { type: "boolean", short: "d", help: "Run in the background; return when all is wired" },
  "registry-only": { type: "boolean", help: "Run only the registry" },
  "connect-only": { type: "boolean", help: "Never start a registry; use the one that answers" },
  ...MCP_OPTIONS,
  pack: { type: "boolean", help: "Run all agents in one process, each in its own sandbox" },
  check: { type: "boolean", help: "Type-check the agents first" },
  dte: { type: "boolean", help: "Trace calls: spans of every request to the registry" },
  env: { type: "list", value: "KEY=VALUE", help: "Set a variable for the agents" },
  "env-file": { type: "string", value: "PATH", help: "Set variables from a file" },
  "agent-name": { type: "string", value: "NAME", help: "Run one agent under another name" },
  "working-dir": { type: "string", value: "PATH", help: "Working folder of the agents" },
  debug: { type: "boolean", help: "Log everything: the same as --log-level DEBUG" },
  "log-level": { type: "string", value: "LEVEL", help: "TRACE, DEBUG, INFO, WARN or ERROR" },
  quiet: { type: "boolean", help: "Print only the agents' output and errors" },
  "startup-timeout": { type: "number", value: "SECONDS", help: "Limit of the start (default 30)" },
  "shutdown-timeout": {
    type: "number",
    value: "SECONDS",
    help: "Grace after Ctrl+C before agents are killed (default 1.8)",
  },
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** Values of {@linkcode START_OPTIONS}. */
export type StartOptions = OptionValues<typeof START_OPTIONS>;

/** What a `start` is asked to do. */
export interface StartRequest {
  sources: AgentSource[];
  address: RegistryAddress;
  home: MeshHome;
  detach: boolean;
  connectOnly: boolean;
  pack: boolean;
  /** Absolute. */
  workingDirectory: string | undefined;
  /** Environment of every process it starts. */
  environment: Record<string, string>;
  /** What the user set for agents with `--env`: nothing wins over it. */
  overrides: Record<string, string>;
  startupMs: number;
  shutdownMs: number;
  settleMs: number;
}

/**
 * Reads and checks a `start`.
 *
 * @param paths Files and folders of agents.
 * @throws {CliError} exit 2 for options that contradict each other or cannot be used, exit 3 for
 * paths with no agent, exit 1 for an agent that already runs.
 */
export async function readStartRequest(
  options: StartOptions,
  paths: string[],
  context: Context,
): Promise<StartRequest> {
  refuseContradictions(options, paths);
  const overrides = parseEnvOptions(options.env);
  const variables = {
    ...await envFileVariables(options["env-file"], context.cwd),
    ...(options.dte && { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true" }),
    ...overrides,
  };
  const config = readConfig({ ...context.config.environment, ...variables }, context.cwd);
  const home = meshHome(config.home);
  const address = await registryAddress(options, { config, cwd: context.cwd });
  const workingDirectory = await existingFolder(options["working-dir"], context.cwd);
  const modules = await entryPoints(paths, context.cwd);
  const agentName = soleAgentName(options["agent-name"], config, modules);
  const sources = [
    ...await Promise.all(modules.map((file) => readAgentSource(file, agentName))),
    ...mcpServerSources(options, { variables: config.environment, root: context.root }),
  ];
  refuseSharedNames(sources);
  await sweepRecords(home);
  await refuseRunning(sources, home, context.program);
  return {
    sources,
    address,
    home,
    detach: options.detach,
    connectOnly: options["connect-only"],
    pack: options.pack,
    workingDirectory,
    environment: childEnvironment(config, options, agentName),
    overrides,
    startupMs: (options["startup-timeout"] ?? config.startupTimeout) * 1_000,
    shutdownMs: (options["shutdown-timeout"] ?? config.shutdownTimeout) * 1_000,
    settleMs: config.settleTimeout * 1_000,
  };
}

function refuseContradictions(options: StartOptions, paths: string[]): void {
  if (options["registry-only"] && options["connect-only"]) {
    throw usageError("--registry-only and --connect-only exclude each other");
  }
  const agents = [...paths, ...options.mcp.map((given) => `--mcp ${given.split("=", 1)}`)];
  if (options["registry-only"] && agents.length > 0) {
    throw usageError(
      `--registry-only starts no agents, and ${agents.join(", ")} is given`,
      "Leave out one of the two.",
    );
  }
  if (options["connect-only"] && agents.length === 0) {
    throw usageError("--connect-only needs an agent to start", "Name a file or folder, or --mcp.");
  }
}

/** The name that the only agent is to have, from the option or else the environment. */
function soleAgentName(
  option: string | undefined,
  config: Config,
  modules: string[],
): string | undefined {
  const name = option ?? config.agentName;
  const source = option === undefined ? "MCP_MESH_AGENT_NAME" : "--agent-name";
  if (name === undefined || (option === undefined && modules.length === 0)) return undefined;
  if (modules.length !== 1) {
    throw usageError(
      `${source} names one agent, and ${modules.length} are given`,
      "Start that agent alone, or leave the name out.",
    );
  }
  if (AGENT_NAME.test(name)) return name;
  throw usageError(
    `${source} is "${name}", which is no agent name`,
    "Use lower-case letters, digits and hyphens.",
  );
}

async function envFileVariables(
  path: string | undefined,
  cwd: string,
): Promise<Record<string, string>> {
  if (path === undefined) return {};
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), "utf8");
  } catch (cause) {
    throw new CliError(EXIT.notFound, `${path} cannot be read`, {
      hint: "Check the path given with --env-file.",
      cause,
    });
  }
  return parseEnvFile(text, path);
}

async function existingFolder(path: string | undefined, cwd: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const folder = resolve(cwd, path);
  const isFolder = await stat(folder).then((info) => info.isDirectory(), () => false);
  if (isFolder) return folder;
  throw new CliError(EXIT.notFound, `${path} is no folder`, {
    hint: "Check the path given with --working-dir.",
  });
}

async function refuseRunning(
  sources: AgentSource[],
  home: MeshHome,
  program: string,
): Promise<void> {
  const running = await runningAgents(home);
  for (const { name } of sources) {
    const other = running.find(({ stem, record }) => stem === name || record.name === name);
    if (other === undefined) continue;
    throw new CliError(
      EXIT.failure,
      `agent already running: ${name} (process ${other.record.pid}, ${other.record.file})`,
      {
        hint: `Stop it with \`${program} stop ${name}\`, start the new one under another ` +
          "--agent-name, or keep a second mesh under another MCP_MESH_HOME.",
      },
    );
  }
}

function childEnvironment(
  config: Config,
  options: StartOptions,
  agentName: string | undefined,
): Record<string, string> {
  const level = options.debug
    ? "DEBUG"
    : options["log-level"] !== undefined
    ? readLogLevel(options["log-level"], "--log-level")
    : config.logLevel === undefined
    ? undefined
    : readLogLevel(config.logLevel, "MCP_MESH_LOG_LEVEL");
  return {
    ...config.environment,
    MCP_MESH_HOME: config.home,
    ...(level === undefined ? {} : { MCP_MESH_LOG_LEVEL: level }),
    ...(agentName === undefined ? {} : { MCP_MESH_AGENT_NAME: agentName }),
  };
}
