import { deepEqual, throws } from "node:assert/strict";
import { parseExact } from "../base/exact_json.ts";
import { blankManifest } from "../define/manifest.ts";
import type { FromAgent, ToAgent } from "./agent_messages.ts";
import {
  fromAgentFrame,
  fromAgentMessage,
  toAgentFrame,
  toAgentMessage,
} from "./framed_messages.ts";
import { BODY_MAX, type Frame, FrameReader, FrameWriter, type OnFrame } from "./frames.ts";

/** Gives `onFrame` what the other side gets of a frame. */
function sent(frame: Frame, onFrame: OnFrame): void {
  const writer = new FrameWriter();
  writer.write(frame);
  const reader = new FrameReader(onFrame, BODY_MAX);
  for (const piece of writer.take()) reader.push(piece);
}

/** A value without the members that are `undefined`, as JSON has it. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [[key, defined(member)]]
    ),
  );
}

const TARGET = { agentId: "a-1", agentName: "a", endpoint: "http://localhost:1", tool: "t" };
const ERROR = { code: "tool_failed", message: "no", details: { at: [1, "ü"] } } as const;
const TRACE = { traceId: "0".repeat(32), parentSpanId: "1".repeat(16) } as never;
const BYTES = new Uint8Array([0, 1, 255]);
const PARTS = {
  method: "POST",
  url: "http://localhost/a?b",
  headers: [["content-type", "text/plain"], ["x-a", "ü"]],
  params: { id: "1" },
  body: BYTES,
} as const;

const toAgent: [what: string, message: ToAgent][] = [
  ["a call", { type: "invoke", call: 7, key: "add", args: { a: 1, b: "ü" }, lent: undefined }],
  ["a call without arguments", { type: "invoke", call: 7, key: "k", args: {}, lent: {} }],
  ["a call with no arguments at all", {
    type: "invoke",
    call: 7,
    key: "k",
    args: undefined,
    lent: undefined,
  }],
  ["a call with all it is lent", {
    type: "invoke",
    call: 2 ** 52,
    key: "prompt:x",
    args: { "": null },
    lent: {
      headers: { a: "b" },
      trace: TRACE,
      answers: { q: { action: "accept" } },
      chunks: "only",
      dependencies: new Map([["prefs", TARGET as never]]),
      toolbox: [],
    },
  }],
  ["a call with long numbers", {
    type: "invoke",
    call: 1,
    key: "k",
    args: undefined,
    exactArgs: '{"id":12345678901234567890,"0":1.0}',
    lent: undefined,
  }],
  ["a request", {
    type: "invoke",
    call: 1,
    key: "POST /a",
    args: undefined,
    parts: PARTS,
    lent: undefined,
  }],
  ["a request without a body", {
    type: "invoke",
    call: 1,
    key: "GET /a",
    args: undefined,
    parts: { ...PARTS, body: undefined },
    lent: undefined,
  }],
  ["the end of a call", { type: "abort", call: 1, error: ERROR }],
  ["a ping", { type: "ping" }],
  ["a chunk that was taken", { type: "emitted", call: 1 }],
  ["prompts", {
    type: "prepare",
    call: 1,
    prompts: new Map([["file:///a.njk", "Hi {{ name }}"]]),
    settings: undefined,
  }],
  ["a chunk of a dependency", { type: "port_chunk", port: 3, chunk: "text" }],
  ["an empty chunk of a dependency", { type: "port_chunk", port: 3, chunk: "" }],
  ["a value of a dependency", { type: "port_result", port: 3, value: [1, null, { a: false }] }],
  ["no value of a dependency", { type: "port_result", port: 3, value: undefined }],
  ["a failure of a dependency", { type: "port_error", port: 3, error: ERROR }],
];
for (const [what, message] of toAgent) {
  Deno.test(`${what} gets to the agent's code as it is`, () => {
    sent(toAgentFrame(message), (head, body) => {
      deepEqual(defined(toAgentMessage(head, body)), defined(message));
    });
  });
}

const fromAgent: [what: string, message: FromAgent][] = [
  ["a manifest", { type: "loaded", manifest: blankManifest("ü") }],
  ["an outcome", { type: "outcome", call: 1, outcome: { kind: "value", json: '{"a":"ü"}' } }],
  ["an outcome of long numbers", {
    type: "outcome",
    call: 1,
    outcome: { kind: "value", json: "12345678901234567890" },
  }],
  ["a result", {
    type: "outcome",
    call: 1,
    outcome: { kind: "result", result: { content: [{ type: "text", text: "a" }] } },
  }],
  ["questions", {
    type: "outcome",
    call: 1,
    outcome: { kind: "questions", requests: { q: { method: "roots/list" } as never }, state: [1] },
  }],
  ["a response", {
    type: "outcome",
    call: 1,
    outcome: {
      kind: "response",
      response: { head: { status: 200, headers: [["a", "b"]] }, body: BYTES },
    },
  }],
  ["the end of a response", {
    type: "outcome",
    call: 1,
    outcome: { kind: "response", response: undefined },
  }],
  ["a chunk", { type: "emit", call: 1, chunk: { text: "a" } }],
  ["a chunk of text", { type: "emit", call: 1, chunk: "" }],
  ["a chunk of bytes", { type: "emit", call: 1, chunk: BYTES }],
  ["a log line", { type: "log", call: undefined, level: "info", message: "m", fields: { a: 1 } }],
  ["progress", { type: "progress", call: 1, progress: 0.5, total: 2, message: undefined }],
  ["a request to a dependency", {
    type: "port",
    port: 1,
    call: 2,
    dependency: "tool:x",
    request: { method: "tools/call", args: { a: 1 } },
    options: { timeoutMs: 5, headers: { a: "b" } },
    streaming: false,
  }],
  ["a failure", { type: "error", call: 1, error: ERROR }],
  ["a failure to load", { type: "failed", error: ERROR }],
  ["suggestions", { type: "completed", call: 1, values: ["a"] }],
  ["a sign of life", { type: "pong" }],
  ["the end of a check", { type: "verdict", call: 1, verdict: { status: "healthy" } }],
  ["a call that is done", { type: "done", call: 1 }],
];
for (const [what, message] of fromAgent) {
  Deno.test(`${what} gets to the trusted side as it is`, () => {
    sent(fromAgentFrame(message), (head, body) => {
      deepEqual(defined(fromAgentMessage(head, body)), defined(message));
    });
  });
}

Deno.test("arguments that carry numbers as text get to the agent's code with all digits", () => {
  const args = parseExact('{"id":12345678901234567890}');
  const frame = toAgentFrame({ type: "invoke", call: 1, key: "k", args, lent: undefined });
  deepEqual(frame.body, '{"id":12345678901234567890}');
});

Deno.test("the numbers of a result that is passed on keep their digits", () => {
  const json = '{"content":[],"structuredContent":{"id":12345678901234567890}}';
  const result = JSON.parse(json);
  const outcome = { kind: "result", result, json } as const;
  sent(fromAgentFrame({ type: "outcome", call: 1, outcome }), (head, body) => {
    deepEqual(fromAgentMessage(head, body), { type: "outcome", call: 1, outcome });
  });
});

const unwritable: [what: string, chunk: unknown][] = [
  ["a bigint", 1n],
  [
    "a cycle",
    (() => {
      const cycle: unknown[] = [];
      cycle.push(cycle);
      return cycle;
    })(),
  ],
];
for (const [what, chunk] of unwritable) {
  Deno.test(`a message with ${what} is not written`, () => {
    throws(() => fromAgentFrame({ type: "emit", call: 1, chunk }), TypeError);
    throws(() => toAgentFrame({ type: "port_chunk", port: 1, chunk }), TypeError);
  });
}

const odd: [
  what: string,
  head: unknown,
  body: string,
  error?: typeof SyntaxError | RangeErrorConstructor,
][] = [
  ["no object", null, ""],
  ["a list", [1], ""],
  ["an outcome of no kind", { type: "outcome", call: 1 }, "{}"],
  ["a response whose head is no list", { type: "outcome", kind: "response", response: 5 }, ""],
  ["a body that is not JSON", { type: "emit", call: 1 }, "{", SyntaxError],
  ["a body that is a number where members are expected", { type: "log" }, "5"],
  [
    "a body that is nested deeply",
    { type: "emit" },
    "[".repeat(5_000) + "]".repeat(5_000),
    RangeError,
  ],
  [
    "a result that is nested deeply",
    {
      type: "outcome",
      kind: "result",
    },
    "[".repeat(5_000) + "]".repeat(5_000),
    RangeError,
  ],
];
for (const [what, head, body, error] of odd) {
  Deno.test(`${what} is read as something to be checked, or refused`, () => {
    sent({ head: JSON.stringify(head), body }, (head, body) => {
      if (error === undefined) fromAgentMessage(head, body);
      else throws(() => fromAgentMessage(head, body), error);
    });
  });
}
