/**
 * Traces as a registry tells them.
 *
 * @module
 */
import {
  type CompletedTrace,
  CompletedTraceSchema,
  type TraceList,
  TraceListSchema,
  type TraceSummary,
} from "../../runtime/protocol/trace_view.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import type { RegistryClient } from "../mesh/registry_client.ts";

/** Which traces are meant. */
export interface TraceFilter {
  agent?: string | undefined;
  operation?: string | undefined;
  error?: boolean | undefined;
  /** As the registry reads it: seconds, or such as `250ms`. */
  minDuration?: string | undefined;
}

/** How often a trace that is not there is asked for again. */
export interface TraceRetries {
  /** After the first time. */
  retries: number;
  /** Seconds between two times. */
  delay: number;
}

/** A filter as a registry's routes take it. */
export function traceFilterQuery(filter: TraceFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.agent !== undefined) query.set("agent", filter.agent);
  if (filter.operation !== undefined) query.set("operation", filter.operation);
  if (filter.error === true) query.set("error", "true");
  if (filter.minDuration !== undefined) query.set("min_duration", filter.minDuration);
  return query;
}

/**
 * One trace.
 *
 * @param id Its id, or how that begins.
 * @throws {CliError} exit 3 when there is none, 2 when several begin so.
 */
export async function readTrace(client: RegistryClient, id: string): Promise<CompletedTrace> {
  return await client.ask({
    path: `/trace/${encodeURIComponent(id)}`,
    schema: CompletedTraceSchema,
    refusal: (status, reason) => {
      if (status === 409) return usageError(reason);
      if (status !== 404) return undefined;
      return isOff(reason) ? tracingIsOff(client) : notThere(id);
    },
  });
}

/** The traces there are, those with the latest spans first. */
export async function listTraces(
  client: RegistryClient,
  filter: TraceFilter,
  limit: number,
): Promise<TraceSummary[]> {
  const traces: TraceSummary[] = [];
  let cursor: string | null = "";
  while (traces.length < limit && cursor !== null) {
    const query = traceFilterQuery(filter);
    query.set("limit", String(Math.min(limit - traces.length, 100)));
    if (cursor !== "") query.set("cursor", cursor);
    const page: TraceList = await client.ask({
      path: `/traces?${query}`,
      schema: TraceListSchema,
      refusal: (status, reason) => {
        if (status === 400) return usageError(reason);
        if (status !== 404) return undefined;
        return isOff(reason) ? tracingIsOff(client) : new CliError(
          EXIT.failure,
          `the registry at ${client.url} keeps no list of traces`,
          { hint: "Name one by its id." },
        );
      },
    });
    traces.push(...page.traces);
    cursor = page.next_cursor;
  }
  return traces;
}

/**
 * One trace that may be on its way still.
 *
 * @param notice Takes a line before each further time.
 * @throws {CliError} as {@linkcode readTrace}, once it was asked for often enough.
 */
export async function awaitTrace(
  read: () => Promise<CompletedTrace>,
  { retries, delay }: TraceRetries,
  { sleep }: Pick<Context, "sleep">,
  notice: (line: string) => void,
): Promise<CompletedTrace> {
  for (let left = retries;; left--) {
    try {
      return await read();
    } catch (error) {
      if (left <= 0 || !isWorthRetrying(error)) throw error;
      notice(`${error.message}; trying again in ${delay} s (${left} left)`);
      await sleep(delay * 1_000);
    }
  }
}

/** Time between two looks for a trace that is on its way, milliseconds. */
export const LOOK_EVERY_MS = 250;
/** Age of its last span from which a trace is taken for whole, milliseconds: agents wait less. */
const FRESH_MS = 3_000;

/** Reads a trace again and again while its last span is so fresh that others may be on their way. */
export async function settledTrace(
  read: () => Promise<CompletedTrace>,
  { now, sleep }: Pick<Context, "now" | "sleep">,
): Promise<CompletedTrace> {
  const begun = now();
  for (;;) {
    const trace = await read();
    const isWhole = trace.Complete !== false && !lacksEnds(trace);
    const isFresh = now() - Date.parse(trace.EndTime) < FRESH_MS && now() - begun < FRESH_MS;
    if (isWhole || !isFresh) return trace;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whether there are calls of other agents of which only the caller has told yet. */
export function lacksEnds({ Spans }: CompletedTrace): boolean {
  const parents = new Set(Spans.map(({ ParentSpan }) => ParentSpan));
  return Spans.some(({ Kind, TargetAgent, Success, SpanID }) =>
    Kind === "client" && Boolean(TargetAgent) && Success === true && !parents.has(SpanID)
  );
}

function isWorthRetrying(error: unknown): error is CliError {
  return error instanceof CliError &&
    (error.code === EXIT.notFound || error.code === EXIT.unreachable);
}

function isOff(reason: string): boolean {
  return reason.includes("tracing not enabled");
}

function tracingIsOff({ url }: RegistryClient): CliError {
  return new CliError(
    EXIT.failure,
    `the registry at ${url} keeps no traces: they are switched off`,
    {
      hint: "Start it with --dte, or with MCP_MESH_DISTRIBUTED_TRACING_ENABLED=true.",
    },
  );
}

function notThere(id: string): CliError {
  return new CliError(EXIT.notFound, `trace ${id} is not there`, {
    hint:
      "Spans come a second or two after a call, and stay for a day or until there is no room.\n" +
      "Agents send none where MCP_MESH_DISTRIBUTED_TRACING_ENABLED is false.",
  });
}
