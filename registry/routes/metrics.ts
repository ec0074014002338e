/**
 * `GET /metrics`: what this registry measures, as Prometheus reads it; `GET /metrics/targets`: where
 * the agents do. Our additions.
 *
 * @module
 */
import { EXPOSITION_TYPE } from "../../runtime/metrics/exposition.ts";
import { NAMESPACE } from "../base/parameter.ts";
import { answered } from "../http/answered.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { metricsTargets } from "../view/metrics_targets.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { type Route, route } from "./route.ts";

/** Returns the metrics routes. */
export function metricsRoutes({ all }: RegistryMetrics, snapshot: Snapshot): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/metrics",
      about: "What this instance measures, as Prometheus reads it",
      answers: { 200: { about: "Exposition format 0.0.4", body: "text/plain" } },
      handler: () => answered(200, all.text(), { "content-type": EXPOSITION_TYPE }),
    }),
    route({
      method: "GET",
      path: "/metrics/targets",
      about: "Where agents say what they measure, for Prometheus's `http_sd_configs`",
      query: { namespace: NAMESPACE },
      answers: { 200: { about: "Targets with their labels", body: "application/json" } },
      handler: ({ query: { namespace }, json }) =>
        json(200, metricsTargets(snapshot.entries(), namespace)),
    }),
  ];
}
