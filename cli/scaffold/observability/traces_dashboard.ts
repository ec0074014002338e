/**
 * The dashboard of traces: what happened lately, what failed, what was slow, what models did. Pure.
 *
 * @module
 */
import { type Dashboard, dashboard } from "./dashboard.ts";
import { series, stat, table, timeSeries, traceSearch } from "./panel.ts";

/** Of one agent, or of all. */
const BY_AGENT = 'resource.service.name =~ "$agent"';

/** `mcp-mesh-overview.json`. */
export function tracesDashboard(): Dashboard {
  const textbox = (name: string, label: string, value: string) => ({
    name,
    label,
    type: "textbox" as const,
    query: value,
    current: { text: value, value },
  });
  return dashboard({
    uid: "mcp-mesh-overview",
    title: "MCP Mesh Distributed Tracing",
    description: "Requests through the mesh as call trees: click a trace to see it whole.",
    tags: ["mcp-mesh", "distributed-tracing", "observability"],
    from: "15m",
    variables: [
      textbox("agent", "Agent (regular expression)", ".*"),
      textbox("slow", "Slow is from", "1s"),
    ],
    panels: [
      stat({
        title: "Spans a second",
        description: "Stored by the registries, from agents and from the Redis stream.",
        place: { x: 0, y: 0, w: 6, h: 4 },
        unit: "short",
        targets: [
          series(
            "A",
            'sum(rate(mesh_registry_trace_spans_total{outcome="stored"}[$__rate_interval]))',
            "spans",
          ),
        ],
      }),
      stat({
        title: "Spans lost",
        description: "Dropped or unusable, in the time shown; traces have holes then.",
        place: { x: 6, y: 0, w: 6, h: 4 },
        unit: "short",
        targets: [
          series(
            "A",
            'sum(increase(mesh_registry_trace_spans_total{outcome!="stored"}[$__range])) or vector(0)',
            "lost",
          ),
        ],
      }),
      timeSeries({
        title: "Failed calls",
        place: { x: 12, y: 0, w: 12, h: 4 },
        unit: "reqps",
        targets: [
          series(
            "A",
            "sum by (mesh_agent, error_type) (rate(mcp_server_operation_duration_seconds_count" +
              '{error_type!="", mesh_agent=~"$agent"}[$__rate_interval]))',
            "{{mesh_agent}} {{error_type}}",
          ),
        ],
      }),
      table({
        title: "Recent traces",
        place: { x: 0, y: 4, w: 24, h: 10 },
        targets: [traceSearch(`{ ${BY_AGENT} }`, "traces", 50)],
      }),
      table({
        title: "Failed spans",
        place: { x: 0, y: 14, w: 12, h: 9 },
        targets: [
          traceSearch(`{ status = error && ${BY_AGENT} } | select(statusMessage)`, "spans", 30),
        ],
      }),
      table({
        title: "Slow traces",
        place: { x: 12, y: 14, w: 12, h: 9 },
        targets: [traceSearch(`{ traceDuration > $slow && ${BY_AGENT} }`, "traces", 30)],
      }),
      table({
        title: "Calls to language models",
        place: { x: 0, y: 23, w: 24, h: 9 },
        targets: [
          traceSearch(
            `{ span.gen_ai.request.model != nil && ${BY_AGENT} } | select(` +
              "span.gen_ai.request.model, span.gen_ai.usage.input_tokens, " +
              "span.gen_ai.usage.output_tokens)",
            "spans",
            30,
          ),
        ],
      }),
    ],
  });
}
