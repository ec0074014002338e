/**
 * What agents measure. Names and units are those of OpenTelemetry's semantic conventions for MCP and
 * generative AI, in Prometheus's spelling; `mesh_*` is what they have no name for. Dashboards are
 * written for exactly these.
 *
 * A label that does not apply is empty, which to Prometheus is not there.
 *
 * @module
 */
import { GEN_AI_SECONDS, GEN_AI_TOKENS, MCP_SECONDS } from "../metrics/buckets.ts";
import type { HistogramDefinition, InstrumentDefinition } from "../metrics/instruments.ts";

/** Calls an agent has answered, by what was called and how it failed. */
export const SERVER_DURATION = {
  name: "mcp_server_operation_duration_seconds",
  help: "Time from receiving a call to answering it; error_type is empty for those that succeeded.",
  labels: ["mcp_method_name", "gen_ai_tool_name", "mesh_capability", "error_type"],
  bounds: MCP_SECONDS,
} as const satisfies HistogramDefinition;

/** Calls an agent has made to others: the edges of the mesh. */
export const CLIENT_DURATION = {
  name: "mcp_client_operation_duration_seconds",
  help: "Time from calling another agent to having its answer, attempts together; " +
    "error_type is empty for those that succeeded.",
  labels: [
    "mcp_method_name",
    "gen_ai_tool_name",
    "mesh_capability",
    "mesh_target_agent",
    "error_type",
  ],
  bounds: MCP_SECONDS,
} as const satisfies HistogramDefinition;

/** Calls that are being answered. */
export const SERVER_ACTIVE = {
  name: "mesh_server_active_operations",
  help: "Calls under way.",
  labels: ["gen_ai_tool_name"],
} as const satisfies InstrumentDefinition;

/** Calls to language models. */
export const MODEL_DURATION = {
  name: "gen_ai_client_operation_duration_seconds",
  help: "Time a call to a language model took; error_type is empty for those that succeeded.",
  labels: ["gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name", "error_type"],
  bounds: GEN_AI_SECONDS,
} as const satisfies HistogramDefinition;

/** Tokens, `input` and `output` by `gen_ai_token_type`. */
export const MODEL_TOKENS = {
  name: "gen_ai_client_token_usage",
  help: "Tokens of a call to a language model, by whether they went in or came out.",
  labels: [
    "gen_ai_operation_name",
    "gen_ai_request_model",
    "gen_ai_provider_name",
    "gen_ai_token_type",
  ],
  bounds: GEN_AI_TOKENS,
} as const satisfies HistogramDefinition;

/** Heartbeats an agent has sent, by what came back. */
export const HEARTBEATS = {
  name: "mesh_heartbeats_total",
  help: "Heartbeats sent to the registry, by outcome.",
  labels: ["outcome"],
} as const satisfies InstrumentDefinition;

/** Spans an agent has published, and those it had no room for, by `outcome`. */
export const SPANS = {
  name: "mesh_trace_spans_total",
  help: "Spans measured, by what became of them.",
  labels: ["outcome"],
} as const satisfies InstrumentDefinition;
