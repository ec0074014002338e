/**
 * Forged frames: the code of an agent in a process of its own reaches the channel to the runtime by its
 * descriptor. A frame is the length of its head and of its body (u32, little-endian), the head, which is
 * JSON, and the body.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** Writes bytes to the channel: `frame(head, body)` puts a frame together. */
const WRITER = `
const { Socket } = await import("node:net");
const { Buffer } = await import("node:buffer");
const text = (value) => typeof value === "string" ? value : JSON.stringify(value);
const raw = (head, body, headLength = head.length, bodyLength = body.length) => {
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(headLength >>> 0, 0);
  prefix.writeUInt32LE(bodyLength >>> 0, 4);
  return Buffer.concat([prefix, head, body]);
};
const frame = (head, body = "") => raw(Buffer.from(text(head)), Buffer.from(text(body)));
const calls = (head, body) => Buffer.concat(
  Array.from({ length: 64 }, (_, call) => frame({ call, ...head }, body)));
const socket = new Socket({ fd: 3 });
socket.on("error", () => {});
const send = async (bytes) => { socket.write(bytes); await wait(100) };
`;

const NONE = "Buffer.alloc(0)";

const FRAMES: readonly (readonly [name: string, expression: string])[] = [
  ["garbage", 'Buffer.from("GET / HTTP/1.1\\r\\n\\r\\n")'],
  ["zeros", "Buffer.alloc(64 * 1024)"],
  ["ones", "Buffer.alloc(64 * 1024, 255)"],
  ["line", 'Buffer.from("{}\\n{}\\n")'],
  ["half-prefix", "Buffer.alloc(3)"],
  ["half-head", 'frame({ type: "log" }).subarray(0, 12)'],
  ["half-body", 'frame({ type: "log" }, "x".repeat(99)).subarray(0, 50)'],
  ["head-huge", `raw(${NONE}, ${NONE}, 0xffffffff, 0)`],
  ["head-long", `raw(${NONE}, ${NONE}, 0x7fffffff, 0)`],
  ["head-limit", "raw(Buffer.alloc(64 * 1024 + 1, 32), Buffer.alloc(0))"],
  ["head-empty", `raw(${NONE}, ${NONE})`],
  ["head-text", 'frame("not JSON")'],
  ["head-utf8", `raw(Buffer.from([0xff, 0xfe]), ${NONE})`],
  ["head-null", "frame(null)"],
  ["head-number", 'frame("1e999")'],
  ["head-list", "frame([])"],
  ["head-deep", 'frame("[".repeat(30000) + "]".repeat(30000))'],
  ["head-keys", 'frame(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => ["k" + n, n])))'],
  ["head-twice", 'frame(\'{"type":"log","type":"outcome","call":0,"call":1}\')'],
  ["head-proto", 'frame(\'{"__proto__":{"type":"exiting"},"constructor":{"prototype":{"x":1}}}\')'],
  ["body-huge", `raw(Buffer.from("{}"), ${NONE}, 2, 0xffffffff)`],
  ["body-limit", `raw(Buffer.from("{}"), ${NONE}, 2, 64 * 1024 * 1024 + 1)`],
  ["body-short", 'raw(Buffer.from("{}"), Buffer.alloc(10), 2, 64 * 1024 * 1024)'],
  ["type-none", "frame({})"],
  ["type-unknown", 'frame({ type: "no such type", kind: "no such kind" })'],
  ["type-proto", 'frame({ type: "__proto__", kind: "constructor" })'],
  ["type-object", "frame({ type: {}, kind: [] })"],
  ["loaded", 'frame({ type: "loaded" }, { name: "victim", tools: [] })'],
  ["loaded-null", 'frame({ type: "loaded" }, null)'],
  ["loaded-text", 'frame({ type: "loaded" }, "not JSON")'],
  ["loaded-deep", 'frame({ type: "loaded" }, "[".repeat(99999) + "]".repeat(99999))'],
  ["manifest", 'frame({ type: "manifest" }, { name: "victim", tools: [{}] })'],
  ["failed", 'frame({ type: "failed", error: null }, null)'],
  ["exiting", 'frame({ type: "exiting", reason: {} })'],
  ["log-level", 'frame({ type: "log", level: "__proto__" }, "x")'],
  ["log-control", 'frame({ type: "log", level: "info", message: "\\x1b[2J" }, "\\x1b[2J")'],
  ["log-call", 'frame({ type: "log", level: "info", call: "__proto__" }, "x")'],
  ["refused", 'frame({ type: "refused", message: {} }, {})'],
  ["resource", 'frame({ type: "resource_updated", uri: {} })'],
  ["port-abort", 'frame({ type: "port_abort", port: {}, error: null })'],
  ["port-taken", 'frame({ type: "port_taken", port: -1 })'],
  ["call-negative", 'frame({ type: "outcome", call: -1 }, { kind: "value", value: 1 })'],
  ["call-fraction", 'frame({ type: "outcome", call: 0.5 }, { kind: "value", value: 1 })'],
  ["call-text", 'frame({ type: "outcome", call: "0" }, { kind: "value", value: 1 })'],
  ["call-huge", 'frame({ type: "outcome", call: 2 ** 53 }, { kind: "value", value: 1 })'],
  ["calls-none", 'calls({ type: "outcome" })'],
  ["calls-null", 'calls({ type: "outcome" }, null)'],
  ["calls-value", 'calls({ type: "outcome", kind: "value" }, { kind: "value", value: {} })'],
  ["calls-result", 'calls({ type: "outcome", kind: "result" }, { kind: "result", result: null })'],
  ["calls-response", 'calls({ type: "outcome", kind: "response" }, { kind: "response" })'],
  ["calls-text", 'calls({ type: "outcome" }, "not JSON")'],
  ["calls-deep", 'calls({ type: "outcome" }, "[".repeat(9999) + "]".repeat(9999))'],
  ["calls-proto", 'calls({ type: "outcome" }, \'{"__proto__":{"kind":"value"}}\')'],
  ["calls-error", 'calls({ type: "error", error: null }, null)'],
  ["calls-emit", 'calls({ type: "emit" }, "not JSON")'],
  ["calls-progress", 'calls({ type: "progress", progress: "x", total: {} })'],
  ["calls-span", 'calls({ type: "span" }, null)'],
  ["calls-verdict", 'calls({ type: "verdict", verdict: 1 }, 1)'],
  ["calls-port", 'calls({ type: "port", port: 1, dependency: "victim" }, null)'],
  ["calls-port-proto", 'calls({ type: "port", port: {}, dependency: "__proto__" }, {})'],
];

/** The runtime believes what an agent says of itself: these leave the attacker without an answer. */
const SILENCING = /^(loaded|manifest|failed|exiting)/;

const ROWS: readonly Row[] = [
  ...FRAMES.map(([name, expression]): Row => [
    name,
    `writes ${expression}`,
    `${WRITER}await send(${expression})`,
    { dealt: SILENCING.test(name) },
  ]),
  [
    "bytes",
    "writes a frame byte by byte",
    `${WRITER}for (const byte of frame({})) socket.write(Buffer.from([byte]));\nawait wait(100)`,
  ],
  ["end", "closes the channel", `${WRITER}socket.destroy(); await wait(100)`],
  ["half", "closes one side of the channel", `${WRITER}socket.end(); await wait(100)`],
  [
    "reads",
    "reads what the runtime sends to it",
    `${WRITER}const data = await Promise.race([once(socket, "data"), wait(200)]);\n` +
    'return data && /"(victim|instance_token)"/.test(String(data)) ? String(data) : undefined',
  ],
  [
    "pause",
    "reads nothing that the runtime sends to it",
    `${WRITER}socket.pause(); await wait(200)`,
  ],
];

/** All forged frames. */
export const FRAMES_FORGED: readonly Attempt[] = attemptsOf("frames", ROWS, {
  leftOut: {
    worker: "there is no such channel: descriptor 3 is whatever the runtime's process has open",
  },
});
