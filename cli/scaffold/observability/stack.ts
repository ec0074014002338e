/**
 * Redis, Tempo, Prometheus and Grafana for a mesh, as files. Pure: writing them is for whoever asks.
 *
 * @module
 */
import { stringify } from "yaml";
import { type ComposeDocument, composeDocument } from "./compose.ts";
import { dashboardProvider, dataSources, grafanaIni } from "./grafana.ts";
import { prometheusConfig } from "./prometheus.ts";
import { tempoConfig } from "./tempo.ts";
import { tracesDashboard } from "./traces_dashboard.ts";
import { trafficDashboard } from "./traffic_dashboard.ts";
import type { ObservabilityOptions } from "./options.ts";

/** A file of the stack. */
export interface StackFile {
  /** Relative to the project's folder, with slashes. */
  path: string;
  text: string;
}

/** Where the stack is described. */
export const STACK_FILE = "docker-compose.observability.yml";

const HEADER = (options: ObservabilityOptions) =>
  [
    ` Redis, Tempo, Prometheus and Grafana: docker compose -f ${STACK_FILE} up -d`,
    " Grafana is at http://localhost:3000 then.",
    ...options.registry !== undefined
      ? [
        " Agents and registry send spans with:",
        ...Object.entries(observabilityEnvironment(options)).map(([name, value]) =>
          `   ${name}=${value}`
        ),
      ]
      : [
        " `meshctl start --dte` finds it and sends spans through it.",
        " Prometheus reads from agents on this machine, and so shares its network. Docker Desktop",
        ' allows that with "Enable host networking" in its settings.',
      ],
  ].join("\n");

/** All files of the stack. */
export function observabilityStack(options: ObservabilityOptions): StackFile[] {
  const compose: ComposeDocument = composeDocument(options);
  const json = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
  return [
    { path: STACK_FILE, text: yaml(compose, HEADER(options)) },
    { path: "tempo.yaml", text: yaml(tempoConfig()) },
    { path: "prometheus.yml", text: yaml(prometheusConfig(options)) },
    { path: "grafana/grafana.ini", text: grafanaIni() },
    {
      path: "grafana/provisioning/datasources/datasources.yaml",
      text: yaml(dataSources(options)),
    },
    { path: "grafana/provisioning/dashboards/dashboards.yaml", text: yaml(dashboardProvider()) },
    { path: "grafana/dashboards/mcp-mesh-overview.json", text: json(tracesDashboard()) },
    { path: "grafana/dashboards/mcp-mesh-traffic.json", text: json(trafficDashboard()) },
  ];
}

/** Variables that let the registry and its agents use the stack. */
export function observabilityEnvironment(
  { registry }: Pick<ObservabilityOptions, "registry">,
): Record<string, string> {
  const host = (service: string) => registry === undefined ? "localhost" : service;
  return {
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true",
    REDIS_URL: `redis://${host("redis")}:6379`,
    TRACE_EXPORTER_TYPE: "otlp",
    TELEMETRY_ENDPOINT: `${host("tempo")}:4317`,
    TELEMETRY_PROTOCOL: "grpc",
    TEMPO_URL: `http://${host("tempo")}:3200`,
  };
}

function yaml(document: unknown, comment?: string): string {
  // Readers of YAML 1.1 take `yes` for a truth value: it is quoted for them.
  const text = stringify(document, { lineWidth: 100, version: "1.1" });
  return comment === undefined ? text : `${comment.replaceAll(/^/gm, "#")}\n${text}`;
}
