/**
 * `POST /heartbeat` registers an agent or refreshes it; `HEAD /heartbeat/{id}` says it is there.
 * A refused registration is HTTP 200 with `status: "error"`: the reference's agents read the body.
 *
 * @module
 */
import type { Hono } from "hono";
import {
  type HeartbeatResponse,
  INSTANCE_HEADER,
  type Registration,
} from "../../runtime/protocol/registration.ts";
import type { NumberSeries } from "../../runtime/metrics/instruments.ts";
import { publicSurface } from "../view/a2a_surface.ts";
import type { Bodies } from "../http/body.ts";
import type { RegistryConfig } from "../config/config.ts";
import type { AuditTrail } from "../directory/audit_trail.ts";
import { addressIn, namesAddress } from "../directory/record.ts";
import { newInstanceToken } from "../directory/holder.ts";
import type { Beat, Members } from "../directory/members.ts";
import type { Registered } from "../directory/registering.ts";
import type { Schemas } from "../directory/schemas.ts";
import { type Endpoints, type Speaker, speaker } from "../http/endpoints.ts";
import { parseHeartbeat } from "../http/heartbeat_body.ts";
import type { Peer } from "../http/peer.ts";
import { shownId } from "../base/plain_text.ts";
import { problem } from "../http/problem.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { resource } from "./resource.ts";

const STATUS_OF: Readonly<Record<Beat, number>> = {
  current: 200,
  changed: 202,
  gone: 410,
  unkept: 503,
};

/** What {@linkcode heartbeatRoutes} needs. */
export interface HeartbeatOptions {
  members: Members;
  bodies: Bodies;
  endpoints: Endpoints;
  schemas: Schemas;
  audits: AuditTrail;
  metrics: RegistryMetrics;
  config: RegistryConfig;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Adds the heartbeat routes. */
export function heartbeatRoutes(
  app: Hono,
  { members, bodies, endpoints, schemas, audits, metrics, config, now, log }: HeartbeatOptions,
): void {
  /** What follows from a registration and does not decide its answer. */
  const settle = async ({ created, entry }: Exclude<Registered, { refused: string }>) => {
    try {
      await schemas.keep(entry.record, now());
      await audits.record(entry, created);
    } catch (error) {
      log(`could not store the schemas or the audit trail of ${entry.id}: ${error}`);
    }
  };
  const misplaced = async (message: Registration, who: Speaker) => {
    const before = members.snapshot.get(message.agent_id)?.record;
    if (!namesAddress(message, before)) return undefined;
    const { host, port } = addressIn(message, before);
    return host === "" ? undefined : await endpoints.registering(host, port, who);
  };
  const full = (outcome: "created" | "updated" | "refused" | "unkept" | "malformed") =>
    metrics.heartbeats.with({ kind: "full", outcome });
  const short = (outcome: Beat) => metrics.heartbeats.with({ kind: "short", outcome });
  const beats: Readonly<Record<Beat, NumberSeries>> = {
    current: short("current"),
    changed: short("changed"),
    gone: short("gone"),
    unkept: short("unkept"),
  };
  resource(app, "/heartbeat", {
    POST: async (context) => {
      const body = await bodies.read(context.req.raw);
      if (body instanceof Response) return body;
      const parsed = parseHeartbeat(body);
      if ("fault" in parsed) {
        full("malformed").add();
        return problem(400, parsed.fault);
      }
      const { message } = parsed;
      // The application is only ever given a Peer; see createApp.
      const who = speaker(context.req.raw, context.env as Peer);
      try {
        const refused = await misplaced(message, who);
        const token = message.instance ? message.instance.token ?? newInstanceToken() : undefined;
        const outcome = refused === undefined
          ? await members.register(message, { isRemote: who !== "local", token })
          : { refused };
        if ("refused" in outcome) full("refused").add();
        else {
          full(outcome.created ? "created" : "updated").add();
          await settle(outcome);
        }
        return Response.json({
          ...answer(message, outcome, config, now()),
          ...(token !== undefined && isHeld(outcome) && { instance: { token } }),
        });
      } catch (error) {
        full("unkept").add();
        log(`could not store the registration of ${shownId(message.agent_id)}: ${error}`);
        return problem(503, "the registry's database does not take writes; try again later");
      }
    },
  });
  resource(app, "/heartbeat/:id", {
    HEAD: async (context) => {
      const id = context.req.param("id") ?? "";
      const beat = await members.beat(id, context.req.header(INSTANCE_HEADER));
      beats[beat].add();
      return new Response(null, { status: STATUS_OF[beat] });
    },
  });
}

/** Whether somebody holds the id: whoever got it registered, or was let through. */
function isHeld(outcome: Registered): boolean {
  return "entry" in outcome && outcome.entry.record.holder !== undefined;
}

function answer(
  message: Registration,
  outcome: Registered,
  config: RegistryConfig,
  now: number,
): HeartbeatResponse {
  const common = { timestamp: new Date(now).toISOString(), agent_id: message.agent_id };
  if ("refused" in outcome) return { status: "error", message: outcome.refused, ...common };
  const { created, response, warnings, entry } = outcome;
  const surfaces = message.surfaces ? entry.record.surfaces : [];
  return {
    status: "success",
    message: created ? "Agent registered via heartbeat" : "Agent updated via heartbeat",
    ...common,
    ...response,
    ...(surfaces.length > 0 && {
      surfaces: surfaces.map((surface) => publicSurface(surface, config.publicUrlPrefix)),
    }),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
}
