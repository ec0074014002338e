/**
 * The dashboard of mesh traffic: rate, errors and duration of calls, by agent and by edge; tokens by
 * model; how the registries are. Pure.
 *
 * @module
 */
import { type Dashboard, dashboard } from "./dashboard.ts";
import {
  type DashboardPanel,
  instant,
  joinedTable,
  PROMETHEUS,
  series,
  stat,
  timeSeries,
} from "./panel.ts";

const SERVER = "mcp_server_operation_duration_seconds";
const CLIENT = "mcp_client_operation_duration_seconds";
const AGENT = 'mesh_agent=~"$agent"';
const WINDOW = "[$__rate_interval]";

/** `mcp-mesh-traffic.json`. */
export function trafficDashboard(): Dashboard {
  return dashboard({
    uid: "mcp-mesh-traffic",
    title: "MCP Mesh Traffic",
    description: "Rate, errors and duration of calls between agents, tokens of models, registries.",
    tags: ["mcp-mesh", "observability"],
    from: "1h",
    variables: [{
      name: "agent",
      label: "Agent",
      type: "query",
      datasource: PROMETHEUS,
      definition: `label_values(${SERVER}_count, mesh_agent)`,
      query: {
        query: `label_values(${SERVER}_count, mesh_agent)`,
        refId: "PrometheusVariableQueryEditor-VariableQuery",
      },
      refresh: 2,
      sort: 1,
      multi: true,
      includeAll: true,
      allValue: ".*",
      current: { text: ["All"], value: ["$__all"] },
    }],
    panels: [...totals(), ...calls(), edges(), ...models(), ...registries()],
  });
}

/** A rate, or the share of one in another. */
const rate = (metric: string, filter: string, by = "") =>
  `sum${by && ` by (${by})`} (rate(${metric}{${filter}}${WINDOW}))`;
const share = (metric: string, filter: string, by = "") =>
  `${rate(metric, `${filter}, error_type!=""`, by)} / ${rate(metric, filter, by)}`;
const quantile = (share: number, metric: string, filter: string, by = "") =>
  `histogram_quantile(${share}, ${rate(`${metric}_bucket`, filter, by ? `le, ${by}` : "le")})`;

function totals(): DashboardPanel[] {
  const facts: [title: string, unit: string, expr: string][] = [
    ["Calls a second", "reqps", rate(`${SERVER}_count`, AGENT)],
    ["Calls that fail", "percentunit", `${share(`${SERVER}_count`, AGENT)} or vector(0)`],
    ["95 % answer within", "s", quantile(0.95, SERVER, AGENT)],
    ["Calls under way", "short", `sum(mesh_server_active_operations{${AGENT}})`],
    ["Healthy agents", "short", 'max(mesh_registry_agents{status="healthy"})'],
    ["Tokens a minute", "short", `60 * ${rate("gen_ai_client_token_usage_sum", AGENT)}`],
  ];
  return facts.map(([title, unit, expr], at) =>
    stat({
      title,
      unit,
      place: { x: at * 4, y: 0, w: 4, h: 4 },
      targets: [series("A", expr, title)],
    })
  );
}

function calls(): DashboardPanel[] {
  const by = "mesh_agent, gen_ai_tool_name";
  return [
    timeSeries({
      title: "Calls by tool",
      place: { x: 0, y: 4, w: 12, h: 8 },
      unit: "reqps",
      targets: [
        series("A", rate(`${SERVER}_count`, AGENT, by), "{{mesh_agent}} {{gen_ai_tool_name}}"),
      ],
    }),
    timeSeries({
      title: "Errors by code",
      place: { x: 12, y: 4, w: 12, h: 8 },
      unit: "reqps",
      targets: [
        series(
          "A",
          rate(`${SERVER}_count`, `${AGENT}, error_type!=""`, "mesh_agent, error_type"),
          "{{mesh_agent}} {{error_type}}",
        ),
      ],
    }),
    timeSeries({
      title: "Duration by tool, 95 %",
      place: { x: 0, y: 12, w: 12, h: 8 },
      unit: "s",
      targets: [
        series("A", quantile(0.95, SERVER, AGENT, by), "{{mesh_agent}} {{gen_ai_tool_name}}"),
      ],
    }),
    timeSeries({
      title: "Duration of all calls",
      place: { x: 12, y: 12, w: 12, h: 8 },
      unit: "s",
      targets: [0.5, 0.95, 0.99].map((part, at) =>
        series("ABC".charAt(at), quantile(part, SERVER, AGENT), `${part * 100} %`)
      ),
    }),
  ];
}

/** Who calls whom, and how it goes. */
function edges(): DashboardPanel {
  const by = "mesh_agent, mesh_target_agent, mesh_capability";
  return joinedTable({
    title: "Edges",
    description: "Calls from one agent to another: how many, how many fail, how long they take.",
    place: { x: 0, y: 20, w: 24, h: 10 },
    targets: [
      instant("A", rate(`${CLIENT}_count`, AGENT, by), "table"),
      instant(
        "B",
        `${share(`${CLIENT}_count`, AGENT, by)} or 0 * ${rate(`${CLIENT}_count`, AGENT, by)}`,
        "table",
      ),
      instant("C", quantile(0.5, CLIENT, AGENT, by), "table"),
      instant("D", quantile(0.95, CLIENT, AGENT, by), "table"),
    ],
  }, [
    { field: "mesh_agent", title: "From" },
    { field: "mesh_target_agent", title: "To" },
    { field: "mesh_capability", title: "Capability" },
    { field: "Value #A", title: "Calls", unit: "reqps" },
    { field: "Value #B", title: "Fail", unit: "percentunit" },
    { field: "Value #C", title: "Half within", unit: "s" },
    { field: "Value #D", title: "95 % within", unit: "s" },
  ]);
}

function models(): DashboardPanel[] {
  const model = "gen_ai_request_model";
  return [
    timeSeries({
      title: "Tokens a minute by model",
      place: { x: 0, y: 30, w: 12, h: 8 },
      unit: "short",
      targets: [
        series(
          "A",
          `60 * ${rate("gen_ai_client_token_usage_sum", AGENT, `${model}, gen_ai_token_type`)}`,
          `{{${model}}} {{gen_ai_token_type}}`,
        ),
      ],
    }),
    timeSeries({
      title: "Duration of calls to models, 95 %",
      place: { x: 12, y: 30, w: 12, h: 8 },
      unit: "s",
      targets: [
        series(
          "A",
          quantile(0.95, "gen_ai_client_operation_duration_seconds", AGENT, model),
          `{{${model}}}`,
        ),
      ],
    }),
  ];
}

function registries(): DashboardPanel[] {
  const facts: [title: string, unit: string, expr: string, legend: string][] = [
    [
      "Heartbeats",
      "reqps",
      rate("mesh_registry_heartbeats_total", "", "kind, outcome"),
      "{{kind}} {{outcome}}",
    ],
    [
      "Resolution, 95 %",
      "s",
      quantile(0.95, "mesh_registry_resolution_duration_seconds", "", "instance"),
      "{{instance}}",
    ],
    [
      "Database, 95 %",
      "s",
      quantile(0.95, "db_client_operation_duration_seconds", "", "db_operation_name"),
      "{{db_operation_name}}",
    ],
    [
      "Event loop delay, 99 %",
      "s",
      quantile(0.99, "mesh_event_loop_delay_seconds", "", "job, instance"),
      "{{job}} {{instance}}",
    ],
  ];
  return facts.map(([title, unit, expr, legend], at) =>
    timeSeries({
      title,
      unit,
      place: { x: at * 6, y: 38, w: 6, h: 8 },
      targets: [series("A", expr, legend)],
    })
  );
}
