/**
 * Requests as somebody might send them who means harm, or does not know better: the routes there
 * are and some there are not, with parts that fit, nearly fit, and do not fit at all.
 *
 * @module
 */
import fc from "fast-check";
import { hostileText, mostly, oddBody, segmentOf } from "../../runtime/base/hostile_fixture.ts";

/** One request. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query, as written into the request line. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Whom the connection comes from. */
  readonly remote: string | undefined;
}

/** Few ids, so that requests meet agents that are there, and memory has an end. */
const id = fc.constantFrom("a", "b", "c", "agent-1", "agent-2", "agent-3");
const text = fc.oneof(id, hostileText);
const segment = segmentOf(text);

const capability = fc.oneof(fc.constantFrom("c", "d", "e"), text);
const tags = fc.array(fc.oneof(fc.constantFrom("x", "+x", "-x", "y"), text, fc.array(text)), {
  maxLength: 3,
});
const version = fc.oneof(fc.constantFrom("1.0.0", "2.1.0", ">=1", "^2 || ~1.0", "latest"), text);
const schema = fc.oneof(
  fc.record({ type: fc.constantFrom("string", "object", ["string", "null"]) }),
  fc.dictionary(
    fc.oneof(fc.constantFrom("type", "properties", "required", "items"), text),
    fc.json(),
  ),
);

const dependency = fc.record({
  capability: mostly(capability),
  tags: mostly(tags),
  version: mostly(version),
  required: mostly(fc.boolean()),
  matchMode: mostly(fc.constantFrom("", "subset", "strict")),
  expectedSchemaHash: mostly(text),
  expectedSchema: mostly(schema),
  expectedSchemaCanonical: mostly(schema),
}, { requiredKeys: ["capability"] });

const tool = fc.record({
  function_name: mostly(capability),
  capability: mostly(capability),
  version: mostly(version),
  tags: mostly(fc.array(text, { maxLength: 3 })),
  description: mostly(text),
  dependencies: mostly(fc.array(mostly(dependency), { maxLength: 3 })),
  inputSchema: mostly(schema),
  outputSchema: mostly(schema),
  outputSchemaCanonical: mostly(schema),
  outputSchemaHash: mostly(fc.oneof(fc.constantFrom("h1", "h2", "h3"), text)),
  llm_filter: mostly(fc.record({ filter: fc.jsonValue(), filter_mode: text })),
  llm_provider: mostly(fc.record({ capability, tags: fc.array(text), version })),
  kwargs: mostly(fc.dictionary(text, fc.jsonValue())),
}, { requiredKeys: ["function_name", "capability"] });

const registration = fc.record({
  agent_id: mostly(id),
  agent_type: mostly(fc.constantFrom("mcp_agent", "api", "a2a", "weird")),
  name: mostly(text),
  namespace: mostly(fc.constantFrom("default", "other")),
  version: mostly(text),
  runtime: mostly(fc.constantFrom("python", "deno", "cobol")),
  description: mostly(text),
  http_host: mostly(fc.constantFrom("10.0.0.1", "h", "::1", "")),
  http_port: mostly(fc.integer({ min: 0, max: 65_535 })),
  surfaces: mostly(fc.array(fc.record({ path: text, skill_id: text }), { maxLength: 2 })),
  observed_failures: mostly(
    fc.array(fc.record({ agent_id: id, failures: fc.integer({ min: 1 }) })),
  ),
  tools: mostly(fc.array(mostly(tool), { maxLength: 4 })),
}, { requiredKeys: ["agent_id"] }).map((value) => JSON.stringify(value));

const body = fc.oneof(
  { weight: 5, arbitrary: registration },
  { weight: 1, arbitrary: oddBody },
);

const route = fc.oneof(
  fc.constantFrom("/", "/health", "/heartbeat", "/agents", "/events", "/schemas", "/a2a/agents"),
  fc.constantFrom("/why", "/admin/drain", "/admin/rotate", "/openapi.json", "/docs"),
  fc.constantFrom("/agents/stream", "/events/stream", "/health/", "/jobs", "/nothing", "//"),
  segment.map((part) => `/heartbeat/${part}`),
  segment.map((part) => `/heartbeat/${part}/stream`),
  segment.map((part) => `/agents/${part}`),
  segment.map((part) => `/schemas/${part}`),
  segment.map((part) => `/admin/${part}`),
  fc.tuple(fc.constantFrom("10.0.0.1:9000", "a:1", "h:80", "%5B::1%5D:8", "x"), segment).map(
    ([host, rest]) => `/proxy/${host}/mcp/${rest}`,
  ),
  fc.array(segment, { maxLength: 4 }).map((parts) => `/proxy/${parts.join("/")}`),
  fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
);

const parameter = fc.tuple(
  fc.oneof(
    fc.constantFrom("limit", "cursor", "fuzzy", "status", "type", "namespace", "capabilities"),
    fc.constantFrom(
      "agent",
      "dependency",
      "function",
      "agent_id",
      "function_name",
      "last_event_id",
    ),
    segment,
  ),
  segment,
).map(([name, value]) => `${name}=${value}`);

const query = fc.array(parameter, { maxLength: 4 }).map((parts) =>
  parts.length === 0 ? "" : `?${parts.join("&")}`
);

const headers = fc.dictionary(
  fc.constantFrom(
    "x-mesh-timeout",
    "x-parent-span",
    "x-trace-id",
    "authorization",
    "origin",
    "last-event-id",
    "x-forwarded-for",
    "content-type",
  ),
  fc.oneof(fc.constantFrom("1", "0", "-5", "1e9", "Bearer x", "null"), fc.base64String()),
  { maxKeys: 3 },
);

const target = fc.tuple(route, query).map((parts) => parts.join(""));
const odd = fc.constantFrom("HEAD", "POST", "DELETE", "PUT", "OPTIONS", "PATCH");

/** What is asked: mostly what there is, with the method it has. */
const line = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ method: "POST", path: "/heartbeat" }) },
  { weight: 3, arbitrary: id.map((id) => ({ method: "HEAD", path: `/heartbeat/${id}` })) },
  { weight: 1, arbitrary: id.map((id) => ({ method: "DELETE", path: `/agents/${id}` })) },
  { weight: 8, arbitrary: target.map((path) => ({ method: "GET", path })) },
  { weight: 3, arbitrary: fc.record({ method: odd, path: target }) },
);

/** Any request. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.record({
  line,
  headers,
  body,
  remote: fc.constantFrom(undefined, "127.0.0.1", "10.0.0.7"),
}).map(({ line, ...rest }) => ({ ...line, ...rest }));
