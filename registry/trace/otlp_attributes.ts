/**
 * Names of attributes in exported spans: OpenTelemetry's semantic conventions where they have one, the
 * reference's for what its dashboards look for, `mesh.*` for the rest.
 *
 * @module
 */

/** Of the resource, which is the agent, and of spans. */
export const ATTRIBUTE = {
  serviceName: "service.name",
  serviceInstance: "service.instance.id",
  serviceVersion: "service.version",
  serviceNamespace: "service.namespace",
  hostName: "host.name",
  agentId: "mcp.agent.id",
  operation: "mcp.operation",
  runtime: "mcp.runtime",
  capability: "mesh.capability",
  target: "mesh.target.agent",
  /** Whom Tempo draws a line to where nobody at the other end traces. */
  peer: "peer.service",
  requestBytes: "mesh.request.size",
  responseBytes: "mesh.response.size",
  attempts: "mesh.call.attempts",
  chunks: "mesh.stream.chunks",
  errorType: "error.type",
  model: "gen_ai.request.model",
  provider: "gen_ai.provider.name",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  toolName: "gen_ai.tool.name",
} as const;
