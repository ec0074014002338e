/**
 * Settings of Grafana Tempo: OTLP in, traces kept on disk for a day. Pure.
 *
 * @see https://grafana.com/docs/tempo/latest/configuration/
 * @module
 */

/** `tempo.yaml`. */
export function tempoConfig(): Record<string, unknown> {
  return {
    server: { http_listen_port: 3200, grpc_listen_port: 9095 },
    distributor: {
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: "0.0.0.0:4317" },
            http: { endpoint: "0.0.0.0:4318" },
          },
        },
      },
    },
    ingester: { max_block_duration: "5m" },
    compactor: { compaction: { block_retention: "24h" } },
    query_frontend: {
      search: { duration_slo: "5s", throughput_bytes_slo: 1_073_741_824 },
      trace_by_id: { duration_slo: "5s" },
    },
    storage: {
      trace: {
        backend: "local",
        wal: { path: "/var/tempo/wal" },
        local: { path: "/var/tempo/blocks" },
      },
    },
    usage_report: { reporting_enabled: false },
  };
}
