/**
 * The services of the stack, as a Compose file has them. Pure.
 *
 * @module
 */
import type { ObservabilityOptions } from "./options.ts";

/** A service. */
export type ComposeService = Readonly<Record<string, unknown>>;

/** A Compose file. */
export interface ComposeDocument {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
}

/** Images, by what they are. */
const IMAGE = {
  redis: "redis:7-alpine",
  tempo: "grafana/tempo:2.9.0",
  prometheus: "prom/prometheus:v3.5.0",
  grafana: "grafana/grafana:12.3.1",
} as const;

/** The Compose file of the stack. */
export function composeDocument(options: ObservabilityOptions): ComposeDocument {
  const { name } = options;
  return {
    name: `${name}-observability`,
    services: observabilityServices(options),
    volumes: {
      "redis-data": null,
      "tempo-data": null,
      "prometheus-data": null,
      "grafana-data": null,
    },
  };
}

/** Its services alone, to be added to those of a project. */
export function observabilityServices(
  { name, registry }: ObservabilityOptions,
): Record<string, ComposeService> {
  const onHost = registry === undefined;
  // Nobody but this machine reaches what asks for no password.
  const ports = (...numbers: number[]) => numbers.map((port) => `127.0.0.1:${port}:${port}`);
  const service = (kind: keyof typeof IMAGE) => ({
    image: IMAGE[kind],
    container_name: `${name}-${kind}`,
    restart: "unless-stopped",
  });
  return {
    redis: {
      ...service("redis"),
      command: ["redis-server", "--appendonly", "yes"],
      ports: ports(6379),
      volumes: ["redis-data:/data"],
      healthcheck: {
        test: ["CMD", "redis-cli", "ping"],
        interval: "5s",
        timeout: "3s",
        retries: 5,
      },
    },
    tempo: {
      ...service("tempo"),
      command: ["-config.file=/etc/tempo.yaml"],
      // A new volume belongs to root.
      user: "root",
      ports: ports(3200, 4317, 4318),
      volumes: ["./tempo.yaml:/etc/tempo.yaml:ro", "tempo-data:/var/tempo"],
    },
    prometheus: {
      ...service("prometheus"),
      command: [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.time=15d",
        ...onHost ? ["--web.listen-address=127.0.0.1:9090"] : [],
      ],
      ...onHost ? { network_mode: "host" } : { ports: ports(9090) },
      volumes: [
        "./prometheus.yml:/etc/prometheus/prometheus.yml:ro",
        "prometheus-data:/prometheus",
      ],
    },
    grafana: {
      ...service("grafana"),
      environment: {
        GF_SECURITY_ADMIN_USER: "admin",
        GF_SECURITY_ADMIN_PASSWORD: "${GRAFANA_PASSWORD:-admin}",
        GF_AUTH_ANONYMOUS_ENABLED: "true",
        GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
        ...onHost && { GF_SERVER_HTTP_ADDR: "127.0.0.1" },
      },
      ...onHost ? { network_mode: "host" } : { ports: ports(3000) },
      depends_on: ["tempo", "prometheus"],
      volumes: [
        "./grafana/grafana.ini:/etc/grafana/grafana.ini:ro",
        "./grafana/provisioning:/etc/grafana/provisioning:ro",
        "./grafana/dashboards:/var/lib/grafana/dashboards:ro",
        "grafana-data:/var/lib/grafana",
      ],
      healthcheck: {
        test: ["CMD-SHELL", "wget -qO- http://127.0.0.1:3000/api/health"],
        interval: "30s",
        timeout: "10s",
        retries: 3,
      },
    },
  };
}
