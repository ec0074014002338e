/**
 * `GET /jobs`: this registry keeps no jobs, which it says in the reference's shape, so that dashboards
 * show none instead of a registry that is out of reach.
 *
 * @module
 */
import type { Hono } from "hono";
import { resource } from "./resource.ts";

/** Adds the job route. */
export function jobRoutes(app: Hono): void {
  resource(app, "/jobs", {
    GET: () => Response.json({ jobs: [], next_cursor: null }),
  });
}
