/** A message of agent code is taken as a copy, or refused with a code. */
import assert from "node:assert/strict";
import { isMeshError } from "../base/errors.ts";
import { blankManifest } from "../define/manifest.ts";
import { plainCopy } from "./plain_copy.ts";
import { readFromAgent } from "./received.ts";

const error = { code: "tool_failed", message: "no" };
const port = { type: "port", port: 1, call: 2, dependency: "d", options: {}, streaming: false };
const request = { method: "tools/call", args: {} };
const outcome = (outcome: unknown) => ({ type: "outcome", call: 1, outcome });
const result = (result: unknown) => outcome({ kind: "result", result });
const response = (head: unknown, body?: unknown) =>
  outcome({ kind: "response", response: { head, body } });
const head = { status: 200, headers: [["content-type", "text/plain"]] };
const span = { name: "s", kind: "client", start_us: 1 };
const bytes = new TextEncoder().encode("bytes");

const taken: Record<string, unknown> = {
  value: outcome({ kind: "value", json: '{"a":1}' }),
  result: result({ content: [{ type: "text", text: "x" }], isError: false, _meta: { a: [1] } }),
  "result without content": result({ contents: [{ uri: "a:b", text: "x" }] }),
  "exact result": outcome({ kind: "result", result: { content: [] }, json: '{"content":[]}' }),
  questions: outcome({
    kind: "questions",
    requests: {
      a: { method: "elicitation/create", params: { message: "?" } },
      b: { method: "roots/list" },
    },
    state: { step: 1 },
  }),
  response: response(head, "text"),
  "response of bytes": response(head, bytes),
  "response that was emitted": outcome({ kind: "response", response: undefined }),
  emit: { type: "emit", call: 1, chunk: { a: [1, "x", null, true] } },
  "emit of bytes": { type: "emit", call: 1, chunk: bytes },
  "emit of a head": { type: "emit", call: 1, chunk: head },
  log: { type: "log", call: undefined, level: "info", message: "m", fields: { a: 1 } },
  "log of a call": { type: "log", call: 1, level: "debug", message: "m", fields: undefined },
  port: { ...port, request },
  "port with all there is": {
    ...port,
    request: { method: "tools/call", tool: "t", twin: true, args: { a: [1] }, exact: "{}" },
    options: {
      timeoutMs: -1.5,
      headers: { "x-a": "b" },
      idempotencyKey: "k",
      stallMs: 10,
      parentSpanId: "00f067aa0ba902b7",
    },
    streaming: true,
  },
  "port for a list": { ...port, request: { method: "tools/list" } },
  "port for a prompt": { ...port, request: { method: "prompts/get", name: "p", args: { a: "b" } } },
  "port for a resource": { ...port, request: { method: "resources/read", uri: "a:b" } },
  progress: { type: "progress", call: 1, progress: 0.5, total: 1, message: "half" },
  "progress alone": {
    type: "progress",
    call: 1,
    progress: 2,
    total: undefined,
    message: undefined,
  },
  span: {
    type: "span",
    call: 1,
    span: {
      ...span,
      span_id: "00f067aa0ba902b7",
      parent_span_id: "00f067aa0ba902b8",
      duration_us: 3,
      error: { code: "timeout", message: "late" },
      llm: { model: "m", provider: "p", input_tokens: 1, output_tokens: 2 },
      attributes: { a: 1, b: "x", c: true },
    },
  },
  error: {
    type: "error",
    call: 1,
    error: { ...error, details: { issues: [] }, dependency: "d", nothingRan: true },
  },
  verdict: {
    type: "verdict",
    call: 1,
    verdict: { status: "degraded", checks: { a: false }, errors: ["b"] },
  },
  completed: { type: "completed", call: 1, values: ["a", "b"] },
  done: { type: "done", call: 1 },
  port_abort: { type: "port_abort", port: 1, error },
  port_taken: { type: "port_taken", port: 1 },
  loaded: { type: "loaded", manifest: blankManifest("a") },
  manifest: { type: "manifest", manifest: blankManifest("a") },
  resource_updated: { type: "resource_updated", uri: "a:b" },
  failed: { type: "failed", error },
  exiting: { type: "exiting", reason: "r" },
  refused: { type: "refused", message: "m" },
  pong: { type: "pong" },
  check_health: { type: "check_health" },
};

/** Whether what was read is made of other objects than the message. */
function sharesNothing(read: unknown, given: unknown): boolean {
  if (typeof read !== "object" || read === null) return true;
  // Bytes that arrive are nobody else's.
  if (read instanceof Uint8Array) return true;
  if (read === given) return false;
  return Object.entries(read).every(([key, value]) =>
    sharesNothing(value, (given as Record<string, unknown>)[key])
  );
}

for (const [what, message] of Object.entries(taken)) {
  Deno.test(`readFromAgent() takes ${what} as it is, as a copy, from a clone or from JSON`, () => {
    for (const given of [message, structuredClone(message)]) {
      const read = readFromAgent(given);
      assert.deepEqual(plain(read), plain(message));
      assert.ok(sharesNothing(read, given));
    }
    const text = JSON.stringify(message);
    // Bytes are not sent as JSON.
    if (!what.includes("bytes")) {
      assert.deepEqual(plain(readFromAgent(JSON.parse(text))), JSON.parse(text));
    }
  });
}

/** Without members that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
const circular: Record<string, unknown> = {};
circular["itself"] = circular;
const shared = new Uint8Array(new SharedArrayBuffer(8));

/** Values that take the place of each member of each message. */
const ODD: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    0,
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 60,
    10n,
    "",
    "x",
    Symbol("s"),
    () => {},
  ],
  ...[[], [null], {}, { length: 1 }, [circular], circular, nested(193), nested(100_000)],
  ...[shared, shared.buffer, new Map([[1, 2]]), new Set([1]), new Date(NaN), /x/, new Error("e")],
  ...[
    new Uint8Array(4),
    new Float64Array(4),
    new ArrayBuffer(4),
    Array(2 ** 32 - 1),
    new Proxy({}, {}),
  ],
  ...["x".repeat(70_000), { toString: () => "outcome" }, Object.create({ type: "pong" })],
  ...[{ __proto__: null, type: "pong" }, JSON.parse('{"__proto__":{"code":"timeout"}}')],
];

/** Every message with one member, at any depth, in another's place, or without it. */
function* mutated(value: unknown): Generator<unknown> {
  for (const odd of ODD) yield odd;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [key, member] of Object.entries(value)) {
    for (const odd of mutated(member)) {
      yield Array.isArray(value) ? value.with(Number(key), odd) : { ...value, [key]: odd };
    }
  }
}

Deno.test("readFromAgent() refuses a message, or takes what JSON holds, whatever is in its members", () => {
  let count = 0;
  let refused = 0;
  for (const message of Object.values(taken)) {
    for (const odd of mutated(message)) {
      count += 1;
      try {
        const read = readFromAgent(odd);
        // All of it is plain but bytes, which are in memory of their own.
        plainCopy(plain(read));
        JSON.stringify(read, (_key, value) => {
          assert.ok(!(value instanceof Uint8Array) || value.buffer instanceof ArrayBuffer);
          return value;
        });
      } catch (error) {
        assert.ok(isMeshError(error, "protocol"), String(error));
        assert.match(error.message, /^sent a message (of type ".{0,40}" )?that /);
        refused += 1;
      }
    }
  }
  assert.ok(count > 5_000 && refused > count / 2, `${refused} of ${count}`);
});

const refused: Record<string, unknown> = {
  "no message": undefined,
  "a list": [],
  "a text": "pong",
  "no type": {},
  "an unknown type": { type: "terminate" },
  "a type of a prototype": { type: "constructor" },
  "a call that is a fraction": { type: "done", call: 0.5 },
  "a call that is too large": { type: "done", call: 2 ** 53 },
  "a code that does not exist": { type: "failed", error: { code: "ok", message: "" } },
  "a code of a prototype": { type: "failed", error: { code: "toString", message: "" } },
  "a failure without an error": { type: "failed" },
  "an end without a reason": { type: "exiting" },
  "an outcome of no kind": outcome({}),
  "an outcome that is too long": outcome({ kind: "value", json: "x".repeat(2 ** 25 + 1) }),
  "a value that is a number": outcome({ kind: "value", json: 10n }),
  "a chunk that is too deep": { type: "emit", call: 1, chunk: nested(193) },
  "a chunk of shared memory": { type: "emit", call: 1, chunk: shared },
  "a head without a status": response({ headers: [] }),
  "a head with one half of a header": response({ status: 200, headers: [["a"]] }),
  "a body that is a number": response(head, 1),
  "an unknown level": { type: "log", level: "fatal", message: "" },
  "an unknown method": { ...port, request: { method: "tools/delete" } },
  "an unknown question": outcome({ kind: "questions", requests: { a: { method: "exec" } } }),
  "no span": { type: "span", call: 1, span: null },
};
for (const [what, message] of Object.entries(refused)) {
  Deno.test(`readFromAgent() refuses ${what}`, () => {
    assert.throws(() => readFromAgent(message), { code: "protocol", message: /^sent a message / });
  });
}

Deno.test("readFromAgent() makes a result that is none the failure of its call", () => {
  for (
    const odd of [{ content: 1 }, { content: [null] }, { content: [{}] }, { isError: "no" }, {
      _meta: 1,
    }]
  ) {
    const read = readFromAgent(result(odd));
    assert.ok(read.type === "error");
    assert.deepEqual([read.call, read.error.code], [1, "protocol"]);
  }
});

Deno.test("readFromAgent() reads an accessor once, and takes no prototype along", () => {
  let reads = 0;
  const chunk = Object.create({ inherited: 1 }, {
    a: { enumerable: true, get: () => (reads += 1) },
  });
  assert.throws(() => readFromAgent({ type: "emit", call: 1, chunk }), { code: "protocol" });
  const own = {
    get a() {
      return (reads += 1);
    },
  };
  const read = readFromAgent({ type: "emit", call: 1, chunk: own });
  assert.ok(read.type === "emit");
  assert.deepEqual([read.chunk, reads], [{ a: 1 }, 1]);
  const proto = JSON.parse('{"__proto__":{"polluted":true}}');
  const copy = readFromAgent({ type: "emit", call: 1, chunk: proto });
  assert.ok(copy.type === "emit" && typeof copy.chunk === "object" && copy.chunk !== null);
  assert.equal(Object.getPrototypeOf(copy.chunk), Object.prototype);
  assert.equal("polluted" in copy.chunk, false);
});

Deno.test("readFromAgent() cuts texts that are too long, and leaves out details that cannot cross", () => {
  const long = "x".repeat(3 * 1024 * 1024);
  const message = (given: unknown) => {
    const read = readFromAgent(given);
    return read.type === "log" || read.type === "refused"
      ? read.message
      : read.type === "error"
      ? read.error.message
      : "";
  };
  for (
    const given of [
      { type: "log", level: "info", message: long },
      { type: "refused", message: long },
      { type: "error", call: 1, error: { ...error, message: long } },
    ]
  ) {
    assert.match(message(given), /^x+… \(\d+ more characters\)$/);
  }
  for (const details of [10n, circular, new Map(), { a: long }]) {
    const read = readFromAgent({ type: "error", call: 1, error: { ...error, details } });
    assert.ok(read.type === "error");
    assert.match(String(read.error.details), /^left out: this /);
  }
  const line = readFromAgent({ type: "log", level: "info", message: "m", fields: { a: long } });
  assert.ok(line.type === "log");
  assert.deepEqual(Object.keys(line.fields ?? {}), ["left_out"]);
});

Deno.test("readFromAgent() takes of shared memory nothing, and of a part of memory that part", () => {
  const part = new Uint8Array(new ArrayBuffer(1024 * 1024), 10, 4);
  const read = readFromAgent({ type: "emit", call: 1, chunk: part });
  assert.ok(read.type === "emit" && read.chunk instanceof Uint8Array);
  assert.equal(read.chunk.buffer.byteLength, 4);
});
