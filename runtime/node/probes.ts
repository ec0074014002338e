/**
 * The probes: how an agent or a gateway is, for whoever watches over its process
 * (registry-protocol §4.1).
 *
 * @module
 */
import { EXPOSITION_TYPE } from "../metrics/exposition.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { Member } from "./member.ts";

/** Where an agent says what it measures. */
const METRICS = "/metrics";
/** The paths of the probes. */
export const PROBES: ReadonlySet<string> = new Set([
  ...["/livez", "/ready", "/health", "/startupz"],
  METRICS,
]);
/** The methods they take. */
export const PROBE_METHODS: readonly string[] = ["GET", "HEAD"];

/** A member of the mesh as its probes see it. */
export interface Probed
  extends Pick<Member, "config" | "state" | "manifest" | "health" | "isRegistered" | "unresolved"> {
  /** Runs the check of whether it has started. */
  startup(): Promise<CheckVerdict>;
  /** Its figures in the text format of Prometheus. */
  metrics(): string;
}

/** Answers a probe. */
export async function answerProbe(
  node: Probed,
  pathname: string,
  method: string,
): Promise<Response> {
  if (pathname === METRICS) {
    const headers = { "content-type": EXPOSITION_TYPE };
    return new Response(method === "HEAD" ? null : node.metrics(), { headers });
  }
  const { status, body } = await probe(node, pathname);
  return method === "HEAD"
    ? new Response(null, { status, headers: { "content-type": "application/json" } })
    : Response.json(body, { status });
}

async function probe(
  node: Probed,
  pathname: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const agent = node.config.name;
  const timestamp = new Date().toISOString();
  switch (pathname) {
    case "/livez":
      return { status: 200, body: { alive: true, agent, timestamp } };
    case "/ready": {
      const ready = node.state === "up";
      const runtime = ready ? "up" : node.state === "starting" ? "starting" : "shutting_down";
      const reason = ready ? {} : { reason: `the agent is ${runtime.replace("_", " ")}` };
      return {
        status: ready ? 200 : 503,
        body: {
          ready,
          agent,
          runtime,
          mcp_wrappers: node.manifest.tools.length,
          registered: node.isRegistered,
          unresolved: node.unresolved,
          timestamp,
          ...reason,
        },
      };
    }
    case "/health": {
      const { status, checks = {}, errors = [] } = node.health;
      return {
        status: status === "healthy" ? 200 : 503,
        body: { status, agent, checks, errors, timestamp },
      };
    }
    default: {
      const { status, checks, errors } = await node.startup();
      const started = status === "healthy";
      return {
        status: started ? 200 : 503,
        body: {
          started,
          agent,
          timestamp,
          ...(checks === undefined ? {} : { checks }),
          ...(errors === undefined ? {} : { errors, reason: errors.join("; ") }),
        },
      };
    }
  }
}
