/**
 * `/admin/*`: what only operators may do. With `MCP_MESH_ADMIN_TOKEN` set, whoever shows it; without,
 * whoever asks from this machine.
 *
 * `GET|POST|DELETE /admin/drain` tells, starts and ends the holding back of jobs.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import type { DrainState } from "../../runtime/protocol/drain.ts";
import type { Drain } from "../directory/drain.ts";
import { isLocal, type Peer } from "../peer.ts";
import { problem } from "../problem.ts";
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
  if (token === undefined) {
    // The application is only ever given a Peer; see createApp.
    if (isLocal(req.raw, env as Peer)) return undefined;
    return problem(
      403,
      "/admin is for this machine only; ask from here, " +
        "or set MCP_MESH_ADMIN_TOKEN and send it as a bearer token",
    );
  }
  const shown = /^Bearer +(.+)$/i.exec(req.header("authorization") ?? "")?.[1];
  if (shown !== undefined && sameSecret(shown, token)) return undefined;
  return problem(
    401,
    "/admin wants the token of MCP_MESH_ADMIN_TOKEN; send it as Authorization: Bearer <token>",
    { "WWW-Authenticate": 'Bearer realm="mesh registry"' },
  );
}

/** Compares without telling by the time it takes how much of it is right. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
