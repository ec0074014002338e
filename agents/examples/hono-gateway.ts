#!/usr/bin/env -S deno run
/**
 * TripPlanner's gateway as a Hono application: whatever is in `context.env` comes from the mesh.
 *
 * @module
 */
import { Hono } from "hono";
import { gateway, type RouteContext } from "mesh";
import { z } from "zod";

const Trip = z.object({
  destination: z.string(),
  dates: z.string(),
  budget: z.string(),
  message: z.string().default(""),
});

const dependencies = {
  planTrip: { capability: "trip_planning", output: z.string(), required: true },
} as const;

const app = new Hono<{ Bindings: RouteContext<typeof dependencies> }>();

app.get("/health", (context) => context.json({ status: "healthy" }));

app.post("/plan", async ({ req, env, json }) => {
  const session = req.header("x-session-id") ?? crypto.randomUUID();
  const trip = Trip.safeParse(await req.json().catch(() => undefined));
  if (!trip.success) return json({ error: z.prettifyError(trip.error) }, 400);
  const result = await env.planTrip({ ...trip.data, session_id: session }, { signal: env.signal });
  return json({ result, session_id: session });
});

// Left to the gateway: it knows what to tell of a dependency that failed.
app.onError((error) => {
  throw error;
});

export default gateway({
  name: "hono-gateway",
  port: 8081,
  dependencies,
  fetch: (request, context) => app.fetch(request, context),
});
