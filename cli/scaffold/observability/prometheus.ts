/**
 * Settings of Prometheus: the registry says where the agents are. Pure.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 * @module
 */
import type { ObservabilityOptions } from "./options.ts";

/** Where a registry on this machine answers. */
const ON_HOST = "http://localhost:8000";

/** `prometheus.yml`. */
export function prometheusConfig({ registry }: ObservabilityOptions): Record<string, unknown> {
  const address = new URL(registry ?? ON_HOST);
  const tempo = registry === undefined ? "localhost:3200" : "tempo:3200";
  return {
    global: { scrape_interval: "15s", scrape_timeout: "10s" },
    scrape_configs: [
      {
        job_name: "mesh-registry",
        scheme: address.protocol.slice(0, -1),
        static_configs: [{ targets: [address.host] }],
      },
      {
        job_name: "mesh-agents",
        http_sd_configs: [{
          url: new URL("/metrics/targets", address).href,
          refresh_interval: "15s",
        }],
      },
      { job_name: "tempo", static_configs: [{ targets: [tempo] }] },
    ],
  };
}
