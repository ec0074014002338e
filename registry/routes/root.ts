/**
 * `GET /`: what answers here.
 *
 * @module
 */
import { VERSION } from "../base/version.ts";
import { type Route, route } from "./route.ts";

/** The name the registry goes by on the wire. */
export const SERVICE = "mcp-mesh-registry";

/** Returns the banner. */
export function rootRoutes(): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/",
      about: "What answers here",
      answers: { 200: { about: "The banner", body: "application/json" } },
      handler: ({ json }) =>
        json(200, {
          service: SERVICE,
          version: VERSION,
          status: "running",
          endpoints: ["/health", "/heartbeat", "/agents"],
        }),
    }),
  ];
}
