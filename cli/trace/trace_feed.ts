/**
 * Traces as they grow, over `/traces/stream`.
 *
 * @module
 */
import { readEvents } from "../../runtime/base/sse.ts";
import { type TraceSnapshot, TraceSnapshotSchema } from "../../runtime/protocol/trace_view.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { answersTooMuch, type RegistryClient } from "../mesh/registry_client.ts";
import { listTraces, type TraceFilter, traceFilterQuery } from "./trace_source.ts";

/** Time between attempts to reach a registry that went away, milliseconds. */
const AGAIN_MS = 2_000;

/** What {@linkcode followTraces} needs. */
export interface FollowTracesOptions {
  client: RegistryClient;
  filter: TraceFilter;
  context: Pick<Context, "fetch" | "sleep">;
  /** Ends it. */
  signal: AbortSignal;
  /** Takes one line about how the connection goes. */
  notice(line: string): void;
}

/** A trace, and what has become of it. */
export interface TraceChange {
  readonly event: "trace_started" | "trace_update" | "trace_completed";
  readonly trace: TraceSnapshot;
}

/**
 * What becomes of traces from now on, over restarts of the registry, until the signal aborts.
 *
 * @throws {CliError} when the registry does not answer at the beginning, or has no traces.
 */
export async function* followTraces(options: FollowTracesOptions): AsyncGenerator<TraceChange> {
  const { client, filter, context, signal, notice } = options;
  // Says what is wrong with the filter or the registry, which a stream cannot.
  await listTraces(client, filter, 1);
  let away = false;
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const stream = await openStream(options, last);
      if (away) notice(`The registry at ${client.url} is back.`);
      away = false;
      for await (const { event, data, id } of readEvents(stream)) {
        last = id ?? last;
        const change = changeOf(event, data);
        if (change !== undefined) yield change;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RangeError) throw answersTooMuch(`${client.url}/traces/stream`, error);
      if (!(error instanceof TypeError || error instanceof CliError)) throw error;
      if (!away) notice(`The registry at ${client.url} went away; waiting for it.`);
      away = true;
    }
    await context.sleep(AGAIN_MS, signal);
  }
}

async function openStream(
  { client, filter, context, signal }: FollowTracesOptions,
  last: string | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await context.fetch(`${client.url}/traces/stream?${traceFilterQuery(filter)}`, {
    headers: {
      accept: "text/event-stream",
      ...(last !== undefined && { "last-event-id": last }),
    },
    signal,
  });
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new CliError(
    EXIT.failure,
    `the registry at ${client.url} answered ${response.status} for its stream of traces`,
  );
}

function changeOf(event: string, data: string): TraceChange | undefined {
  if (event !== "trace_started" && event !== "trace_update" && event !== "trace_completed") {
    return undefined;
  }
  try {
    const trace = TraceSnapshotSchema.safeParse(JSON.parse(data)).data;
    return trace && { event, trace };
  } catch {
    return undefined;
  }
}
