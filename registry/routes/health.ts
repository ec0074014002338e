/**
 * `GET|HEAD /health`: whether the registry can do its work, which needs its database to answer.
 *
 * @module
 */
import { within } from "../../runtime/base/within.ts";
import type { RegistryHealth } from "../../runtime/protocol/listing.ts";
import type { DatabaseWatch } from "../base/database_watch.ts";
import type { Store } from "../directory/store.ts";
import { VERSION } from "../base/version.ts";
import { answered } from "../http/answered.ts";
import { type Route, route } from "./route.ts";
import { SERVICE } from "./root.ts";

/** How long the database may take to count as answering. */
const DATABASE_PATIENCE_MS = 1_000;

const SILENT = `the database does not answer within ${DATABASE_PATIENCE_MS / 1_000} s`;

/** What `GET /health` answers while the registry still reads its database. */
export function startingHealth(): Response {
  const health: RegistryHealth = {
    status: "starting",
    version: VERSION,
    uptime_seconds: 0,
    timestamp: new Date().toISOString(),
    service: SERVICE,
  };
  return Response.json(health, { status: 503, headers: { "Retry-After": "1" } });
}

/** Options for {@linkcode healthRoutes}. */
export interface HealthOptions {
  store: Store;
  database: Pick<DatabaseWatch, "fault" | "look">;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Returns the health routes. */
export function healthRoutes({ store, database, now }: HealthOptions): readonly Route[] {
  const startedAt = now();
  const look = async () => {
    // What was wrong a moment ago may be well by now.
    if (database.fault !== undefined) await within(DATABASE_PATIENCE_MS, database.look());
    const answers = await store.answers(DATABASE_PATIENCE_MS);
    const fault = database.fault ?? (answers ? undefined : SILENT);
    const healthy = fault === undefined;
    const time = now();
    const health: RegistryHealth = {
      status: healthy ? "healthy" : "unhealthy",
      version: VERSION,
      uptime_seconds: Math.floor((time - startedAt) / 1000),
      timestamp: new Date(time).toISOString(),
      service: SERVICE,
      ...(!healthy && { errors: [fault] }),
    };
    return { health, status: healthy ? 200 : 503 } as const;
  };
  const path = "/health";
  return [
    route({
      method: "GET",
      path,
      about: "Whether the registry can do its work",
      answers: {
        200: { about: "It can", body: "RegistryHealth" },
        503: { about: "Its database does not answer", body: "RegistryHealth" },
      },
      handler: async ({ json }) => {
        const { health, status } = await look();
        return json(status, health);
      },
    }),
    route({
      method: "HEAD",
      path,
      about: "The same in headers",
      answers: { 200: { about: "It can" }, 503: { about: "Its database does not answer" } },
      handler: async () => {
        const { health, status } = await look();
        return answered(status, null, {
          "X-Health-Status": health.status,
          "X-Service-Version": health.version,
          "X-Uptime-Seconds": String(health.uptime_seconds),
          "Content-Type": "application/json",
        });
      },
    }),
  ];
}
