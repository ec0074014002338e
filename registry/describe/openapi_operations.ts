/**
 * Every route of the registry, described: what `/openapi.json` and `/docs` are made from.
 *
 * @module
 */
import type { SchemaName } from "./openapi_schemas.ts";

/** One parameter of a query. */
export interface QueryParameter {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean";
  readonly about: string;
  readonly required?: boolean;
  /** Whether it may be given several times. */
  readonly repeated?: boolean;
}

/** What a route answers with one status. */
export interface Answer {
  readonly about: string;
  /** A named schema for JSON, or another media type; nothing for an empty body. */
  readonly body?:
    | SchemaName
    | "text/event-stream"
    | "text/html"
    | "text/plain"
    | "application/json"
    | "*/*";
}

/** One method of one path. */
export interface Operation {
  readonly method: "get" | "head" | "post" | "delete";
  /** With `{name}` for what varies. */
  readonly path: string;
  readonly about: string;
  readonly query?: readonly QueryParameter[];
  readonly body?: SchemaName | "application/json" | "*/*";
  readonly answers: Readonly<Record<number, Answer>>;
}

const refused = (about: string): Answer => ({ about, body: "Problem" });
const badValue: Answer = { about: "A value is not of its type", body: "BadParameter" };
const unwritable = refused("The database does not take writes; try again later");
const namespace: QueryParameter = {
  name: "namespace",
  type: "string",
  about: "Only what belongs to this namespace",
};
const limit = (fallback: string, max: number): QueryParameter => ({
  name: "limit",
  type: "integer",
  about: `How many at most, up to ${max}; ${fallback}`,
});
const noTraces: Answer = { about: "Traces are switched off", body: "application/json" };
const traceQuery: readonly QueryParameter[] = [
  { name: "agent", type: "string", about: "Name or id of an agent that took part" },
  { name: "operation", type: "string", about: "A tool, route or the like that ran" },
  { name: "error", type: "boolean", about: "Whether something of it failed" },
  {
    name: "min_duration",
    type: "string",
    about: "Shortest time from the first begin to the last end: seconds, or such as `250ms`",
  },
  namespace,
];
const forwarded = (method: "get" | "post"): Operation => ({
  method,
  path: "/proxy/{target}",
  about:
    "A call to a registered agent, `{host:port}/mcp…`, for callers that reach only the registry",
  ...(method === "post" && { body: "*/*" as const }),
  answers: {
    200: { about: "Whatever the agent answers, with its status", body: "*/*" },
    400: refused("The target is none, or leads outside of `/mcp`"),
    403: refused("No registered agent has this address"),
    502: refused("The agent cannot be reached, or not in time"),
    ...(method === "post" && { 413: refused("The body is too large") }),
  },
});
const mcp = (method: "get" | "post", about: string, answers: Operation["answers"]): Operation => ({
  method,
  path: "/mcp",
  about,
  query: [
    {
      name: "tags",
      type: "string",
      about: "Only tools with these tags, as in a dependency: `x`, `-x`, `x|y`; commas mean and",
      repeated: true,
    },
    {
      name: "capability",
      type: "string",
      about: "Only tools of any of these capabilities; `search.*` is all that begin so",
      repeated: true,
    },
    {
      name: "mode",
      type: "string",
      about: "`search`: three tools to find, describe and call the others, instead of all",
    },
    namespace,
  ],
  ...(method === "post" && { body: "application/json" as const }),
  answers: {
    ...answers,
    400: refused("The message or the query is wrong"),
    401: refused("The token of `MCP_MESH_MCP_TOKEN` is missing or wrong"),
    403: refused("Only programs of this machine may ask, or the host is not allowed"),
    404: refused("`/mcp` is switched off"),
    503: refused("Too many calls are under way, or too many clients listen"),
  },
});
const drain = (method: "get" | "post" | "delete", about: string): Operation => ({
  method,
  path: "/admin/drain",
  about,
  answers: {
    200: { about: "How it is now", body: "DrainState" },
    401: refused("The token is missing or wrong"),
    403: refused("Without a token set, only this machine may ask"),
    503: refused("The database does not answer"),
  },
});

const held = { about: "The client has it: its tag is in If-None-Match" };

/** All of them. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/",
    about: "What answers here",
    answers: { 200: { about: "The banner", body: "application/json" } },
  },
  {
    method: "get",
    path: "/health",
    about: "Whether the registry can do its work",
    answers: {
      200: { about: "It can", body: "RegistryHealth" },
      503: { about: "Its database does not answer", body: "RegistryHealth" },
    },
  },
  {
    method: "head",
    path: "/health",
    about: "The same in headers",
    answers: { 200: { about: "It can" }, 503: { about: "Its database does not answer" } },
  },
  {
    method: "post",
    path: "/heartbeat",
    about:
      "Registers an agent, or refreshes it. A refused registration is 200 with `status: error`",
    body: "Registration",
    answers: {
      200: {
        about: "Where its dependencies lead, or why it is refused",
        body: "HeartbeatResponse",
      },
      400: refused("The body is not a registration"),
      413: refused("The body is too large"),
      503: unwritable,
    },
  },
  {
    method: "head",
    path: "/heartbeat/{id}",
    about: "An agent says it is there",
    answers: {
      200: { about: "Nothing new" },
      202: { about: "Its wiring has changed: register again" },
      410: { about: "Unknown, or given up: register again" },
      503: { about: "The beat could not be kept" },
    },
  },
  {
    method: "get",
    path: "/heartbeat/{id}/stream",
    about: "Tells an agent at once when its wiring changes, instead of at its next beat",
    answers: {
      200: { about: "Events", body: "text/event-stream" },
      410: refused("Unknown, or given up: register again"),
      503: refused("Too many streams are open"),
    },
  },
  {
    method: "get",
    path: "/agents",
    about: "The agents, in order of first registration; all of them without a limit",
    query: [
      { name: "status", type: "string", about: "healthy, unhealthy or unknown" },
      namespace,
      { name: "type", type: "string", about: "Such as mcp_agent, api or a2a" },
      {
        name: "capabilities",
        type: "string",
        about: "Agents that offer any of these",
        repeated: true,
      },
      { name: "fuzzy", type: "boolean", about: "Compare capabilities as parts, without case" },
      limit("all without it", 1_000),
      { name: "cursor", type: "string", about: "`next_cursor` of the page before" },
    ],
    answers: { 200: { about: "The agents", body: "AgentList" }, 400: badValue },
  },
  {
    method: "get",
    path: "/agents/stream",
    about: "Who is there, and every change of that",
    query: [namespace],
    answers: {
      200: { about: "Events", body: "text/event-stream" },
      503: refused("Too many streams are open"),
    },
  },
  {
    method: "get",
    path: "/agents/{id}",
    about: "One agent",
    query: [namespace],
    answers: { 200: { about: "The agent", body: "AgentInfo" }, 404: refused("There is none") },
  },
  {
    method: "delete",
    path: "/agents/{id}",
    about: "An agent says goodbye. It stays listed, dead, until the sweep",
    answers: { 204: { about: "Done, also when there was none" }, 503: unwritable },
  },
  {
    method: "get",
    path: "/events",
    about: "What happened, newest first",
    query: [
      { name: "type", type: "string", about: "Such as register or dependency_resolved" },
      { name: "agent_id", type: "string", about: "Only of this agent" },
      { name: "function_name", type: "string", about: "Only of this function" },
      namespace,
      limit("50 without it", 500),
    ],
    answers: { 200: { about: "The events", body: "EventList" }, 400: badValue },
  },
  {
    method: "get",
    path: "/events/stream",
    about: "What happens, as it happens; `Last-Event-ID` goes on where a stream broke off",
    query: [
      { name: "type", type: "string", about: "Such as register or dependency_resolved" },
      { name: "agent_id", type: "string", about: "Only of this agent" },
      { name: "function_name", type: "string", about: "Only of this function" },
      namespace,
    ],
    answers: {
      200: { about: "Events", body: "text/event-stream" },
      503: refused("Too many streams are open"),
    },
  },
  {
    method: "get",
    path: "/schemas",
    about: "The canonical schemas that agents have published, newest first",
    query: [limit("100 without it", 1_000)],
    answers: { 200: { about: "The schemas", body: "StoredSchemaList" }, 400: badValue },
  },
  {
    method: "get",
    path: "/schemas/{hash}",
    about: "One canonical schema",
    answers: { 200: { about: "The schema", body: "StoredSchema" }, 404: refused("There is none") },
  },
  {
    method: "get",
    path: "/jobs",
    about: "The jobs of the mesh; this registry keeps none",
    answers: { 200: { about: "An empty list, in the reference's shape", body: "JobList" } },
  },
  {
    method: "get",
    path: "/a2a/agents",
    about: "The A2A surfaces of the mesh",
    query: [namespace],
    answers: { 200: { about: "The surfaces", body: "A2aSurfaceList" } },
  },
  {
    method: "get",
    path: "/why",
    about: "Why a dependency is resolved or not, and what would resolve it",
    query: [
      { name: "agent", type: "string", about: "Id, name or how one begins", required: true },
      { name: "dependency", type: "string", about: "The capability asked for", required: true },
      { name: "function", type: "string", about: "Only dependencies of this function" },
      namespace,
    ],
    answers: {
      200: { about: "The explanation", body: "Explanation" },
      400: refused("Something is missing"),
      404: refused("There is no such agent or dependency, or more than one"),
    },
  },
  {
    method: "post",
    path: "/trace/spans",
    about: "Spans of an agent; up to 1,000, and 1 MiB",
    body: "SpanBatch",
    answers: {
      202: { about: "What was taken is kept", body: "SpanReceipt" },
      400: refused("The body is no batch"),
      404: noTraces,
      413: refused("The body is too large"),
      429: refused("More spans come in than are taken; try again later"),
      503: unwritable,
    },
  },
  {
    method: "get",
    path: "/traces",
    about: "The traces there are, those with the latest spans first",
    query: [
      ...traceQuery,
      limit("20 without it", 100),
      { name: "cursor", type: "string", about: "`next_cursor` of the page before" },
    ],
    answers: { 200: { about: "The traces", body: "TraceList" }, 400: badValue, 404: noTraces },
  },
  {
    method: "get",
    path: "/traces/stream",
    about: "Traces as they grow: `trace_started`, `trace_update` and `trace_completed`",
    query: traceQuery,
    answers: {
      200: { about: "Events", body: "text/event-stream" },
      400: badValue,
      404: noTraces,
      503: refused("Too many streams are open"),
    },
  },
  {
    method: "get",
    path: "/trace/{id}",
    about: "One trace; the beginning of its id is enough",
    query: [namespace],
    answers: {
      200: { about: "The trace", body: "CompletedTrace" },
      404: { about: "There is none, or traces are switched off", body: "application/json" },
      409: { about: "Several begin so", body: "AmbiguousTrace" },
      502: refused("It is not here, and Tempo could not be asked"),
    },
  },
  ...["/trace/status", "/trace/info"].map((path): Operation => ({
    method: "get",
    path,
    about: "How tracing stands: settings, and the reading of the Redis stream",
    answers: { 200: { about: "The state", body: "TraceStatus" } },
  })),
  {
    method: "get",
    path: "/trace/stats",
    about: "What became of spans since this instance started",
    answers: { 200: { about: "Counts", body: "TraceStats" } },
  },
  {
    method: "get",
    path: "/metrics",
    about: "What this instance measures, as Prometheus reads it",
    answers: { 200: { about: "Exposition format 0.0.4", body: "text/plain" } },
  },
  {
    method: "get",
    path: "/metrics/targets",
    about: "Where agents say what they measure, for Prometheus's `http_sd_configs`",
    query: [namespace],
    answers: { 200: { about: "Targets with their labels", body: "application/json" } },
  },
  drain("get", "Whether jobs are held back"),
  drain("post", "Hands out no more jobs"),
  drain("delete", "Hands out jobs again"),
  mcp(
    "post",
    "The mesh as one MCP server: a message of a client, revisions 2024-11-05 to 2026-07-28",
    {
      200: { about: "The answer, as a message or as events", body: "*/*" },
      202: { about: "A notification was taken" },
      413: refused("The body is too large"),
    },
  ),
  mcp("get", "Tells clients of revisions up to 2025-11-25 when the tools have changed", {
    200: { about: "Events", body: "text/event-stream" },
    406: refused("It is not asked for as events"),
  }),
  forwarded("get"),
  forwarded("post"),
  {
    method: "get",
    path: "/openapi.json",
    about: "This description",
    answers: { 200: { about: "OpenAPI 3.1", body: "application/json" }, 304: held },
  },
  {
    method: "get",
    path: "/docs",
    about: "This description, to be read",
    answers: { 200: { about: "A page", body: "text/html" }, 304: held },
  },
];
