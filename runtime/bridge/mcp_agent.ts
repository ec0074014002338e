/**
 * Any MCP server as an agent of the mesh.
 *
 * @module
 */
import { type Agent, agent } from "../define/agent.ts";
import { readVariables } from "../base/environment.ts";
import { checkDefinition, named } from "../define/check/check.ts";
import type { Bridge } from "./bridge.ts";
import {
  type ClientCredentials,
  INHERITED,
  isCommand,
  type TargetDefinition,
  targetOf,
} from "./target.ts";
import { instance, port, text, textOr, truth, version } from "../define/check/kind.ts";
import { shape } from "../define/check/shape.ts";
import { SERVABLE } from "../define/servable.ts";
import { tags, texts, textsByName } from "../define/check/lists.ts";

const credentials = shape<ClientCredentials>("credentials", {
  clientId: text,
  issuer: text,
  scope: text,
  clientSecret: text,
  privateKey: text,
  algorithm: text,
}, { required: ["clientId", "issuer"] });

/** The definition of `mcpAgent()`. */
const MCP_AGENT = shape<McpAgentDefinition>("the agent of an MCP server", {
  name: SERVABLE.name,
  tags,
  version,
  description: text,
  namespace: SERVABLE.namespace,
  port,
  sessions: truth,
  url: textOr(instance(URL)),
  headers: textsByName,
  credentials,
  command: text,
  args: texts,
  env: textsByName,
  cwd: text,
}, { required: ["name"] });

/** What every MCP server's agent may say about itself. */
export interface McpAgentBase {
  /** Lower-case letters, digits and hyphens, at most 63; replicas share it. */
  readonly name: string;
  /** What consumers select its tools by. */
  readonly tags?: readonly string[];
  /**
   * Semantic version of its tools.
   *
   * @default what the server says
   */
  readonly version?: string;
  /** What it is for, for people. */
  readonly description?: string;
  /** As of any agent; see `AgentDefinition`. */
  readonly namespace?: string;
  /** As of any agent; see `AgentDefinition`. */
  readonly port?: number;
  /** As of any agent; see `AgentDefinition`. */
  readonly sessions?: boolean;
}

/** An MCP server to reach at a URL. */
export interface McpAgentOverHttp extends McpAgentBase {
  readonly url: string | URL;
  /** Sent with every request to it, such as `Authorization`; never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Gets access tokens from the authorization server it names, as an OAuth client without a person,
   * and again whenever they are used up; never logged.
   */
  readonly credentials?: ClientCredentials;
  readonly command?: never;
  readonly args?: never;
  readonly env?: never;
  readonly cwd?: never;
}

/** An MCP server to start and to speak to over its standard streams. */
export interface McpAgentOverStdio extends McpAgentBase {
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables it gets beside `HOME`, `LOGNAME`, `PATH`, `SHELL`, `TERM` and `USER`; never logged. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Its working folder.
   *
   * @default that of the agent's process
   */
  readonly cwd?: string;
  readonly url?: never;
  readonly headers?: never;
  readonly credentials?: never;
}

/** An MCP server, and what the mesh is to know of it. */
export type McpAgentDefinition = McpAgentOverHttp | McpAgentOverStdio;

/**
 * Makes an agent of an MCP server: its tools are capabilities of the mesh by their own names, its
 * prompts and resources come along, and everything passes as the server wrote it. The agent is as
 * healthy as the connection, which is made again whenever it is lost; a command is started again.
 *
 * @throws {MeshError} `bad_definition` for a server that is neither a URL nor a command, or a name or
 * header that cannot be used.
 *
 * @example
 * ```ts
 * import { mcpAgent } from "mesh";
 *
 * export default mcpAgent({
 *   name: "memory",
 *   command: "npx",
 *   args: ["-y", "@modelcontextprotocol/server-memory"],
 *   tags: ["notes"],
 * });
 * ```
 */
export function mcpAgent(definition: McpAgentDefinition): Agent {
  checkDefinition(MCP_AGENT, named("mcpAgent", definition), definition);
  return mcpAgentWith(definition, { mustConnect: false });
}

/** How an MCP server's agent starts. */
export interface McpAgentOptions {
  /** Whether a server that is away at first keeps the agent from starting. */
  readonly mustConnect: boolean;
}

/** A definition as plain members, of which {@linkcode targetOf} says whether they go together. */
export type PlainDefinition =
  & TargetDefinition
  & { readonly [K in keyof McpAgentBase]?: McpAgentBase[K] | undefined };

/** The agent of {@linkcode mcpAgent}. */
export function mcpAgentWith(
  definition: PlainDefinition,
  { mustConnect }: McpAgentOptions,
): Agent {
  const { name, tags = [], version, description, namespace, port, sessions } = definition;
  const target = targetOf(definition);
  let bridge: Bridge | undefined;
  let instructions: string | undefined;
  const self = agent({
    name,
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(port === undefined ? {} : { port }),
    ...(sessions === undefined ? {} : { sessions }),
    // Read whenever the manifest is made anew, as it is when the server's tools arrive.
    get instructions() {
      return instructions;
    },
    healthCheck: () => bridge?.check() ?? false,
    lifespan: async (context) => {
      const inherited = isCommand(target) ? readVariables(INHERITED) : {};
      if (isCommand(target) && inherited["PATH"] === undefined) {
        context.log.warn("the server gets no PATH: add --allow-env=HOME,PATH to the first line");
      }
      // Loaded only where it is used: agents without a server behind them do without its packages.
      const { openBridge } = await import("./bridge.ts");
      const onInstructions = (text: string | undefined) => instructions = text;
      bridge = await openBridge(
        { agent: self, target, inherited, tags, version, mustConnect, onInstructions },
        context,
      );
      return bridge;
    },
  });
  return self;
}
