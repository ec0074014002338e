/**
 * `GET /agents` lists, page by page if asked; `GET /agents/stream`, our addition, sends the list and
 * its changes; `GET /agents/{id}` shows one; `DELETE /agents/{id}` says goodbye for it.
 *
 * @module
 */
import type { AgentList } from "../../runtime/protocol/listing.ts";
import { INSTANCE_HEADER } from "../../runtime/protocol/registration.ts";
import { showsToken } from "../http/bearer.ts";
import type { Members } from "../directory/members.ts";
import { AgentChanges } from "../view/agent_changes.ts";
import { agentInfo, agentText, fitsQuery } from "../view/listing.ts";
import { agentPage, readCursor } from "../view/agent_page.ts";
import { shownId } from "../base/plain_text.ts";
import { answered } from "../http/answered.ts";
import { problem } from "../http/problem.ts";
import { Fault, limit, NAMESPACE, type Parameter, text, textAs, texts } from "../base/parameter.ts";
import { BAD_VALUE, refused, UNWRITABLE } from "../describe/operation.ts";
import { type Route, route } from "./route.ts";
import { type DirectoryStreams, lastEventId, STREAM_ANSWERS } from "./streams.ts";

/** What the reference reads as true and as false. */
const TRUE = ["true", "TRUE", "True", "t", "T", "1"];
const FALSE = ["false", "FALSE", "False", "f", "F", "0", ""];

const FUZZY: Parameter<boolean | Fault> = {
  type: "boolean",
  about: "Compare capabilities as parts, without case",
  read: ([given = ""]) => {
    if (TRUE.includes(given)) return true;
    if (FALSE.includes(given)) return false;
    const text = `fuzzy=${JSON.stringify(given)} is not true or false`;
    return new Fault(`Invalid query parameters: ${text}`, true);
  },
};

/** Options for {@linkcode agentRoutes}. */
export interface AgentRoutesOptions {
  members: Members;
  streams: DirectoryStreams;
  /** What operators show, who may say goodbye for any agent; `undefined` makes nobody one. */
  adminToken: string | undefined;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Returns the agent routes. */
export function agentRoutes(options: AgentRoutesOptions): readonly Route[] {
  const { members, streams } = options;
  return [listing(members), changes(members, streams), oneAgent(members), goodbye(options)];
}

function listing(members: Members): Route {
  return route({
    method: "GET",
    path: "/agents",
    about: "The agents, in order of first registration; all of them without a limit",
    query: {
      status: text("healthy, unhealthy or unknown"),
      namespace: NAMESPACE,
      type: text("Such as mcp_agent, api or a2a"),
      capabilities: texts("Agents that offer any of these"),
      fuzzy: FUZZY,
      limit: limit({ fallback: Infinity, max: 1_000 }),
      cursor: textAs(
        "`next_cursor` of the page before",
        (given) =>
          readCursor(given) ?? new Fault("give the next_cursor of the page before as it was"),
      ),
    },
    answers: {
      200: { about: "The agents", body: "AgentList" },
      400: { ...BAD_VALUE, body: ["BadParameter", "Problem"] },
    },
    handler: async ({ query: { status, namespace, type, capabilities, fuzzy, limit, cursor } }) => {
      const query = {
        ...(status && { status }),
        ...(namespace && { namespace }),
        ...(type && { type }),
        capabilities,
        fuzzy,
      };
      const time = await members.observe();
      const { snapshot } = members;
      const fitting = snapshot.entries().filter((entry) => fitsQuery(entry, query));
      const page = agentPage(fitting, cursor, limit);
      const rest: Omit<AgentList, "agents"> = {
        count: page.entries.length,
        timestamp: new Date(time).toISOString(),
        // A list without a limit is not the first page of one.
        ...(Number.isFinite(limit) && { next_cursor: page.next }),
      };
      const agents = page.entries.map((entry) => agentText(snapshot, entry)).join();
      return answered(200, `{"agents":[${agents}],${JSON.stringify(rest).slice(1)}`, {
        "content-type": "application/json",
      });
    },
  });
}

function changes(members: Members, streams: DirectoryStreams): Route {
  return route({
    method: "GET",
    path: "/agents/stream",
    about: "Who is there, and every change of that",
    query: { namespace: NAMESPACE },
    answers: STREAM_ANSWERS,
    handler: ({ request, query: { namespace } }) => {
      const changes = new AgentChanges({
        members,
        fits: (entry) => namespace === undefined || entry.namespace === namespace,
        after: epochOf(lastEventId(request)),
      });
      return streams.feed(() => changes.next());
    },
  });
}

function oneAgent(members: Members): Route {
  return route({
    method: "GET",
    path: "/agents/{id}",
    about: "One agent",
    query: { namespace: NAMESPACE },
    answers: { 200: { about: "The agent", body: "AgentInfo" }, 404: refused("There is none") },
    handler: async ({ path: { id }, query: { namespace }, json }) => {
      await members.observe();
      const entry = members.snapshot.get(id);
      return entry === undefined || (namespace && entry.namespace !== namespace)
        ? problem(404, `there is no agent ${JSON.stringify(id)}; GET /agents lists those there are`)
        : json(200, agentInfo(members.snapshot, entry));
    },
  });
}

function goodbye({ members, adminToken, log }: AgentRoutesOptions): Route {
  return route({
    method: "DELETE",
    path: "/agents/{id}",
    about: "An agent says goodbye. It stays listed, dead, until the sweep",
    answers: {
      204: { about: "Done, also when there was none" },
      409: refused("Another instance has the id"),
      503: UNWRITABLE,
    },
    handler: async ({ request, path: { id } }) => {
      const isOperator = adminToken !== undefined && showsToken(request, [adminToken]);
      try {
        const token = request.headers.get(INSTANCE_HEADER) ?? undefined;
        const stays = await members.unregister(id, { token, isOperator });
        if (stays !== undefined) return problem(409, stays.refused);
      } catch (error) {
        log(`could not unregister ${shownId(id)}: ${error}`);
        return problem(503, "the registry's database does not take writes; try again later");
      }
      return answered(204);
    },
  });
}

function epochOf(id: string): number | undefined {
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
