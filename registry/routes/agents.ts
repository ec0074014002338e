/**
 * `GET /agents` lists, page by page if asked; `GET /agents/{id}` shows one; `DELETE /agents/{id}`
 * says goodbye for it.
 *
 * @module
 */
import type { Hono } from "hono";
import type { AgentList } from "../../runtime/protocol/listing.ts";
import { INSTANCE_HEADER } from "../../runtime/protocol/registration.ts";
import { showsToken } from "../http/bearer.ts";
import type { Members } from "../directory/members.ts";
import { agentInfo, agentText, fitsQuery } from "../view/listing.ts";
import { agentPage, readCursor } from "../view/agent_page.ts";
import { shownId } from "../base/plain_text.ts";
import { badParameter, problem } from "../http/problem.ts";
import { wholeNumber } from "../base/whole_number.ts";
import { resource } from "./resource.ts";

/** What the reference reads as true and as false. */
const TRUE = ["true", "TRUE", "True", "t", "T", "1"];
const FALSE = ["false", "FALSE", "False", "f", "F", "0", ""];

/** How many agents a page has at most. */
const PAGE = { fallback: Infinity, min: 1, max: 1_000 };

/** What {@linkcode agentRoutes} needs. */
export interface AgentRoutesOptions {
  members: Members;
  /** What operators show, who may say goodbye for any agent; `undefined` makes nobody one. */
  adminToken: string | undefined;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Adds the agent routes. */
export function agentRoutes(app: Hono, { members, adminToken, log }: AgentRoutesOptions): void {
  resource(app, "/agents", {
    GET: async (context) => {
      const { searchParams } = new URL(context.req.url);
      const wanted = searchParams.get("fuzzy") ?? "";
      if (!TRUE.includes(wanted) && !FALSE.includes(wanted)) {
        return problem(
          400,
          `Invalid query parameters: fuzzy=${JSON.stringify(wanted)} is not true or false`,
        );
      }
      const text = (name: string) => searchParams.get(name) || undefined;
      const [status, namespace, type] = [text("status"), text("namespace"), text("type")];
      const query = {
        ...(status && { status }),
        ...(namespace && { namespace }),
        ...(type && { type }),
        capabilities: searchParams.getAll("capabilities").filter((name) => name !== ""),
        fuzzy: TRUE.includes(wanted),
      };
      const limit = wholeNumber(searchParams.get("limit"), PAGE);
      if (typeof limit === "string") return badParameter("limit", limit);
      const cursor = searchParams.get("cursor") ?? "";
      const after = cursor === "" ? undefined : readCursor(cursor);
      if (cursor !== "" && after === undefined) {
        return badParameter("cursor", "give the next_cursor of the page before as it was");
      }
      const time = await members.observe();
      const { snapshot } = members;
      const fitting = snapshot.entries().filter((entry) => fitsQuery(entry, query));
      const page = agentPage(fitting, after, limit);
      const rest: Omit<AgentList, "agents"> = {
        count: page.entries.length,
        timestamp: new Date(time).toISOString(),
        ...(searchParams.has("limit") && { next_cursor: page.next }),
      };
      const agents = page.entries.map((entry) => agentText(snapshot, entry)).join();
      return new Response(`{"agents":[${agents}],${JSON.stringify(rest).slice(1)}`, {
        headers: { "content-type": "application/json" },
      });
    },
  });
  resource(app, "/agents/:id", {
    GET: async (context) => {
      const id = context.req.param("id") ?? "";
      await members.observe();
      const entry = members.snapshot.get(id);
      const namespace = context.req.query("namespace");
      return entry === undefined || (namespace && entry.namespace !== namespace)
        ? problem(404, `there is no agent ${JSON.stringify(id)}; GET /agents lists those there are`)
        : Response.json(agentInfo(members.snapshot, entry));
    },
    DELETE: async (context) => {
      const id = context.req.param("id") ?? "";
      const isOperator = adminToken !== undefined && showsToken(context.req.raw, [adminToken]);
      try {
        const token = context.req.header(INSTANCE_HEADER);
        const stays = await members.unregister(id, { token, isOperator });
        if (stays !== undefined) return problem(409, stays.refused);
      } catch (error) {
        log(`could not unregister ${shownId(id)}: ${error}`);
        return problem(503, "the registry's database does not take writes; try again later");
      }
      return new Response(null, { status: 204 });
    },
  });
}
