/**
 * `GET /metrics`: what this registry measures, as Prometheus reads it; `GET /metrics/targets`: where
 * the agents do. Our additions.
 *
 * @module
 */
import type { Hono } from "hono";
import { EXPOSITION_TYPE } from "../../runtime/metrics/exposition.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { metricsTargets } from "../view/metrics_targets.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { resource } from "./resource.ts";

/** Adds the metrics routes. */
export function metricsRoutes(app: Hono, { all }: RegistryMetrics, snapshot: Snapshot): void {
  resource(app, "/metrics", {
    GET: () => new Response(all.text(), { headers: { "content-type": EXPOSITION_TYPE } }),
  });
  resource(app, "/metrics/targets", {
    GET: ({ req }) => {
      const namespace = new URL(req.url).searchParams.get("namespace") || undefined;
      return Response.json(metricsTargets(snapshot.entries(), namespace));
    },
  });
}
