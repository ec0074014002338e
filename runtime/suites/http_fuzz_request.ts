/**
 * Requests to an agent and to a gateway, as bytes on a connection: what there is and what is not, with
 * parts that fit, nearly fit, and do not fit at all, well framed mostly.
 *
 * @module
 */
import fc from "fast-check";
import { deepJson, hostileText, mostly, oddBody, segmentOf } from "../base/hostile_fixture.ts";

/** Which member of the mesh is asked. */
export type Target = "agent" | "gateway";

/** One request. */
export interface FuzzRequest {
  readonly target: Target;
  /** The request line and the headers, without those of the body. */
  readonly head: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly framing: Framing;
}

/**
 * How a body is framed: by its length, in chunks, not at all; with a length that never comes, two
 * lengths, or a chunk that is none.
 */
export type Framing = "length" | "chunks" | "none" | "cut" | "two lengths" | "broken chunk";

const MODERN = "2026-07-28";
const ENVELOPE = "io.modelcontextprotocol/";

const text = fc.oneof(
  fc.constantFrom("echo", "strict", "review", "book://a/1", "title"),
  hostileText,
);
const segment = segmentOf(text);

const tool = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("echo", "strict", "fails", "streams", "asks") },
  { weight: 1, arbitrary: text },
);
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("tools/call", "tools/list") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...["initialize", "ping", "prompts/list", "prompts/get", "resources/list", "resources/read"],
      ...["resources/templates/list", "completion/complete", "server/discover"],
      ...["subscriptions/listen", "logging/setLevel", "resources/subscribe"],
      ...["notifications/initialized", "notifications/cancelled", "notifications/progress"],
    ),
  },
  { weight: 1, arbitrary: text },
);

const envelope = fc.record({
  [`${ENVELOPE}protocolVersion`]: mostly(fc.constant(MODERN)),
  [`${ENVELOPE}clientInfo`]: mostly(fc.constant({ name: "fuzz", version: "1" })),
  [`${ENVELOPE}clientCapabilities`]: mostly(fc.constantFrom({}, { elicitation: {} })),
});
const meta = fc.oneof(
  fc.constant({}),
  envelope,
  fc.record({ progressToken: mostly(fc.oneof(fc.integer(), fc.string())) }),
  fc.dictionary(text, fc.jsonValue()),
);

const params = fc.record({
  name: mostly(tool),
  arguments: mostly(fc.oneof(
    fc.record({ value: fc.jsonValue() }),
    fc.record({ n: fc.oneof(fc.integer(), fc.double(), text) }),
    fc.record({ title: text }),
    fc.dictionary(fc.oneof(text, fc.constantFrom("_mesh_headers", "_trace_id")), fc.jsonValue()),
  )),
  uri: mostly(text),
  ref: mostly(
    fc.record({ type: fc.constantFrom("ref/prompt", "ref/resource"), name: text, uri: text }),
  ),
  argument: mostly(fc.record({ name: text, value: text })),
  protocolVersion: mostly(fc.constantFrom("2025-11-25", "2024-11-05", MODERN)),
  capabilities: mostly(fc.constant({})),
  clientInfo: mostly(fc.constant({ name: "fuzz", version: "1" })),
  requestState: mostly(text),
  inputResponses: mostly(fc.dictionary(text, fc.jsonValue())),
  _meta: mostly(meta),
}, { requiredKeys: ["name"] });

const message = fc.record({
  jsonrpc: mostly(fc.constant("2.0")),
  id: mostly(fc.oneof(fc.integer(), text)),
  method: mostly(method),
  params: mostly(params),
}, { requiredKeys: ["jsonrpc", "method"] });

const mcpBody = fc.oneof(
  { weight: 20, arbitrary: message.map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc.array(message, { maxLength: 120 }).map((value) => JSON.stringify(value)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(message, deepJson).map(([value, deep]) =>
      JSON.stringify({ ...value, params: { name: "echo", arguments: { value: "<deep>" } } })
        .replace('"<deep>"', () => deep)
    ),
  },
  { weight: 2, arbitrary: oddBody },
);

/** A header's value; what no client could send breaks the head. */
const value = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.constantFrom("1", "0", "-5", "1e9", "999999999", "Bearer x", "null"),
  },
  { weight: 10, arbitrary: fc.base64String() },
  { weight: 1, arbitrary: hostileText },
);

function headerLines(
  ...headers: fc.Arbitrary<readonly (readonly [name: string, value: string])[]>[]
): fc.Arbitrary<string> {
  return fc.tuple(...headers).map((all) =>
    all.flat().map(([name, value]) => `${name}: ${value}\r\n`).join("")
  );
}

const oddHeaders = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...["x-mesh-timeout", "x-trace-id", "x-parent-span", "traceparent", "authorization"],
      ...["origin", "idempotency-key", "x-mesh-resent", "mcp-session-id", "mcp-method", "mcp-name"],
      ...["last-event-id", "expect", "upgrade", "content-encoding", "range", "if-none-match"],
    ),
    value,
  ),
  { maxLength: 3 },
);

const host = fc.oneof(
  { weight: 40, arbitrary: fc.constant([["host", "localhost"]] as const) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constantFrom([["host", "evil.example"]], [["host", "a b"]] as const) },
);

const mcpHeaders = headerLines(
  host,
  fc.oneof(
    { weight: 10, arbitrary: fc.constant([["content-type", "application/json"]] as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        [["content-type", "application/json; charset=utf-8"]] as const,
        [["content-type", "text/plain"]] as const,
        [],
      ),
    },
  ),
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.constant([["accept", "application/json, text/event-stream"]] as const),
    },
    { weight: 1, arbitrary: fc.constantFrom([["accept", "*/*"]] as const, []) },
  ),
  fc.constantFrom(
    [],
    [["mcp-protocol-version", "2025-11-25"]] as const,
    [["mcp-protocol-version", MODERN], ["mcp-method", "tools/call"], ["mcp-name", "echo"]] as const,
    [["mcp-protocol-version", "1999-01-01"]] as const,
  ),
  oddHeaders,
);

const framing: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 30, arbitrary: fc.constant("length") },
  { weight: 10, arbitrary: fc.constant("chunks") },
  { weight: 3, arbitrary: fc.constantFrom("none", "cut", "two lengths", "broken chunk") },
);

const odd = fc.constantFrom(
  "GET",
  "HEAD",
  "POST",
  "DELETE",
  "PUT",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "X",
);
const path = fc.oneof(
  fc.constantFrom("/livez", "/ready", "/health", "/startupz", "/metrics", "/mcp", "/", "*", "//"),
  fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
  fc.tuple(fc.constantFrom("/mcp", "/events", "/"), segment).map(([at, query]) => `${at}?${query}`),
);

const toAgent = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ line: fc.constant("POST /mcp"), headers: mcpHeaders, body: mcpBody }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      line: fc.tuple(odd, path).map((parts) => parts.join(" ")),
      headers: mcpHeaders,
      body: mcpBody,
    }),
  },
).map((request) => ({ target: "agent" as const, ...request }));

const planBody = fc.oneof(
  { weight: 3, arbitrary: fc.record({ destination: mostly(text), days: mostly(fc.integer()) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
).map((value) => JSON.stringify(value));

const toGateway = fc.record({
  line: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("POST /plan", "POST /echo", "GET /", "GET /events") },
    {
      weight: 4,
      arbitrary: fc.oneof(
        fc.tuple(segment, segment).map(([city, day]) => `GET /cities/${city}/weather?day=${day}`),
        fc.array(segment).map((parts) => `GET /files/${parts.join("/")}`),
      ),
    },
    { weight: 2, arbitrary: fc.tuple(odd, path).map((parts) => parts.join(" ")) },
  ),
  headers: headerLines(
    host,
    fc.constantFrom([["content-type", "application/json"]] as const, [["content-type", "a/b"]], []),
    oddHeaders,
  ),
  body: fc.oneof({ weight: 3, arbitrary: planBody }, { weight: 1, arbitrary: oddBody }),
}).map((request) => ({ target: "gateway" as const, ...request }));

/** Any request. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.tuple(
  fc.oneof({ weight: 2, arbitrary: toAgent }, { weight: 1, arbitrary: toGateway }),
  framing,
).map(([{ target, line, headers, body }, framing]) => ({
  target,
  head: `${line} HTTP/1.1\r\n${headers}connection: close\r\n`,
  body,
  framing,
}));

/** The bytes of a request. */
export function bytesOf({ head, body, framing }: FuzzRequest): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const size = bytes.length;
  const join = (...parts: (string | Uint8Array<ArrayBuffer>)[]) => {
    const all = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
    const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of all) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
  switch (framing) {
    case "length":
      return join(head, `content-length: ${size}\r\n\r\n`, bytes);
    case "cut":
      return join(head, `content-length: ${size + 10}\r\n\r\n`, bytes);
    case "two lengths":
      return join(head, `content-length: ${size}\r\ncontent-length: ${size + 1}\r\n\r\n`, bytes);
    case "none":
      return join(head, "\r\n", bytes);
    case "broken chunk":
      return join(chunked, `${size.toString(16)}\r\n`, bytes, "\r\nzz\r\n");
    case "chunks": {
      const half = Math.floor(size / 2);
      const parts = [bytes.slice(0, half), bytes.slice(half)].filter(({ length }) => length > 0);
      const chunks = parts.flatMap((part) => [`${part.length.toString(16)}\r\n`, part, "\r\n"]);
      return join(chunked, ...chunks, "0\r\n\r\n");
    }
  }
}
