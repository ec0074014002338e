/**
 * `GET /`: what answers here.
 *
 * @module
 */
import type { Hono } from "hono";
import { VERSION } from "../base/version.ts";
import { resource } from "./resource.ts";

/** The name the registry goes by on the wire. */
export const SERVICE = "mcp-mesh-registry";

/** Adds the banner. */
export function rootRoutes(app: Hono): void {
  resource(app, "/", {
    GET: () =>
      Response.json({
        service: SERVICE,
        version: VERSION,
        status: "running",
        endpoints: ["/health", "/heartbeat", "/agents"],
      }),
  });
}
