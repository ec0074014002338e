/**
 * `GET /a2a/agents`: the A2A surfaces of the mesh, whatever the health of who offers them.
 *
 * @module
 */
import type { Hono } from "hono";
import type { A2aSurfaceList } from "../../runtime/protocol/a2a.ts";
import { publicSurface } from "../view/a2a_surface.ts";
import type { RegistryConfig } from "../config/config.ts";
import type { Members } from "../directory/members.ts";
import { resource } from "./resource.ts";

/** What {@linkcode a2aRoutes} needs. */
export interface A2aOptions {
  members: Members;
  config: RegistryConfig;
}

/** Adds the A2A routes. */
export function a2aRoutes(app: Hono, { members, config }: A2aOptions): void {
  resource(app, "/a2a/agents", {
    GET: (context) => {
      const namespace = context.req.query("namespace") || undefined;
      const list: A2aSurfaceList = {
        surfaces: members.snapshot.entries()
          .filter((entry) => namespace === undefined || entry.namespace === namespace)
          .filter(({ record }) => record.agentType === "a2a")
          .flatMap(({ record }) => record.surfaces)
          .map((surface) => publicSurface(surface, config.publicUrlPrefix)),
      };
      return Response.json(list);
    },
  });
}
