/**
 * A trace from the spans there are of it. Pure: spans may come in any order, twice, without their
 * parents, and be anything that {@linkcode SpanSchema} lets through.
 *
 * @module
 */
import type { Span } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { timeText } from "../../runtime/protocol/trace_time.ts";
import { type TraceNode, traceTree } from "../../runtime/protocol/trace_tree.ts";
import type {
  CompletedTrace,
  TraceSnapshot,
  TraceSpan,
  TraceSummary,
} from "../../runtime/protocol/trace_view.ts";

/** What the reference calls a call to a dependency, whatever is called. */
const CLIENT = "proxy_call_wrapper";
/** How the reference's names of what nobody wants to see begin. */
const INTERNAL = "_internal_";

/** The trace as `GET /trace/{id}` shows it. @param truncated Whether there is more of it. */
export function completedTrace(
  id: string,
  measured: readonly MeasuredSpan[],
  truncated = false,
): CompletedTrace {
  const distinct = distinctSpans(measured);
  const parents = new Set(distinct.map(({ span }) => span.parent_span_id));
  const spans = distinct.map((each) => traceSpan(each, parents.has(each.span.span_id)));
  const { begin, end } = bounds(distinct);
  const agents = agentNames(distinct);
  return {
    TraceID: id,
    Spans: spans,
    StartTime: timeText(begin),
    EndTime: timeText(end),
    // Nanoseconds beyond what a double holds exactly are those of years.
    Duration: Math.min((end - begin) * 1_000, Number.MAX_SAFE_INTEGER),
    Success: distinct.every(({ span }) => span.error === undefined),
    SpanCount: spans.length,
    AgentCount: agents.length,
    Agents: agents,
    Complete: isComplete(distinct),
    ...(truncated && { Truncated: true }),
  };
}

/** The trace in a few words, and its spans as a tree shows them. */
export function traceSnapshot(id: string, measured: readonly MeasuredSpan[]): TraceSnapshot {
  const trace = completedTrace(id, measured);
  const forest = traceTree(trace.Spans);
  const [root] = forest;
  const failed = nearestFailure(forest) ?? trace.Spans.find(({ Success }) => Success === false);
  const summary: TraceSummary = {
    trace_id: id,
    ...(root && { root_agent: root.span.AgentName, root_operation: root.span.Operation }),
    start_time: trace.StartTime,
    completed: trace.Complete ?? false,
    duration_ms: trace.Duration / 1_000_000,
    has_error: !trace.Success,
    ...(failed && { error: failed.ErrorMessage ?? "" }),
    span_count: trace.SpanCount,
    agents: trace.Agents,
  };
  return { ...summary, spans: snapshotSpans(forest) };
}

/** The trace in a few words. */
export function traceSummary(id: string, measured: readonly MeasuredSpan[]): TraceSummary {
  const { spans: _, ...summary } = traceSnapshot(id, measured);
  return summary;
}

/** Each span once, by begin; one that has ended stands for the one that had begun. */
function distinctSpans(measured: readonly MeasuredSpan[]): MeasuredSpan[] {
  const byId = new Map<string, MeasuredSpan>();
  for (const each of measured) {
    const known = byId.get(each.span.span_id);
    if (known === undefined || isRunning(known.span)) byId.set(each.span.span_id, each);
  }
  return [...byId.values()].sort(({ span: a }, { span: b }) =>
    a.start_us - b.start_us || (a.span_id < b.span_id ? -1 : 1)
  );
}

function isRunning({ duration_us }: Span): boolean {
  return duration_us === undefined;
}

function bounds(measured: readonly MeasuredSpan[]): { begin: number; end: number } {
  let [begin, end] = [Infinity, -Infinity];
  for (const { span: { start_us, duration_us = 0 } } of measured) {
    begin = Math.min(begin, start_us);
    end = Math.max(end, start_us + duration_us);
  }
  return { begin, end };
}

/** Names of the agents, in the order in which they came in. */
function agentNames(measured: readonly MeasuredSpan[]): string[] {
  return [...new Set(measured.map(({ agent }) => agent.name))];
}

/** Whether all has ended, and everything hangs together below one root. */
function isComplete(measured: readonly MeasuredSpan[]): boolean {
  const ids = new Set(measured.map(({ span }) => span.span_id));
  const roots = measured.filter(({ span }) => !ids.has(span.parent_span_id ?? ""));
  return roots.length === 1 && roots[0]?.span.parent_span_id === undefined &&
    !measured.some(({ span }) => isRunning(span));
}

/**
 * A span as the reference shows it.
 *
 * @param hasChildren Whether the other end of a call, if it is one, is in the trace too.
 */
function traceSpan({ span, agent }: MeasuredSpan, hasChildren: boolean): TraceSpan {
  const { start_us, duration_us, error, llm } = span;
  const isEnded = duration_us !== undefined;
  return {
    TraceID: span.trace_id,
    SpanID: span.span_id,
    ParentSpan: span.parent_span_id ?? null,
    AgentName: agent.name,
    AgentID: agent.id,
    IPAddress: agent.ip ?? "",
    Operation: operationOf(span, hasChildren),
    StartTime: timeText(start_us),
    EndTime: isEnded ? timeText(start_us + duration_us) : null,
    DurationMS: isEnded ? Math.round(duration_us / 1_000) : null,
    Success: isEnded ? error === undefined : null,
    ErrorMessage: error?.message ?? null,
    Capability: span.capability ?? null,
    TargetAgent: span.target_agent ?? null,
    Runtime: agent.runtime ?? null,
    Name: span.name,
    Kind: span.kind,
    ...given({
      DurationUS: duration_us,
      ErrorCode: error?.code,
      AgentVersion: agent.version,
      Namespace: agent.namespace,
      RequestBytes: span.request_bytes,
      ResponseBytes: span.response_bytes,
      Attempts: span.attempts,
      Chunks: span.chunks,
      LLMModel: llm?.model,
      LLMProvider: llm?.provider,
      InputTokens: llm?.input_tokens,
      OutputTokens: llm?.output_tokens,
      Attributes: span.attributes,
    }),
  };
}

/**
 * What a tree shows a span as. The caller's side of a call goes when its other end is there; a call
 * nobody has taken, or took without a trace, is all there is of it and stays.
 */
function operationOf({ name, kind, llm, error }: Span, hasChildren: boolean): string {
  if (kind !== "client" || name.startsWith(CLIENT) || name.startsWith(INTERNAL)) return name;
  if (llm !== undefined) return error === undefined ? `${INTERNAL}${name}` : name;
  return hasChildren ? CLIENT : name;
}

function snapshotSpans(forest: readonly TraceNode<TraceSpan>[]): TraceSnapshot["spans"] {
  const spans: TraceSnapshot["spans"] = [];
  const below = (nodes: readonly TraceNode<TraceSpan>[], parent?: string) =>
    nodes.map((node) => ({ node, parent })).reverse();
  const open = below(forest);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node: { span, children }, parent } = next;
    spans.push({
      span_id: span.SpanID,
      ...given({ effective_parent: parent }),
      agent_name: span.AgentName,
      operation: span.Operation,
      start_time: span.StartTime,
      ...given({
        duration_ms: span.DurationUS === undefined ? undefined : span.DurationUS / 1_000,
        success: span.Success ?? undefined,
        error: span.ErrorMessage ?? undefined,
        runtime: span.Runtime ?? undefined,
      }),
    });
    open.push(...below(children, span.SpanID));
  }
  return spans;
}

/** The failed span nearest to a root. */
function nearestFailure(forest: readonly TraceNode<TraceSpan>[]): TraceSpan | undefined {
  for (let level = forest; level.length > 0; level = level.flatMap(({ children }) => children)) {
    const failed = level.find(({ span }) => span.Success === false);
    if (failed !== undefined) return failed.span;
  }
  return undefined;
}

/** An object without the members that are `undefined`. */
function given<T extends object>(members: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  // The same members, less those that are undefined.
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
