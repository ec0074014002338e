/**
 * A registry, and an agent, whose every text would do something to a terminal.
 *
 * @module
 */

/** A text of every kind of hostility, behind a word that it can be found by. */
export const HOSTILE = "evil\x1b]0;title\x07\x1b[2J\x1b[31mred\u009b1m\u0085\x08\x7f\u202egnp" +
  "\u2066\r\nforged all is well\nError forged";

const NOW = new Date().toISOString();
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const HASH = `sha256:${"ab".repeat(32)}`;

function agentAt(endpoint: string, status: "healthy" | "unhealthy"): unknown {
  return {
    id: `${HOSTILE}${status}`,
    name: HOSTILE,
    agent_type: "mcp_agent",
    runtime: HOSTILE,
    status,
    health: { status: HOSTILE, errors: [HOSTILE] },
    endpoint,
    capabilities: [{
      name: HOSTILE,
      version: HOSTILE,
      function_name: HOSTILE,
      tags: [HOSTILE, "service:evil"],
      description: HOSTILE,
      llm_filter: { capability: HOSTILE },
      llm_provider: { capability: HOSTILE },
      available: true,
    }, {
      name: HOSTILE,
      version: HOSTILE,
      function_name: `${HOSTILE} down`,
      tags: [HOSTILE],
      available: false,
      unavailable_reason: HOSTILE,
    }],
    total_dependencies: 1,
    dependencies_resolved: 0,
    dependency_resolutions: [
      { function_name: HOSTILE, capability: HOSTILE, status: "unresolved", tags: [HOSTILE] },
      {
        function_name: "f",
        capability: "c",
        status: "available",
        mcp_tool: HOSTILE,
        endpoint: HOSTILE,
      },
    ],
    llm_tool_resolutions: [
      { function_name: HOSTILE, status: "available", mcp_tool: HOSTILE, endpoint: HOSTILE },
    ],
    llm_provider_resolutions: [
      { function_name: HOSTILE, status: HOSTILE, required_capability: HOSTILE },
    ],
    created_at: HOSTILE,
    last_seen: NOW,
    version: HOSTILE,
  };
}

const STAGES = [{
  stage: HOSTILE,
  kept: [HOSTILE],
  evicted: [{ id: HOSTILE, reason: HOSTILE, details: { [HOSTILE]: HOSTILE } }],
  reason: HOSTILE,
}];
const CHOSEN = { agent_id: HOSTILE, endpoint: HOSTILE, function_name: HOSTILE };
const AUDIT = {
  consumer: HOSTILE,
  dep_index: 0,
  spec: { capability: HOSTILE, tags: [HOSTILE], version_constraint: HOSTILE, schema_mode: HOSTILE },
  stages: STAGES,
  chosen: CHOSEN,
  prior_chosen: HOSTILE,
};
const EVENTS = ["register", HOSTILE, "unhealthy", "dependency_resolved"].map((event_type) => ({
  event_type,
  agent_id: HOSTILE,
  agent_name: HOSTILE,
  function_name: HOSTILE,
  timestamp: HOSTILE,
  data: { ...AUDIT, reason: HOSTILE, description: HOSTILE, version: HOSTILE, agent_type: HOSTILE },
}));
const SPAN = {
  TraceID: TRACE,
  SpanID: "00f067aa0ba902b7",
  AgentName: HOSTILE,
  AgentID: HOSTILE,
  IPAddress: HOSTILE,
  Operation: HOSTILE,
  StartTime: NOW,
  EndTime: NOW,
  DurationMS: 1,
  Success: false,
  ErrorMessage: HOSTILE,
  LLMModel: HOSTILE,
};
const SUMMARY = {
  trace_id: TRACE,
  root_agent: HOSTILE,
  root_operation: HOSTILE,
  start_time: HOSTILE,
  completed: true,
  duration_ms: 1,
  has_error: true,
  error: HOSTILE,
  span_count: 1,
  agents: [HOSTILE],
};
const SCHEMA = {
  hash: HASH,
  canonical: { type: "object", properties: { [HOSTILE]: { type: HOSTILE } } },
  runtime_origin: HOSTILE,
  created_at: NOW,
};

/** What the registry answers, by path. */
function answers(origin: string): Record<string, unknown> {
  return {
    "/health": {
      status: "healthy",
      version: HOSTILE,
      uptime_seconds: 1,
      timestamp: NOW,
      service: HOSTILE,
    },
    "/agents": {
      agents: [agentAt(origin, "healthy"), agentAt(origin, "unhealthy")],
      count: 2,
      timestamp: NOW,
    },
    "/events": { events: EVENTS, count: EVENTS.length },
    "/why": {
      resolved: false,
      chosen: CHOSEN,
      sentences: [HOSTILE],
      fix: HOSTILE,
      stages: STAGES,
    },
    "/traces": { traces: [SUMMARY], count: 1, next_cursor: null },
    [`/trace/${TRACE}`]: {
      TraceID: TRACE,
      Spans: [SPAN],
      StartTime: NOW,
      EndTime: NOW,
      Duration: 1e6,
      Success: false,
      SpanCount: 1,
      AgentCount: 1,
      Agents: [HOSTILE],
      Complete: true,
    },
    "/schemas": { schemas: [SCHEMA, { ...SCHEMA, hash: `sha256:${"cd".repeat(32)}` }], count: 2 },
  };
}

interface RpcRequest {
  id: unknown;
  method: string;
  params?: { name?: string; arguments?: { kind?: string } };
}

/** What the agent answers: a result that fails, an error, or a text, as its arguments say. */
function rpcAnswer({ method, params }: RpcRequest): Record<string, unknown> {
  if (method === "tools/list") {
    const properties = { [HOSTILE]: { type: "string", enum: [HOSTILE], description: HOSTILE } };
    return {
      result: {
        tools: [{
          name: HOSTILE,
          description: HOSTILE,
          inputSchema: { type: "object", properties },
        }],
      },
    };
  }
  switch (params?.arguments?.kind) {
    case "error":
      return { error: { code: -32000, message: HOSTILE, data: HOSTILE } };
    case "failure":
      return { result: { content: [{ type: "text", text: HOSTILE }], isError: true } };
    default:
      return { result: { content: [{ type: "text", text: HOSTILE }] } };
  }
}

/** A hostile registry at a port of its own. */
export function serveHostile(): Deno.HttpServer<Deno.NetAddr> {
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/mcp" || pathname.startsWith("/proxy/")) {
        const rpc: RpcRequest = await request.json();
        return Response.json({ jsonrpc: "2.0", id: rpc.id, ...rpcAnswer(rpc) });
      }
      if (pathname === "/metrics") return new Response(`${HOSTILE}\n`);
      const found = answers(`http://127.0.0.1:${server.addr.port}`)[pathname];
      return found === undefined
        ? Response.json({ error: HOSTILE }, { status: 400 })
        : Response.json(found);
    },
  );
  return server;
}
