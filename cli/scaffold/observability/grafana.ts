/**
 * What Grafana is provisioned with: settings, data sources, and where dashboards are. Pure.
 *
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/
 * @module
 */
import { PROMETHEUS, TEMPO } from "./panel.ts";
import type { ObservabilityOptions } from "./options.ts";

const DASHBOARDS = "/var/lib/grafana/dashboards";

/** `grafana.ini`. */
export function grafanaIni(): string {
  const sections: [name: string, settings: Record<string, string>][] = [
    ["analytics", {
      reporting_enabled: "false",
      check_for_updates: "false",
      check_for_plugin_updates: "false",
    }],
    ["security", { disable_gravatar: "true" }],
    ["users", { allow_sign_up: "false", allow_org_create: "false" }],
    ["log", { mode: "console", level: "info" }],
    ["dashboards", { default_home_dashboard_path: `${DASHBOARDS}/mcp-mesh-overview.json` }],
  ];
  return sections.map(([name, settings]) => {
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
    return `[${name}]\n${lines.join("")}`;
  }).join("\n");
}

/** `provisioning/datasources/datasources.yaml`. */
export function dataSources({ registry }: ObservabilityOptions): Record<string, unknown> {
  const url = (service: string, port: number) =>
    `http://${registry === undefined ? "localhost" : service}:${port}`;
  return {
    apiVersion: 1,
    datasources: [
      {
        name: "Tempo",
        type: TEMPO.type,
        uid: TEMPO.uid,
        access: "proxy",
        url: url("tempo", 3200),
        isDefault: true,
        editable: false,
        jsonData: {
          nodeGraph: { enabled: true },
          tracesToMetrics: {
            datasourceUid: PROMETHEUS.uid,
            tags: [{ key: "service.name", value: "mesh_agent" }],
            queries: [{
              name: "Calls of this agent",
              // Provisioning takes `$` for variables of its own; two are one.
              query: "sum(rate(mcp_server_operation_duration_seconds_count{$$__tags}[5m]))",
            }],
          },
        },
      },
      {
        name: "Prometheus",
        type: PROMETHEUS.type,
        uid: PROMETHEUS.uid,
        access: "proxy",
        url: url("prometheus", 9090),
        editable: false,
        jsonData: { timeInterval: "15s", httpMethod: "POST" },
      },
    ],
  };
}

/** `provisioning/dashboards/dashboards.yaml`. */
export function dashboardProvider(): Record<string, unknown> {
  return {
    apiVersion: 1,
    providers: [{
      name: "MCP Mesh",
      type: "file",
      folder: "",
      allowUiUpdates: true,
      updateIntervalSeconds: 10,
      options: { path: DASHBOARDS },
    }],
  };
}
