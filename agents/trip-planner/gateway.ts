#!/usr/bin/env -S deno run --allow-env=TRUSTED_PROXY
/**
 * TripPlanner for browsers and programs: plans at once or as they are written, sessions, a page.
 *
 * @module
 */
import { gateway, MeshError, route, sse } from "mesh";
import { z } from "zod";
import html from "./page/index.html" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import script from "./page/page.js" with { type: "text" };
import style from "./page/page.css" with { type: "text" };

const Trip = z.object({ destination: z.string(), dates: z.string(), budget: z.string() });
const PartOfTrip = Trip.partial();
type Trip = z.output<typeof Trip>;

const Session = Trip.extend({
  session_id: z.string(),
  conversation: z.string(),
  created_at: z.string(),
  turn_count: z.int(),
});
const Sessions = z.array(Session);
const Turns = z.array(z.object({ role: z.string(), content: z.string() }));

/** Whoever asks without a proxy in front that says who it is. */
const ANYBODY = "anonymous";
const SESSION_HEADER = "x-session-id";

const planTrip = { capability: "trip_planning", output: z.string(), chunk: z.string() } as const;
const chatHistory = { capability: "chat_history" } as const;
const tripSessions = { capability: "trip_sessions" } as const;

/** The page is one of ours and loads nothing of anybody else's. */
const PAGE_POLICY =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function page(body: string, type: string): Response {
  return new Response(body, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": PAGE_POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    },
  });
}

/** Who asks: only a proxy that is known to say the truth is believed. */
function userOf({ headers }: Request): string {
  const email = Deno.env.get("TRUSTED_PROXY") === "true" ? headers.get("x-user-email") : null;
  return email || ANYBODY;
}

/** Where the turns of a session are kept: users cannot reach each other's. */
function conversationOf(user: string, session: string): string {
  return user === ANYBODY ? session : `${user}:${session}`;
}

export default gateway({
  name: "gateway",
  port: 8080,
  description: "TripPlanner over HTTP",
  routes: {
    "GET /": () => page(html, "text/html"),
    "GET /page.js": () => page(script, "text/javascript"),
    "GET /page.css": () => page(style, "text/css"),
    "GET /icon.svg": () => page(icon, "image/svg+xml"),
    "GET /health": () => ({ status: "healthy" }),
    "POST /plan": route({
      description: "Plan a trip; as Server-Sent Events for those who accept them",
      body: PartOfTrip.extend({
        from: z.string().default(""),
        message: z.string().default(""),
      }).meta({
        examples: [{ destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" }],
      }),
      dependencies: { planTrip, tripSessions },
    }, async ({ body: { from, message, ...given }, request }, { planTrip, tripSessions, log }) => {
      if (planTrip === undefined) {
        const text = "trip_planning capability unavailable";
        return Response.json({ error: text, detail: text }, { status: 503 });
      }
      const user = userOf(request);
      const session_id = request.headers.get(SESSION_HEADER) || crypto.randomUUID();
      const conversation = conversationOf(user, session_id);
      const known = async () =>
        Sessions.parse(await tripSessions?.callTool("list_sessions", { user_id: user }) ?? [])
          .find((session) => session.session_id === session_id);
      const trip = await completed(given, known);
      // A planner may not know what a trip need not have: nothing is said of what nobody asked for.
      const args = {
        ...trip,
        ...(from !== "" && { from_city: from }),
        ...(message !== "" && { message }),
        session_id: conversation,
      };
      const remember = async () => {
        // The plan is there; that it is not listed is a lesser evil than its loss.
        await tripSessions?.callTool("save_session", {
          user_id: user,
          session_id,
          conversation,
          ...trip,
        }).catch((error) => log.warn(`the session was not saved: ${error.message}`));
      };
      if (request.headers.get("accept")?.includes("text/event-stream")) {
        const chunks = async function* () {
          yield* planTrip.stream(args);
          await remember();
        };
        return sse(chunks(), {
          headers: { [SESSION_HEADER]: session_id },
          onError: (error) => log.error(`planning failed: ${error}`),
        });
      }
      const result = await planTrip(args);
      await remember();
      return Response.json({ result, session_id }, { headers: { [SESSION_HEADER]: session_id } });
    }),
    "GET /sessions": route({
      description: "The sessions of whoever asks, newest first",
      dependencies: { tripSessions: { ...tripSessions, required: true } },
    }, async ({ request }, { tripSessions }) => {
      const user_id = userOf(request);
      const sessions = Sessions.parse(await tripSessions.callTool("list_sessions", { user_id }));
      return sessions.map(({ conversation: _, ...session }) => session);
    }),
    "GET /sessions/:session/history": route({
      description: "The turns of a session, oldest first",
      dependencies: { chatHistory: { ...chatHistory, required: true } },
    }, async ({ params: { session }, request }, { chatHistory }) =>
      Turns.parse(
        await chatHistory.callTool("get_history", {
          session_id: conversationOf(userOf(request), session),
          limit: 1000,
        }),
      )),
  },
});

/** A trip, whose missing parts are those of the session it goes on with. */
async function completed(
  given: z.output<typeof PartOfTrip>,
  known: () => Promise<Trip | undefined>,
): Promise<Trip> {
  const trip = Trip.safeParse(given).success ? given : { ...await known(), ...given };
  const { success, data, error } = Trip.safeParse(trip);
  if (success) return data;
  const missing = error.issues.map(({ path }) => path.join("."));
  throw new MeshError("bad_input", `a trip needs ${missing.join(", ")}`);
}
