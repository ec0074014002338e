/**
 * `GET /a2a/agents`: the A2A surfaces of the mesh, whatever the health of who offers them.
 *
 * @module
 */
import { NAMESPACE } from "../base/parameter.ts";
import { publicSurface } from "../view/a2a_surface.ts";
import type { RegistryConfig } from "../config/config.ts";
import type { Members } from "../directory/members.ts";
import { type Route, route } from "./route.ts";

/** Options for {@linkcode a2aRoutes}. */
export interface A2aOptions {
  members: Members;
  config: RegistryConfig;
}

/** Returns the A2A routes. */
export function a2aRoutes({ members, config }: A2aOptions): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/a2a/agents",
      about: "The A2A surfaces of the mesh",
      query: { namespace: NAMESPACE },
      answers: { 200: { about: "The surfaces", body: "A2aSurfaceList" } },
      handler: ({ query: { namespace }, json }) =>
        json(200, {
          surfaces: members.snapshot.entries()
            .filter((entry) => namespace === undefined || entry.namespace === namespace)
            .filter(({ record }) => record.agentType === "a2a")
            .flatMap(({ record }) => record.surfaces)
            .map((surface) => publicSurface(surface, config.publicUrlPrefix)),
        }),
    }),
  ];
}
