/**
 * `GET /events`: what happened to whom, newest first.
 *
 * @module
 */
import type { Hono } from "hono";
import type { EventList } from "../../runtime/protocol/listing.ts";
import type { Members } from "../directory/members.ts";
import { badParameter } from "../http/problem.ts";
import { resource } from "./resource.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;

/** Adds the event routes. */
export function eventRoutes(app: Hono, members: Members): void {
  resource(app, "/events", {
    GET: async (context) => {
      const { searchParams } = new URL(context.req.url);
      const limit = searchParams.get("limit") ?? String(LIMIT_DEFAULT);
      if (!/^[+-]?\d+$/.test(limit)) {
        return badParameter("limit", `${JSON.stringify(limit)} is not a whole number`);
      }
      const text = (name: string) => searchParams.get(name) || undefined;
      const [type, agentId, functionName, namespace] = [
        text("type"),
        text("agent_id"),
        text("function_name"),
        text("namespace"),
      ];
      await members.observe();
      const events = await members.store.events.list({
        ...(type && { type }),
        ...(agentId && { agentId }),
        ...(functionName && { functionName }),
        ...(namespace && {
          fits: ({ agent_id }) => members.snapshot.get(agent_id)?.namespace === namespace,
        }),
        limit: Math.min(Math.max(Number(limit), 1), LIMIT_MAX),
      });
      const list: EventList = { events, count: events.length };
      return Response.json(list);
    },
  });
}
