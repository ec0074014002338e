/**
 * `POST /heartbeat` registers an agent or refreshes it; `HEAD /heartbeat/{id}` says it is there.
 * `GET /heartbeat/{id}/stream`, our addition, tells it of its wiring. A refused registration is HTTP 200 with `status: "error"`: the reference's agents read the body.
 *
 * @module
 */
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
import { answered } from "../http/answered.ts";
import { refused, UNWRITABLE } from "../describe/operation.ts";
import { shownId } from "../base/plain_text.ts";
import { problem } from "../http/problem.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { NOT_RECEIVED, type Route, route } from "./route.ts";
import { type DirectoryStreams, STREAM_ANSWERS } from "./streams.ts";

const STATUS_OF = {
  current: 200,
  changed: 202,
  gone: 410,
  unkept: 503,
} as const satisfies Readonly<Record<Beat, number>>;

/** Options for {@linkcode heartbeatRoutes}. */
export interface HeartbeatOptions {
  members: Members;
  streams: DirectoryStreams;
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

/** Returns the heartbeat routes. */
export function heartbeatRoutes(
  { members, streams, bodies, endpoints, schemas, audits, metrics, ...rest }: HeartbeatOptions,
): readonly Route[] {
  const { config, now, log } = rest;
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
  const registering = route({
    method: "POST",
    path: "/heartbeat",
    about:
      "Registers an agent, or refreshes it. A refused registration is 200 with `status: error`",
    body: "Registration",
    receive: {
      bodies,
      read: (bytes) => {
        const parsed = parseHeartbeat(bytes);
        if ("fault" in parsed) full("malformed").add();
        return parsed;
      },
    },
    answers: {
      ...NOT_RECEIVED,
      200: {
        about: "Where its dependencies lead, or why it is refused",
        body: "HeartbeatResponse",
      },
      400: refused("The body is not a registration"),
      503: UNWRITABLE,
    },
    handler: async ({ request, peer, body: { message }, json }) => {
      const who = speaker(request, peer);
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
        return json(200, {
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
  const beating = route({
    method: "HEAD",
    path: "/heartbeat/{id}",
    about: "An agent says it is there",
    answers: {
      200: { about: "Nothing new" },
      202: { about: "Its wiring has changed: register again" },
      410: { about: "Unknown, or given up: register again" },
      503: { about: "The beat could not be kept" },
    },
    handler: async ({ request, path: { id } }) => {
      const beat = await members.beat(id, request.headers.get(INSTANCE_HEADER) ?? undefined);
      beats[beat].add();
      return answered(STATUS_OF[beat]);
    },
  });
  return [registering, beating, wiring(members, streams)];
}

function wiring(members: Members, streams: DirectoryStreams): Route {
  const { snapshot, replica } = members;
  const isPresent = (id: string) => snapshot.get(id)?.isPresent === true;
  return route({
    method: "GET",
    path: "/heartbeat/{id}/stream",
    about: "Tells an agent at once when its wiring changes, instead of at its next beat",
    answers: {
      ...STREAM_ANSWERS,
      409: refused("Another instance has the id"),
      410: refused("Unknown, or given up: register again"),
    },
    handler: async ({ request, path: { id } }) => {
      if (!isPresent(id)) await replica.follow();
      if (!isPresent(id)) {
        return problem(410, `no agent ${JSON.stringify(id)} is registered; register it first`);
      }
      if (!members.isHolder(id, request.headers.get(INSTANCE_HEADER) ?? undefined)) {
        return problem(409, `agent ${JSON.stringify(id)} is held by another instance`);
      }
      return streams.wiring(id);
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
