/**
 * Messages that no honest code sends.
 *
 * @module
 */
const circular: Record<string, unknown> = {};
circular["itself"] = circular;

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** The number of a call that is there, and of one that is not: places of calls are given from 0 on. */
const CALLS = [0, 1, 2 ** 20, 2 ** 20 + 1, 2 ** 21, 2 ** 21 + 1, 2 ** 22 + 1, -1, 1e9, 2 ** 53];
const manifest = {
  type: "mcp_agent",
  name: "forger",
  version: "1.0.0",
  description: "",
  tools: [],
  prompts: [],
  resources: [],
  routes: [],
  sessions: false,
  healthCheck: false,
  startupCheck: false,
  lifespan: false,
};
const error = { code: "tool_failed", message: "no" };
const ofCalls = (members: object) => CALLS.map((call) => ({ ...members, call }));
const outcomes = (outcome: unknown) => ofCalls({ type: "outcome", outcome });

/** Messages by what they are; made when they are sent, as some cannot be sent twice. */
export const FORGED: Readonly<Record<string, () => readonly unknown[]>> = {
  nothing: () => [undefined],
  null: () => [null],
  "a number": () => [42],
  "a text": () => ["outcome"],
  "a bigint": () => [10n],
  "a list": () => [[]],
  "a list of lists": () => [[[{ type: "pong" }]]],
  "no type": () => [{}],
  "an unknown type": () => [{ type: "shutdown" }],
  "a type that is an object": () => [{ type: { type: "pong" } }],
  "a type of a prototype": () => [{ type: "__proto__" }, { type: "toString" }],
  "a cycle": () => [circular],
  "a map": () => [new Map([["type", "pong"]])],
  "an error": () => [new Error("no")],
  "shared memory": () => [new SharedArrayBuffer(8)],
  "a loaded without a manifest": () => [{ type: "loaded" }],
  "a loaded with null": () => [{ type: "loaded", manifest: null }],
  "a loaded with half a manifest": () => [{ type: "loaded", manifest: { tools: [{}] } }],
  "a second loaded": () => [{ type: "loaded", manifest }],
  "a manifest without tools": () => [{ type: "manifest", manifest: { ...manifest, tools: null } }],
  "a manifest of another type":
    () => [{ type: "manifest", manifest: { ...manifest, type: "api" } }],
  "a manifest with a cycle": () => [{ type: "manifest", manifest: { ...manifest, circular } }],
  "a manifest that is deep": () => [
    { type: "manifest", manifest: { ...manifest, tools: nested(1_000) } },
  ],
  "a manifest with many prompts": () => [
    { type: "manifest", manifest: { ...manifest, prompts: Array(20_000).fill({ key: "p" }) } },
  ],
  "a manifest whose tool has odd dependencies": () => [{
    type: "manifest",
    manifest: { ...manifest, tools: [{ key: "t", name: "t", dependencies: [{ tags: 1 }] }] },
  }],
  "a failed without an error": () => [{ type: "failed" }],
  "a failed with null": () => [{ type: "failed", error: null }],
  "a failed that comes late": () => [{ type: "failed", error }],
  "an exiting without a reason": () => [{ type: "exiting" }],
  "an exiting with an object": () => [{ type: "exiting", reason: {} }],
  "an exiting and more": () => [{ type: "exiting", reason: "r" }, { type: "exiting", reason: 1 }],
  "a log without a level": () => [{ type: "log", message: "m" }],
  "a log of no text": () => [{ type: "log", level: "info", message: { a: 1 } }],
  "a log with a bigint": () => [{ type: "log", level: "error", message: 10n }],
  "a log with odd fields": () => [
    { type: "log", level: "error", message: "m", fields: 1 },
  ],
  "a log of a call that is an object":
    () => [{ type: "log", call: {}, level: "info", message: "" }],
  "a resource without a uri": () => [{ type: "resource_updated" }],
  "a refusal without a message": () => [{ type: "refused" }],
  "an abort without an error": () => [{ type: "port_abort", port: 1 }],
  "an abort with an unknown code": () => [
    { type: "port_abort", port: 1, error: { code: "ok", message: "" } },
  ],
  "a taken of no port": () => [{ type: "port_taken" }],
  "a taken of ports that are not there": () =>
    CALLS.slice(0, 6).map((port) => ({ type: "port_taken", port })),
  "an outcome without a call": () => [{ type: "outcome", outcome: { kind: "value", json: "1" } }],
  "outcomes without an outcome": () => outcomes(undefined),
  "outcomes of null": () => outcomes(null),
  "outcomes of no kind": () => outcomes({ kind: "none" }),
  "outcomes without a text": () => outcomes({ kind: "value" }),
  "outcomes of a bigint": () => outcomes({ kind: "value", json: 10n }),
  "outcomes of no JSON": () => outcomes({ kind: "value", json: "{" }),
  "outcomes of no long JSON": () => outcomes({ kind: "value", json: `[${"1,".repeat(200_000)}` }),
  "outcomes of deep JSON": () =>
    outcomes({ kind: "value", json: "[".repeat(1e5) + "]".repeat(1e5) }),
  "outcomes of two JSON texts": () => outcomes({ kind: "value", json: '1},"x":{"a":2' }),
  "outcomes of a result that is null": () => outcomes({ kind: "result", result: null }),
  "outcomes with odd content": () => outcomes({ kind: "result", result: { content: [null, 1] } }),
  "outcomes with a bigint": () =>
    outcomes({ kind: "result", result: { content: [], structuredContent: { a: 10n } } }),
  "outcomes with a cycle": () => outcomes({ kind: "result", result: { content: [], circular } }),
  "outcomes with structured null": () =>
    outcomes({
      kind: "result",
      result: { content: [], structuredContent: null, _meta: { fastmcp: { wrap_result: true } } },
    }),
  "outcomes with another exact result": () =>
    outcomes({
      kind: "result",
      result: { content: [] },
      json: '{"content":[null],"isError":true}',
    }),
  "outcomes with an exact text": () =>
    outcomes({ kind: "result", result: { content: [] }, json: "1" }),
  "outcomes of questions": () => outcomes({ kind: "questions", requests: null }),
  "outcomes of odd questions": () =>
    outcomes({ kind: "questions", requests: { a: { method: "exec" } } }),
  "outcomes of a response": () =>
    outcomes({ kind: "response", response: { head: { status: 200, headers: [] }, body: "x" } }),
  "outcomes of an odd response": () => outcomes({ kind: "response", response: { head: null } }),
  "outcomes that are twice there": () => [
    ...outcomes({ kind: "value", json: "1" }),
    ...outcomes({ kind: "value", json: "2" }),
  ],
  "verdicts for calls": () => ofCalls({ type: "verdict", verdict: { status: "healthy" } }),
  "verdicts of null": () => ofCalls({ type: "verdict", verdict: null }),
  "completions for calls": () => ofCalls({ type: "completed", values: [] }),
  "completions of numbers": () => ofCalls({ type: "completed", values: [1, 10n] }),
  "done for calls": () => ofCalls({ type: "done" }),
  "errors without an error": () => ofCalls({ type: "error" }),
  "errors with an unknown code": () =>
    ofCalls({ type: "error", error: { code: "x", message: "" } }),
  "errors with a code of a prototype": () =>
    ofCalls({ type: "error", error: { code: "valueOf", message: "" } }),
  "errors with odd details": () =>
    ofCalls({ type: "error", error: { ...error, details: circular } }),
  "chunks for calls": () => ofCalls({ type: "emit", chunk: "x" }),
  "chunks of a bigint": () => ofCalls({ type: "emit", chunk: 10n }),
  "chunks of a cycle": () => ofCalls({ type: "emit", chunk: circular }),
  "chunks of shared memory": () =>
    ofCalls({ type: "emit", chunk: new Uint8Array(new SharedArrayBuffer(8)) }),
  "chunks of a list without end": () => ofCalls({ type: "emit", chunk: Array(2 ** 32 - 1) }),
  "progress of no number": () => ofCalls({ type: "progress", progress: "1" }),
  "progress without end": () => ofCalls({ type: "progress", progress: Infinity, total: NaN }),
  "spans of null": () => ofCalls({ type: "span", span: null }),
  "spans of text": () => ofCalls({ type: "span", span: { name: 1, start_us: "now", llm: "m" } }),
  "ports with made-up names": () =>
    ofCalls({
      type: "port",
      port: 1,
      dependency: "__proto__",
      request: { method: "tools/list" },
      options: {},
      streaming: true,
    }),
  "ports without options": () =>
    ofCalls({ type: "port", port: 1, dependency: "a", request: { method: "tools/list" } }),
  "ports with an odd request": () =>
    ofCalls({
      type: "port",
      port: 1,
      dependency: "a",
      request: null,
      options: {},
      streaming: false,
    }),
  "ports of a bigint": () => ofCalls({ type: "port", port: 10n, dependency: "a" }),
};
