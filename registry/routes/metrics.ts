/**
 * `GET /metrics`: what this registry measures, as Prometheus reads it. Our addition.
 *
 * @module
 */
import type { Hono } from "hono";
import { EXPOSITION_TYPE } from "../../runtime/metrics/exposition.ts";
import type { RegistryMetrics } from "../registry_metrics.ts";
import { resource } from "./resource.ts";

/** Adds the metrics route. */
export function metricsRoutes(app: Hono, { all }: RegistryMetrics): void {
  resource(app, "/metrics", {
    GET: () => new Response(all.text(), { headers: { "content-type": EXPOSITION_TYPE } }),
  });
}
