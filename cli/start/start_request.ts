/**
 * What a `start` is asked to do, checked before anything is started.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { MESH_NAME } from "../../runtime/base/mesh_name.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import { type Config, readConfig, readLogLevel } from "../settings/config.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { readText } from "../base/file_text.ts";
import {
  REGISTRY_OPTIONS,
  type RegistryAddress,
  registryAddress,
} from "../mesh/registry_address.ts";
import type { Isolation } from "./agent_process.ts";
import { readAgentSource, refuseSharedNames } from "./agent_source.ts";
import { registryGraceMs } from "../machine/ending.ts";
import { agentFolders, entryPoints } from "./entry_point.ts";
import { parseEnvFile, parseEnvOptions } from "./env_file.ts";
import { type MeshHome, meshHome } from "../machine/home.ts";
import { MCP_OPTIONS, mcpServerSources } from "./mcp_server.ts";
import { refuseRunning } from "./running_check.ts";
import { readShownLines, type ShownLines } from "./shown_lines.ts";
import { type StartableAgent, startableAgents } from "./startable_agent.ts";
import { type TracePlaces, tracePlaces } from "./trace_places.ts";

/** Options of `start`. */
export const START_OPTIONS = {
  detach: { type: "boolean", short: "d", help: "Run in the background; return when all is wired" },
  "registry-only": { type: "boolean", help: "Run only the registry" },
  "connect-only": { type: "boolean", help: "Never start a registry; use the one that answers" },
  ...MCP_OPTIONS,
  isolation: {
    type: "string",
    value: "KIND",
    help: "Where the code of agents runs: process (default), one for each; or worker, all in one " +
      "process, which is a seat belt and not a border",
  },
  pack: { type: "boolean", help: "The same as --isolation worker" },
  watch: {
    type: "boolean",
    short: "w",
    help: "Load an agent's code anew when it is saved; what does not load or type-check is not run",
  },
  restart: {
    type: "string",
    value: "POLICY",
    help: "on-failure: start a process again that ends by itself, after ever longer pauses",
  },
  check: { type: "boolean", help: "Type-check before code runs: at the start, and at every save" },
  "no-check": { type: "boolean", help: "Do not type-check what is saved, with --watch" },
  only: { type: "list", value: "NAME", help: "Show only the lines of this agent, or of registry" },
  level: { type: "string", value: "LEVEL", help: "Show only lines of this level and above" },
  "json-logs": { type: "boolean", help: "Agents log JSON, an object a line" },
  dte: {
    type: "boolean",
    help: "Trace every call; spans go through the Redis and Tempo of `scaffold --observability`, " +
      "where they run",
  },
  env: { type: "list", value: "KEY=VALUE", help: "Set a variable for the agents" },
  "env-file": { type: "string", value: "PATH", help: "Set variables from a file" },
  verbose: { type: "boolean", hidden: true, help: "What is started is told anyway" },
  "pid-file": {
    type: "string",
    value: "PATH",
    hidden: true,
    help: "Processes are recorded in MCP_MESH_HOME anyway",
  },
  "agent-name": { type: "string", value: "NAME", help: "Run one agent under another name" },
  "working-dir": { type: "string", value: "PATH", help: "Working folder of the agents" },
  debug: { type: "boolean", help: "Log everything: the same as --log-level DEBUG" },
  "log-level": { type: "string", value: "LEVEL", help: "TRACE, DEBUG, INFO, WARN or ERROR" },
  quiet: { type: "boolean", help: "Print only the agents' output and errors" },
  json: {
    type: "boolean",
    help: "Print what was started as JSON on standard output, everything else on standard error",
  },
  "startup-timeout": { type: "number", value: "SECONDS", help: "Limit of the start (default 30)" },
  "shutdown-timeout": {
    type: "number",
    value: "SECONDS",
    help: "Time for calls under way at a stop (default 30 with a language model, else 10)",
  },
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** Values of {@linkcode START_OPTIONS}. */
export type StartOptions = OptionValues<typeof START_OPTIONS>;

/** What a `start` is asked to do. */
export interface StartRequest {
  sources: StartableAgent[];
  /** The name that the only agent is to have, instead of the one it declares. */
  agentName: string | undefined;
  address: RegistryAddress;
  home: MeshHome;
  /** What it starts writes to logs and not to a terminal, and outlives this process. */
  detach: boolean;
  /** This process stays with what it starts. */
  stays: boolean;
  connectOnly: boolean;
  /** Where the code of agents runs. */
  isolation: Isolation;
  /** All agents share a process. */
  pack: boolean;
  /** Code is loaded anew when it is saved. */
  watch: boolean;
  /** What ends by itself is started again. */
  restart: boolean;
  /** When code is type-checked: before it runs, while it runs, or not at all. */
  check: "before" | "beside" | "never";
  /** What of the output is shown. */
  shown: ShownLines;
  /** Folders given of which every agent is run, also those that are yet to come; absolute. */
  folders: string[];
  /** The file that variables come from; absolute. */
  envFile: string | undefined;
  /** Absolute. */
  workingDirectory: string | undefined;
  /** Environment of every process it starts. */
  environment: Record<string, string>;
  /**
   * The same with the variables that the file has by now.
   *
   * @throws {CliError} As reading the start did.
   */
  readEnvironment(): Promise<Record<string, string>>;
  /** What the user set for agents with `--env`: nothing wins over it. */
  overrides: Record<string, string>;
  /** Where spans go, for people; absent when nothing was asked about traces. */
  traces: string | undefined;
  startupMs: number;
  /** How long the registry may take to end. */
  registryMs: number;
  settleMs: number;
  /** How long files must have been left alone before they are taken as saved, milliseconds. */
  debounceMs: number;
}

/**
 * Reads and checks a `start`.
 *
 * @param paths Files and folders of agents.
 * @param behind Whether this process runs behind a `start -d` that waits for it.
 * @throws {CliError} exit 2 for options that contradict each other or cannot be used, exit 3 for
 * paths with no agent, exit 1 for an agent that already runs.
 */
export async function readStartRequest(
  options: StartOptions,
  paths: string[],
  context: Context,
  behind = false,
): Promise<StartRequest> {
  refuseContradictions(options, paths);
  const overrides = parseEnvOptions(options.env);
  let traces: TracePlaces | undefined;
  const readVariables = async () => {
    const variables = {
      ...await envFileVariables(options["env-file"], context.cwd),
      ...(options["json-logs"] && { MCP_MESH_LOG_FORMAT: "json" }),
      ...(options["shutdown-timeout"] !== undefined && {
        MCP_MESH_SHUTDOWN_TIMEOUT: String(options["shutdown-timeout"]),
      }),
      ...(options.dte && { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true" }),
      ...overrides,
    };
    const environment = { ...traces?.variables, ...context.config.environment, ...variables };
    return readConfig(environment, context.cwd);
  };
  let config = await readVariables();
  const home = meshHome(config.home);
  const address = await registryAddress(options, { config, cwd: context.cwd });
  if (options.dte && config.environment["MCP_MESH_DISTRIBUTED_TRACING_ENABLED"] === "true") {
    traces = await tracePlaces(config.environment, address, context);
    config = await readVariables();
  }
  const workingDirectory = await existingFolder(options["working-dir"], context.cwd);
  const modules = await entryPoints(paths, context.cwd);
  const agentName = soleAgentName(options["agent-name"], config, modules);
  const found = [
    ...await Promise.all(modules.map((file) => readAgentSource(file, agentName))),
    ...mcpServerSources(options, { variables: config.environment, root: context.root }),
  ];
  refuseSharedNames(found);
  await refuseRunning(found, home, context.program);
  const environment = childEnvironment(config, options, agentName);
  const sources = await startableAgents(found, { home, environment, keepsLocks: true }, context);
  const isolation = readIsolation(options);
  const detach = options.detach || behind;
  const given = ["registry", ...sources.map(({ name }) => name)];
  return {
    sources,
    agentName,
    address,
    home,
    detach,
    stays: !detach || behind,
    connectOnly: options["connect-only"],
    isolation,
    pack: isolation === "worker",
    watch: options.watch,
    restart: options.restart !== undefined,
    check: options.check ? "before" : options["no-check"] ? "never" : "beside",
    shown: readShownLines(options.only, options.level, given),
    folders: await agentFolders(paths, context.cwd),
    envFile: options["env-file"] && resolve(context.cwd, options["env-file"]),
    workingDirectory,
    environment,
    readEnvironment: async () => childEnvironment(await readVariables(), options, agentName),
    overrides,
    traces: traces?.text,
    startupMs: (options["startup-timeout"] ?? config.startupTimeout) * 1_000,
    registryMs: registryGraceMs(config.shutdownTimeout),
    settleMs: config.settleTimeout * 1_000,
    debounceMs: config.reloadDebounce * 1_000,
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
  if (options.check && options["no-check"]) {
    throw usageError("--check and --no-check exclude each other");
  }
  if (options.restart !== undefined && options.restart !== "on-failure") {
    throw usageError(
      `--restart is "${options.restart}", which is no policy`,
      "Write --restart on-failure, or leave it out.",
    );
  }
  const filter = ["only", "level"].find((name) =>
    options[name === "only" ? "only" : "level"]?.length
  );
  if (options.detach && filter !== undefined) {
    throw usageError(
      `--${filter} chooses what the foreground shows, and -d shows nothing`,
      "Leave out one of the two; `logs` reads what the background wrote.",
    );
  }
  if (options["connect-only"] && agents.length === 0) {
    throw usageError("--connect-only needs an agent to start", "Name a file or folder, or --mcp.");
  }
}

function readIsolation({ isolation = "process", pack }: StartOptions): Isolation {
  if (isolation !== "process" && isolation !== "worker") {
    throw usageError(`--isolation is "${isolation}"`, "It is process or worker.");
  }
  return pack ? "worker" : isolation;
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
  if (MESH_NAME.test(name)) return name;
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
    text = await readText(resolve(cwd, path));
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
