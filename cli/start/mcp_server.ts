/**
 * MCP servers that a `start` makes agents of, from its options.
 *
 * @module
 */
import { MESH_NAME } from "../../runtime/base/mesh_name.ts";
import { INHERITED } from "../../runtime/bridge/target.ts";
import { SERVER_PLAN_VARIABLE, type ServerPlan } from "../../runtime/bridge/server_plan.ts";
import type { Permissions } from "../../runtime/sandbox/grant.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import { commandWords } from "../app/command_words.ts";
import { type CliError, usageError } from "../base/exit.ts";
import { type AgentSource, refuseRegistryName } from "./agent_source.ts";

/** Options of `start` for MCP servers. */
export const MCP_OPTIONS = {
  mcp: {
    type: "list",
    value: "NAME=SERVER",
    help: "Make an agent of an MCP server: a URL, or a command line in quotes",
  },
  "mcp-tags": {
    type: "list",
    value: "NAME=TAG,TAG",
    help: "Tags of the tools of that server",
  },
  "mcp-header": {
    type: "list",
    value: "NAME=HEADER",
    help: "Header for a URL, such as 'NAME=Authorization: Bearer ${TOKEN}'",
  },
  "mcp-env": {
    type: "list",
    value: "NAME=KEY[=VALUE]",
    help: "Variable for a command: KEY alone passes on the one that is set",
  },
} as const satisfies OptionTable;

/** Values of {@linkcode MCP_OPTIONS}. */
export type McpOptions = OptionValues<typeof MCP_OPTIONS>;

/** What {@linkcode mcpServerSources} needs beside the options. */
export interface McpServerContext {
  /** Variables that `${NAME}` may name, and that may be passed on. */
  variables: Readonly<Record<string, string>>;
  /** Absolute folder of this project. */
  root: string;
}

/** An MCP server as its options describe it. */
interface Server extends ServerPlan {
  permissions: Permissions;
}

/**
 * The agents that the options ask for.
 *
 * @throws {CliError} exit 2 for options that cannot be used.
 */
export function mcpServerSources(
  options: McpOptions,
  { variables, root }: McpServerContext,
): AgentSource[] {
  const servers = new Map<string, Server>();
  for (const given of options.mcp) {
    const { name, rest } = named("--mcp", given);
    if (!MESH_NAME.test(name)) {
      throw usageError(
        `--mcp names an agent "${name}", which is no agent name`,
        "Use lower-case letters, digits and hyphens.",
      );
    }
    if (servers.has(name)) {
      throw usageError(`--mcp names two servers "${name}"`, "Give each a name of its own.");
    }
    servers.set(name, serverOf(name, rest, variables));
  }
  const server = (option: string, name: string): Server => {
    const found = servers.get(name);
    if (found !== undefined) return found;
    throw usageError(
      `${option} is for "${name}", and there is no --mcp of that name`,
      servers.size === 0 ? "Add one." : `There is ${[...servers.keys()].join(", ")}.`,
    );
  };
  for (const given of options["mcp-tags"]) {
    const { name, rest } = named("--mcp-tags", given);
    server("--mcp-tags", name).tags.push(
      ...rest.split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""),
    );
  }
  for (const given of options["mcp-header"]) {
    const { name, rest } = named("--mcp-header", given);
    const { headers } = server("--mcp-header", name);
    if (headers === undefined) throw meaningless("--mcp-header", name, "a command");
    Object.assign(headers, headerOf(name, rest, variables));
  }
  for (const given of options["mcp-env"]) {
    const { name, rest } = named("--mcp-env", given);
    const { env } = server("--mcp-env", name);
    if (env === undefined) throw meaningless("--mcp-env", name, "a URL");
    Object.assign(env, variableOf(rest, variables));
  }
  const sources = [...servers.values()].map(({ permissions, ...plan }): AgentSource => ({
    file: `${root}/runtime/bridge/planned_server.ts`,
    origin: plan.label,
    name: plan.name,
    permissions,
    declared: true,
    variables: {
      [SERVER_PLAN_VARIABLE]: JSON.stringify(plan),
      // Whatever names another agent of this start does not name this one.
      MCP_MESH_AGENT_NAME: "",
    },
  }));
  sources.forEach(refuseRegistryName);
  return sources;
}

function named(option: string, given: string): { name: string; rest: string } {
  const at = given.indexOf("=");
  if (at > 0) return { name: given.slice(0, at), rest: given.slice(at + 1) };
  // The rest may be a secret, so only what stands for a name is shown.
  throw usageError(
    `${option} begins with no NAME=`,
    "Write it like --mcp memory='npx -y @modelcontextprotocol/server-memory'.",
  );
}

function meaningless(option: string, name: string, kind: string): CliError {
  return usageError(`${option} means nothing to "${name}", which is ${kind}`, "Leave it out.");
}

function serverOf(
  name: string,
  target: string,
  variables: McpServerContext["variables"],
): Server {
  const isUrl = /^https?:\/\//i.test(target.trim());
  return isUrl ? urlServer(name, target.trim(), variables) : commandServer(name, target, variables);
}

function urlServer(
  name: string,
  target: string,
  variables: McpServerContext["variables"],
): Server {
  const text = expand("--mcp", target, variables);
  if (!URL.canParse(text)) {
    throw usageError(
      `--mcp ${name}=${target} is no URL that can be used`,
      "Write it like --mcp name=https://host/mcp.",
    );
  }
  const url = new URL(text);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return {
    name,
    tags: [],
    // As it was typed, without what may be a secret.
    label: target.replace(/[?#].*$/, "").replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1"),
    url: url.href,
    headers: {},
    permissions: { net: [`${url.hostname}:${port}`], env: [SERVER_PLAN_VARIABLE] },
  };
}

function commandServer(
  name: string,
  target: string,
  variables: McpServerContext["variables"],
): Server {
  const words = commandWords(target);
  if (words === undefined) {
    throw usageError(`--mcp ${name}=${target} opens a quote and does not close it`, "Close it.");
  }
  const [command, ...args] = words.map((word) => expand("--mcp", word, variables));
  if (!command) {
    throw usageError(
      `--mcp ${name}= names no server`,
      "Write a URL, or a command line in quotes, behind the =.",
    );
  }
  return {
    name,
    tags: [],
    label: target.trim(),
    command,
    args,
    env: {},
    permissions: { run: [command], env: [SERVER_PLAN_VARIABLE, ...INHERITED] },
  };
}

function headerOf(
  name: string,
  text: string,
  variables: McpServerContext["variables"],
): Record<string, string> {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/s.exec(text);
  if (match === null) {
    throw usageError(
      `--mcp-header for "${name}" is no header`,
      "Write it like --mcp-header 'name=Authorization: Bearer ${TOKEN}'.",
    );
  }
  const [, header = "", value = ""] = match;
  return { [header]: expand("--mcp-header", value.trim(), variables) };
}

function variableOf(
  text: string,
  variables: McpServerContext["variables"],
): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(text);
  const [, key = "", value] = match ?? [];
  if (match === null) {
    throw usageError(
      "--mcp-env is no NAME=KEY and no NAME=KEY=VALUE",
      "Write it like --mcp-env memory=MEMORY_FILE_PATH=/tmp/memory.json.",
    );
  }
  return { [key]: expand("--mcp-env", value ?? `\${${key}}`, variables) };
}

/** Fills in `${NAME}`: what is written so is not seen by others in the list of processes. */
function expand(
  option: string,
  text: string,
  variables: McpServerContext["variables"],
): string {
  return text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value !== undefined) return value;
    throw usageError(
      `${option} wants the variable ${name}, which is not set`,
      `Set it, or give it with --env-file.`,
    );
  });
}
