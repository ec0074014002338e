/**
 * A trace as a tree to be read. Pure.
 *
 * @module
 */
import {
  type TraceNode,
  traceTree,
  type TraceTreeOptions,
} from "../../runtime/protocol/trace_tree.ts";
import type { CompletedTrace, TraceSpan } from "../../runtime/protocol/trace_view.ts";
import type { Palette } from "../output/colour.ts";
import { cellWidth, cutToCells } from "../output/cells.ts";
import { wrapped } from "../output/wrapped.ts";

/** How a trace is shown. */
export interface TraceTextOptions extends TraceTreeOptions {
  palette: Palette;
  /** Cells a line may have; none are cut without it. */
  columns?: number | undefined;
}

/** Cells of a rule. */
const RULE = 60;
/** Least cells that a name or a reason gets, however deep it stands. */
const LEAST = 16;
/** Most lines of a reason. */
const REASON_LINES = 4;
/** Behind what ran at the same time as a sibling. */
const PARALLEL = " ∥";

/** Lines of a trace, without line ends. */
export function traceLines(trace: CompletedTrace, options: TraceTextOptions): string[] {
  const { palette, columns = Infinity } = options;
  const rule = Math.min(RULE, columns);
  const mark = trace.Success ? palette.paint("green", "✓") : palette.paint("red", "✗");
  const counts = `${counted(trace.SpanCount, "span")} across ${counted(trace.AgentCount, "agent")}`;
  return [
    `Call tree for trace ${trace.TraceID}`,
    "═".repeat(rule),
    "",
    ...nodeLines(traceTree(trace.Spans, options), options),
    "",
    "─".repeat(rule),
    `Summary: ${counts} | ${durationText(trace.Duration / 1_000)} | ${mark}`,
    ...wrapped(`Agents: ${trace.Agents.join(", ")}`, columns),
    ...trace.Truncated ? ["There are more spans than are shown."] : [],
  ];
}

/** A duration of a trace. @param us Microseconds. */
export function durationText(us: number): string {
  if (us < 1_000) return `${Math.round(us)}µs`;
  return us < 1_000_000 ? `${Math.round(us / 1_000)}ms` : `${(us / 1_000_000).toFixed(2)}s`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A node that is still to be shown, and what stands before it. */
interface Open {
  readonly node: TraceNode<TraceSpan>;
  readonly prefix: string;
  readonly isLast: boolean;
}

function nodeLines(roots: readonly TraceNode<TraceSpan>[], options: TraceTextOptions): string[] {
  const lines: string[] = [];
  const below = (nodes: readonly TraceNode<TraceSpan>[], prefix: string) =>
    nodes.map((node, at): Open => ({ node, prefix, isLast: at === nodes.length - 1 })).reverse();
  // Not by recursion: a trace may be deeper than the stack.
  const open = below(roots, "");
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, prefix, isLast } = next;
    const inner = prefix + (isLast ? "   " : "│  ");
    lines.push(spanLine(node, prefix + (isLast ? "└─ " : "├─ "), options));
    const bar = node.children.length > 0 ? "│  " : "   ";
    lines.push(...reasonLines(node.span, inner + bar, options));
    open.push(...below(node.children, inner));
  }
  return lines;
}

function spanLine(
  { span, parallel }: TraceNode<TraceSpan>,
  prefix: string,
  { palette, columns = Infinity }: TraceTextOptions,
): string {
  const { Operation, AgentName, DurationMS, Success } = span;
  const [mark, colour] = outcomeMark(Success);
  const took = typeof DurationMS === "number" ? ` [${DurationMS}ms]` : "";
  const rest = `${took} ${mark}${parallel ? PARALLEL : ""}${modelText(span)}`;
  const room = Math.max(LEAST, columns - cellWidth(prefix) - cellWidth(rest));
  const { name, agent } = named(oneLine(Operation), oneLine(AgentName), room);
  return prefix + name + palette.paint("cyan", agent) + palette.paint("dim", took) + " " +
    palette.paint(colour, mark) + palette.paint("dim", parallel ? PARALLEL : "") +
    palette.paint("dim", modelText(span));
}

function outcomeMark(
  success: boolean | null | undefined,
): [mark: string, "green" | "red" | "yellow"] {
  if (success === false) return ["✗", "red"];
  return success === null ? ["…", "yellow"] : ["✓", "green"];
}

/** What a model did, behind the spans of one. */
function modelText({ LLMModel, InputTokens, OutputTokens }: TraceSpan): string {
  if (LLMModel === undefined) return "";
  const tokens = InputTokens === undefined && OutputTokens === undefined
    ? ""
    : ` ${InputTokens ?? "?"} → ${OutputTokens ?? "?"} tokens`;
  return ` ${LLMModel}${tokens}`;
}

/** An operation and its agent in so many cells; the operation is cut last. */
function named(operation: string, agent: string, room: number): { name: string; agent: string } {
  const whole = ` (${agent})`;
  if (cellWidth(operation) + cellWidth(whole) <= room) return { name: operation, agent: whole };
  const left = room - cellWidth(operation) - 3;
  if (left >= 4) return { name: operation, agent: ` (${cutToCells(agent, left)})` };
  return { name: cutToCells(operation, room), agent: "" };
}

function reasonLines(
  { ErrorMessage, Success, ErrorCode }: TraceSpan,
  prefix: string,
  { palette, columns = Infinity }: TraceTextOptions,
): string[] {
  if (Success !== false) return [];
  const reason = oneLine(ErrorMessage ?? "") || ErrorCode || "it failed and does not say why";
  const lines = wrapped(reason, Math.max(LEAST, columns - cellWidth(prefix)));
  const shown = lines.slice(0, REASON_LINES);
  if (lines.length > REASON_LINES) shown.push("…");
  return shown.map((line) => prefix + palette.paint("red", line));
}

/** A text without line ends and what could steer a terminal. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what is meant
  return text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}
