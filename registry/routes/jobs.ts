/**
 * `GET /jobs`: this registry keeps no jobs, which it says in the reference's shape, so that dashboards
 * show none instead of a registry that is out of reach.
 *
 * @module
 */
import { type Route, route } from "./route.ts";

/** Returns the job route. */
export function jobRoutes(): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/jobs",
      about: "The jobs of the mesh; this registry keeps none",
      answers: { 200: { about: "An empty list, in the reference's shape", body: "JobList" } },
      handler: ({ json }) => json(200, { jobs: [], next_cursor: null }),
    }),
  ];
}
