/**
 * The keys of the definition of an agent in front of an MCP server.
 *
 * @module
 */
import { instance, port, text, textOr, truth, version } from "../define/check/kind.ts";
import { shape } from "../define/check/shape.ts";
import { SERVABLE, tags, texts, textsByName } from "../define/check/shapes.ts";
import type { McpAgentDefinition } from "./mcp_agent.ts";
import type { ClientCredentials } from "./target.ts";

const credentials = shape<ClientCredentials>("credentials", {
  clientId: text,
  issuer: text,
  scope: text,
  clientSecret: text,
  privateKey: text,
  algorithm: text,
}, { required: ["clientId", "issuer"] });

/** The definition of `mcpAgent()`. */
export const MCP_AGENT = shape<McpAgentDefinition>("the agent of an MCP server", {
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
