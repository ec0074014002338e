/**
 * Forged messages: the code of an agent in a worker reaches the channel to the runtime by its scope.
 * In a process of its own there is no such function.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** Names and expressions of what is posted; `batch` is what messages travel in. */
const MESSAGES: readonly (readonly [name: string, expression: string])[] = [
  ["null", "null"],
  ["undefined", "undefined"],
  ["number", "1"],
  ["text", '"x"'],
  ["object", "{}"],
  ["shared-buffer", "new SharedArrayBuffer(8)"],
  ["map", "new Map([[1, 2]])"],
  ["empty", "[]"],
  ["batch-null", "[null]"],
  ["batch-number", "[1]"],
  ["batch-nested", "[[[]]]"],
  ["batch-hole", "new Array(3)"],
  ["unknown-type", '[{ type: "no such type" }]'],
  ["type-object", "[{ type: {} }]"],
  ["type-proto", '[{ type: "__proto__" }]'],
  ["loaded-none", '[{ type: "loaded" }]'],
  ["loaded-null", '[{ type: "loaded", manifest: null }]'],
  ["loaded-empty", '[{ type: "loaded", manifest: {} }]'],
  ["loaded-tools", '[{ type: "loaded", manifest: { name: "x", tools: 1 } }]'],
  ["manifest-null", '[{ type: "manifest", manifest: null }]'],
  ["manifest-empty", '[{ type: "manifest", manifest: {} }]'],
  ["manifest-bigint", '[{ type: "manifest", manifest: { tools: [], name: 1n } }]'],
  [
    "manifest-circular",
    '((o) => { o.tools = [o]; return [{ type: "manifest", manifest: o }] })({})',
  ],
  [
    "manifest-thief",
    '[{ type: "manifest", manifest: { name: "victim", tools: [], prompts: [], resources: [] } }]',
  ],
  ["failed-none", '[{ type: "failed" }]'],
  ["failed-null", '[{ type: "failed", error: null }]'],
  ["exiting-none", '[{ type: "exiting" }]'],
  ["exiting-number", '[{ type: "exiting", reason: 1 }]'],
  ["log-none", '[{ type: "log" }]'],
  ["log-level", '[{ type: "log", level: "__proto__", message: "x" }]'],
  ["log-message", '[{ type: "log", level: "info", message: {} }]'],
  ["log-bigint", '[{ type: "log", level: "info", message: "x", fields: { a: 1n } }]'],
  [
    "log-circular",
    '((o) => { o.o = o; return [{ type: "log", level: "info", message: "x", fields: o }] })({})',
  ],
  ["log-call", '[{ type: "log", call: {}, level: "info", message: "x" }]'],
  ["refused-none", '[{ type: "refused" }]'],
  ["refused-object", '[{ type: "refused", message: {} }]'],
  ["resource-none", '[{ type: "resource_updated" }]'],
  ["resource-object", '[{ type: "resource_updated", uri: { a: 1n } }]'],
  ["port-none", '[{ type: "port_abort", port: 1 }]'],
  ["port-null", '[{ type: "port_abort", port: 1, error: null }]'],
  ["taken-object", '[{ type: "port_taken", port: {} }]'],
  ["call-none", '[{ type: "outcome" }]'],
  ["call-object", '[{ type: "outcome", call: {} }]'],
  ["call-negative", '[{ type: "done", call: -1 }]'],
  ["call-huge", '[{ type: "done", call: 2 ** 53 }]'],
  ["call-nan", '[{ type: "done", call: NaN }]'],
];

/** Members of messages about a call; the attempt says them of all calls that there may be. */
const OF_CALLS: readonly (readonly [name: string, members: string])[] = [
  ["outcome-none", 'type: "outcome"'],
  ["outcome-null", 'type: "outcome", outcome: null'],
  ["outcome-bigint", 'type: "outcome", outcome: { kind: "value", value: 10n }'],
  ["outcome-circular", 'type: "outcome", outcome: { kind: "value", value: circular }'],
  ["outcome-result", 'type: "outcome", outcome: { kind: "result", result: null }'],
  ["outcome-content", 'type: "outcome", outcome: { kind: "result", result: { content: 1n } }'],
  ["outcome-response", 'type: "outcome", outcome: { kind: "response", response: null }'],
  ["outcome-kind", 'type: "outcome", outcome: { kind: "__proto__" }'],
  ["outcome-proto", 'type: "outcome", outcome: JSON.parse(\'{"__proto__":{"kind":"value"}}\')'],
  ["outcome-map", 'type: "outcome", outcome: new Map([["kind", "value"]])'],
  ["outcome-asks", 'type: "outcome", outcome: { kind: "ask", questions: null }'],
  ["error-none", 'type: "error"'],
  ["error-null", 'type: "error", error: null'],
  ["error-details", 'type: "error", error: { code: "x", message: "x", details: circular }'],
  ["error-code", 'type: "error", error: { code: {}, message: 1n }'],
  ["verdict", 'type: "verdict", verdict: null'],
  ["done", 'type: "done"'],
  ["completed", 'type: "completed", values: null'],
  ["emit-bigint", 'type: "emit", chunk: 1n'],
  ["emit-circular", 'type: "emit", chunk: circular'],
  ["progress-none", 'type: "progress"'],
  ["progress-text", 'type: "progress", progress: "x", total: {}, message: 1n'],
  ["span-null", 'type: "span", span: null'],
  ["span-empty", 'type: "span", span: {}'],
  ["span-bigint", 'type: "span", span: { name: 1n, startTime: {}, attributes: circular }'],
  ["port-unknown", 'type: "port", port: 1, dependency: "victim", request: null, options: null'],
  ["port-proto", 'type: "port", port: 1, dependency: "__proto__", request: {}, options: {}'],
  ["log-fields", 'type: "log", level: "info", message: "x", fields: { a: 1n }'],
];

/** The runtime believes what an agent says of itself: these leave the attacker without an answer. */
const SILENCING = /^(loaded|manifest|failed|exiting)/;

const posting = (expression: string) =>
  `const sent = ${expression};\nglobalThis.postMessage(sent); await wait(50)`;

const ROWS: readonly Row[] = [
  ...MESSAGES.map(([name, expression]): Row => [
    name,
    `posts ${expression}`,
    posting(expression),
    { dealt: SILENCING.test(name) },
  ]),
  ...OF_CALLS.map(([name, members]): Row => [
    name,
    `posts { ${members} } of every call`,
    "const circular = {}; circular.circular = circular;\n" +
    posting(`Array.from({ length: 64 }, (_, call) => ({ call, ${members} }))`),
  ]),
  [
    "port",
    "posts by the port to its parent",
    'const { parentPort } = await import("node:worker_threads");\n' +
    'parentPort?.postMessage([{ type: "exiting" }]); await wait(50)',
  ],
  [
    "process-send",
    "sends as a child of Node does",
    '(await import("node:process")).default.send?.({ type: "exiting" }); await wait(50)',
  ],
  [
    "unreadable",
    "posts what no other thread can read",
    "const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));\n" +
    "globalThis.postMessage([module]); await wait(50)",
  ],
];

/** All forged messages. */
export const MESSAGES_FORGED: readonly Attempt[] = attemptsOf("messages", ROWS);
