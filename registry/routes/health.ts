/**
 * `GET|HEAD /health`: whether the registry can do its work, which needs its database to answer.
 *
 * @module
 */
import type { Hono } from "hono";
import { within } from "../../runtime/base/within.ts";
import type { RegistryHealth } from "../../runtime/protocol/listing.ts";
import type { DatabaseWatch } from "../base/database_watch.ts";
import type { Store } from "../directory/store.ts";
import { VERSION } from "../base/version.ts";
import { resource } from "./resource.ts";
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

/** What {@linkcode healthRoutes} needs. */
export interface HealthOptions {
  store: Store;
  database: Pick<DatabaseWatch, "fault" | "look">;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Adds the health routes. */
export function healthRoutes(app: Hono, { store, database, now }: HealthOptions): void {
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
    return { health, status: healthy ? 200 : 503 };
  };
  resource(app, "/health", {
    GET: async () => {
      const { health, status } = await look();
      return Response.json(health, { status });
    },
    HEAD: async () => {
      const { health, status } = await look();
      return new Response(null, {
        status,
        headers: {
          "X-Health-Status": health.status,
          "X-Service-Version": health.version,
          "X-Uptime-Seconds": String(health.uptime_seconds),
          "Content-Type": "application/json",
        },
      });
    },
  });
}
