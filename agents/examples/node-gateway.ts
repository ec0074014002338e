#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/**
 * TripPlanner's gateway as a plain `node:http` server, which the mesh knows nothing of: it joins, and
 * does its work within `mesh.run`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isMeshError, joinMesh } from "mesh";
import { z } from "zod";

const Trip = z.object({
  destination: z.string(),
  dates: z.string(),
  budget: z.string(),
  message: z.string().default(""),
});

/** Largest body, in bytes; what does not say how large it is is not read. */
const LARGEST_BODY = 64 * 1024;
/** The names it may be called by: a page of somebody else may have its own name lead here. */
const OWN_NAME = /^(localhost|127\.0\.0\.1)(:\d+)?$/;

const mesh = await joinMesh({
  name: "node-gateway",
  port: 8082,
  dependencies: {
    planTrip: { capability: "trip_planning", output: z.string(), required: true },
  },
});

async function plan(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(Number(request.headers["content-length"]) <= LARGEST_BODY)) {
    return send(response, 413, { error: `at most ${LARGEST_BODY} bytes, and say how many` });
  }
  const trip = Trip.safeParse(await text(request).then(JSON.parse).catch(() => undefined));
  if (!trip.success) return send(response, 400, { error: z.prettifyError(trip.error) });
  const session = request.headers["x-session-id"] ?? crypto.randomUUID();
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const result = await mesh.run(
    ({ planTrip, signal }) => planTrip({ ...trip.data, session_id: session }, { signal }),
    { headers: request.headers, signal: gone.signal },
  );
  send(response, 200, { result, session_id: session });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!OWN_NAME.test(request.headers.host ?? "")) return send(response, 403, { error: "not here" });
  switch (`${request.method} ${request.url}`) {
    case "GET /health":
      return send(response, 200, { status: "healthy" });
    case "POST /plan":
      return await plan(request, response);
    default:
      return send(response, 404, { error: "not found" });
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    const missing = isMeshError(error, "dependency_unavailable");
    const says = missing ? "trip_planning is not available" : "planning failed";
    send(response, missing ? 503 : 502, { error: says });
    console.error(error);
  });
}).listen(mesh.port, "127.0.0.1");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    server.close();
    await mesh[Symbol.asyncDispose]();
    Deno.exit(0);
  });
}
