/**
 * Requests of clients that write `null` for what they do not say. No member of MCP may be `null`, and its
 * readers refuse one. The arguments of a tool and the meta data of others are not MCP's, so they stay.
 *
 * @module
 */
import { isObject, type JsonObject } from "./json.ts";

const NULL = /:\s*null\b/;
/** Members whose values mean nothing to MCP. */
const OPAQUE: ReadonlySet<string> = new Set(["arguments", "inputResponses", "requestState"]);
const META = "_meta";
/** Begins the names of those members of `_meta` that the protocol defines. */
const ENVELOPE = "io.modelcontextprotocol/";
/** Members of MCP are nested less deeply than this. */
const DEPTH_MAX = 6;

/** Tells whether a text may be of a request that {@linkcode soundRequest} changes. */
export function mayHaveNull(text: string): boolean {
  return NULL.test(text);
}

/** Returns a message, or a list of them, without the members of MCP that are `null`. */
export function soundRequest(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(soundRequest);
  if (!isObject(body) || typeof body["method"] !== "string") return body;
  const isNotification = body["method"].startsWith("notifications/");
  // The id of a request is required, so one that is null is refused.
  const said = Object.entries(body).filter(([name, value]) =>
    value !== null || (name === "id" && !isNotification)
  );
  return Object.fromEntries(
    said.map(([name, value]) => [name, name === "params" ? sound(value, 0) : value]),
  );
}

function sound(value: unknown, depth: number): unknown {
  if (depth === DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((item) => sound(item, depth + 1));
  if (!isObject(value)) return value;
  const said = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(said.map(([name, member]) => {
    if (OPAQUE.has(name)) return [name, member];
    return [name, name === META && isObject(member) ? soundMeta(member) : sound(member, depth + 1)];
  }));
}

function soundMeta(meta: JsonObject): JsonObject {
  const isOurs = (name: string) => name === "progressToken" || name.startsWith(ENVELOPE);
  return Object.fromEntries(
    Object.entries(meta).filter(([name, value]) => value !== null || !isOurs(name))
      .map(([name, value]) => [name, isOurs(name) ? sound(value, 1) : value]),
  );
}
