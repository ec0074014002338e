/**
 * `/admin/*`: what only operators may do. With `MCP_MESH_ADMIN_TOKEN` set, whoever shows it; without,
 * whoever asks from this machine.
 *
 * `GET|POST|DELETE /admin/drain` tells, starts and ends the holding back of jobs.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import type { DrainState } from "../../runtime/protocol/drain.ts";
import type { Drain } from "../directory/drain.ts";
import { operatorRefusal } from "../http/operator.ts";
import type { Peer } from "../http/peer.ts";
import { problem } from "../http/problem.ts";
import { type Handler, resource } from "./resource.ts";

/** What {@linkcode adminRoutes} needs. */
export interface AdminOptions {
  drain: Drain;
  /** What callers must show; `undefined` lets only this machine in. */
  token: string | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Adds the admin routes. */
export function adminRoutes(app: Hono, { drain, token, now, log }: AdminOptions): void {
  const guarded = (act: () => Promise<unknown>): Handler => async (context) => {
    const refused = refusal(context, token);
    if (refused !== undefined) return refused;
    try {
      await act();
      // Nothing claims jobs yet, so none is claimed.
      const state: DrainState = { draining: await drain.active(), live_claims: 0 };
      return Response.json(state);
    } catch (error) {
      log(`could not read or change the drain flag: ${error}`);
      return problem(503, "the registry's database does not answer; try again later");
    }
  };
  resource(app, "/admin/drain", {
    GET: guarded(() => Promise.resolve()),
    POST: guarded(() => drain.start(now())),
    DELETE: guarded(() => drain.end()),
  });
  app.all("/admin/*", (context) =>
    refusal(context, token) ??
      problem(404, `there is no ${new URL(context.req.url).pathname}; there is /admin/drain`));
}

function refusal({ req, env }: Context, token: string | undefined): Response | undefined {
  // The application is only ever given a Peer; see createApp.
  return operatorRefusal(req.raw, env as Peer, "/admin", token);
}
