/**
 * The spans of a trace as trees. Pure, and never in doubt: spans without their parent, and those that
 * are their own ancestors, become roots; a span that is there twice is there once.
 *
 * @module
 */
import { timeMicros } from "./trace_time.ts";

/** What a tree needs to know of a span; {@linkcode TraceSpan} has it. */
export interface TreeSpan {
  readonly SpanID: string;
  readonly ParentSpan?: string | null | undefined;
  readonly Operation: string;
  /** RFC 3339. */
  readonly StartTime: string;
  /** RFC 3339. */
  readonly EndTime?: string | null | undefined;
}

/** A span and those below it, by begin. */
export interface TraceNode<S extends TreeSpan> {
  readonly span: S;
  readonly children: TraceNode<S>[];
  /** Whether it ran at the same time as a sibling. */
  parallel: boolean;
}

/** What {@linkcode traceTree} may be told. */
export interface TraceTreeOptions {
  /** Whether spans that say they are internal are shown. @default {false} */
  showInternal?: boolean;
}

/** How operations begin that a tree leaves out unless asked; their children stand in their place. */
const INTERNAL = ["proxy_call_wrapper", "_internal_"];

/** Whether a tree leaves a span out unless asked. */
export function isInternal({ Operation }: TreeSpan): boolean {
  return INTERNAL.some((beginning) => Operation.startsWith(beginning));
}

/** The trees of spans, by begin. */
export function traceTree<S extends TreeSpan>(
  spans: readonly S[],
  { showInternal = false }: TraceTreeOptions = {},
): TraceNode<S>[] {
  const timed = new Map<string, Timed<S>>();
  for (const span of spans) {
    if (!timed.has(span.SpanID)) timed.set(span.SpanID, timedSpan(span));
  }
  const parents = acyclicParents(timed);
  const isShown = ({ span }: Timed<S>) => showInternal || !isInternal(span);
  const placed = new Map<Timed<S>, Placed<S>>();
  for (const each of timed.values()) {
    if (isShown(each)) placed.set(each, place(each, parents, isShown));
  }
  const roots: Placed<S>[] = [];
  const families = new Map<Placed<S>, Placed<S>[]>();
  for (const each of placed.values()) {
    const parent = each.parent && placed.get(each.parent);
    const siblings = parent === undefined ? roots : families.get(parent) ?? [];
    siblings.push(each);
    if (parent !== undefined) families.set(parent, siblings);
  }
  for (const [parent, children] of families) parent.node.children.push(...inOrder(children));
  return inOrder(roots);
}

/** A span with its times as numbers, microseconds; without an end it goes on. */
interface Timed<S extends TreeSpan> {
  readonly span: S;
  readonly begin: number;
  readonly end: number;
}

/** A span, the one it is shown below, and the one that says when it was called. */
interface Placed<S extends TreeSpan> {
  readonly node: TraceNode<S>;
  readonly self: Timed<S>;
  readonly parent: Timed<S> | undefined;
  readonly caller: Timed<S>;
}

function timedSpan<S extends TreeSpan>(span: S): Timed<S> {
  const begin = timeMicros(span.StartTime) || 0;
  const end = span.EndTime ? timeMicros(span.EndTime) || begin : Infinity;
  return { span, begin, end };
}

function place<S extends TreeSpan>(
  self: Timed<S>,
  parents: ReadonlyMap<Timed<S>, Timed<S>>,
  isShown: (timed: Timed<S>) => boolean,
): Placed<S> {
  let caller = self;
  let parent = parents.get(self);
  while (parent !== undefined && !isShown(parent)) {
    // Times of siblings are compared as the agent that called them all has measured them.
    caller = parent;
    parent = parents.get(parent);
  }
  const node = { span: self.span, children: [], parallel: false };
  return { node, self, parent, caller };
}

/** Each span's parent, without circles: the first span of one has none. */
function acyclicParents<S extends TreeSpan>(
  timed: ReadonlyMap<string, Timed<S>>,
): Map<Timed<S>, Timed<S>> {
  const parents = new Map<Timed<S>, Timed<S>>();
  for (const each of timed.values()) {
    const parent = timed.get(each.span.ParentSpan ?? "");
    if (parent !== undefined) parents.set(each, parent);
  }
  const settled = new Set<Timed<S>>();
  for (const each of timed.values()) {
    const path = new Set<Timed<S>>();
    let at: Timed<S> | undefined = each;
    while (at !== undefined && !settled.has(at) && !path.has(at)) {
      path.add(at);
      at = parents.get(at);
    }
    if (at !== undefined && path.has(at)) parents.delete(firstOf(circle(at, parents)));
    for (const passed of path) settled.add(passed);
  }
  return parents;
}

function circle<T>(first: T, next: ReadonlyMap<T, T>): T[] {
  const members = [first];
  for (let at = next.get(first); at !== undefined && at !== first; at = next.get(at)) {
    members.push(at);
  }
  return members;
}

function firstOf<S extends TreeSpan>(timed: readonly Timed<S>[]): Timed<S> {
  return timed.reduce((first, each) => byBegin(first, each) <= 0 ? first : each);
}

/** Siblings by begin, told which of them overlap. */
function inOrder<S extends TreeSpan>(siblings: readonly Placed<S>[]): TraceNode<S>[] {
  const ordered = [...siblings].sort((a, b) =>
    byBegin(a.caller, b.caller) || byBegin(a.self, b.self)
  );
  let latest: Placed<S> | undefined;
  for (const sibling of ordered) {
    if (latest !== undefined && sibling.caller.begin < latest.caller.end) {
      latest.node.parallel = true;
      sibling.node.parallel = true;
    }
    if (latest === undefined || sibling.caller.end > latest.caller.end) latest = sibling;
  }
  return ordered.map(({ node }) => node);
}

function byBegin<S extends TreeSpan>(a: Timed<S>, b: Timed<S>): number {
  const [left, right] = [a.span.SpanID, b.span.SpanID];
  return a.begin - b.begin || (left < right ? -1 : Number(left > right));
}
