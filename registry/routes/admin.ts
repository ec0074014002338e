/**
 * `/admin/*`: what only operators may do. With `MCP_MESH_ADMIN_TOKEN` set, whoever shows it; without,
 * whoever asks from this machine.
 *
 * `GET|POST|DELETE /admin/drain` tells, starts and ends the holding back of jobs.
 *
 * @module
 */
import { type Method, refused } from "../describe/operation.ts";
import type { Drain } from "../directory/drain.ts";
import { operatorRefusal } from "../http/operator.ts";
import type { Peer } from "../http/peer.ts";
import { problem } from "../http/problem.ts";
import { type Route, route } from "./route.ts";

/** Options for {@linkcode adminRoutes}. */
export interface AdminOptions {
  drain: Drain;
  /** What callers must show; `undefined` lets only this machine in. */
  token: string | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Returns the admin routes. */
export function adminRoutes({ drain, token, now, log }: AdminOptions): readonly Route[] {
  const drainRoute = (method: Method, about: string, act: () => Promise<unknown>): Route =>
    route({
      method,
      path: "/admin/drain",
      about,
      tokens: ["adminToken"],
      answers: {
        200: { about: "How it is now", body: "DrainState" },
        401: refused("The token is missing or wrong"),
        403: refused("Without a token set, only this machine may ask"),
        503: refused("The database does not answer"),
      },
      guard: (request, peer) => operatorRefusal(request, peer, "/admin", token),
      handler: async ({ json }) => {
        try {
          await act();
          // Nothing claims jobs yet, so none is claimed.
          return json(200, { draining: await drain.active(), live_claims: 0 });
        } catch (error) {
          log(`could not read or change the drain flag: ${error}`);
          return problem(503, "the registry's database does not answer; try again later");
        }
      },
    });
  return [
    drainRoute("GET", "Whether jobs are held back", () => Promise.resolve()),
    drainRoute("POST", "Hands out no more jobs", () => drain.start(now())),
    drainRoute("DELETE", "Hands out jobs again", () => drain.end()),
  ];
}

/** Returns the answer to every other path of `/admin/`; only operators learn that there is none. */
export function noAdminRoute(request: Request, peer: Peer, token: string | undefined): Response {
  return operatorRefusal(request, peer, "/admin", token) ??
    problem(404, `there is no ${new URL(request.url).pathname}; there is /admin/drain`);
}
