/**
 * What servers write as `null` where they have nothing to say. No member that MCP gives a meaning may be
 * `null`, and clients refuse what has one; members of structured content and of `_meta` are the server's
 * own business.
 *
 * @module
 */
import { isJson, type Json, mapEntries } from "../protocol/schema/definitions.ts";

/** Members of MCP that hold others of MCP; what else a server writes is its own business. */
const INNER: ReadonlySet<string> = new Set([
  "content",
  "contents",
  "messages",
  "resource",
  "annotations",
  "icons",
  "completion",
  "serverInfo",
  "capabilities",
  "tools",
  "prompts",
  "resources",
]);
/** They are no deeper within each other. */
const DEPTH_MAX = 5;

/**
 * Returns a result without the members of MCP that are `null`.
 *
 * @param mayBeNull Whether structured content may be, as in MCP of 2026.
 */
export function withoutNulls(result: Json, mayBeNull: boolean): Json {
  const { structuredContent, ...rest } = sound(result);
  return structuredContent === undefined || (structuredContent === null && !mayBeNull)
    ? rest
    : { ...rest, structuredContent };
}

/** Returns a message without what a server says of itself with `null` in a handshake. */
export function soundHandshake(message: Json): Json {
  const { result } = message;
  if (!isJson(result)) return message;
  const isHandshake = "protocolVersion" in result || "supportedVersions" in result;
  return isHandshake ? { ...message, result: sound(result) } : message;
}

/** Returns an object of MCP without the members that are `null`, also in those that MCP knows. */
export function sound(object: Json, depth = 0): Json {
  const kept = Object.entries(object).filter(([name, value]) => {
    return value !== null || name === "structuredContent";
  });
  return mapEntries(Object.fromEntries(kept), (value, name) => {
    if (!INNER.has(name) || depth === DEPTH_MAX) return value;
    const inner = (one: unknown) => isJson(one) ? sound(one, depth + 1) : one;
    return Array.isArray(value) ? value.map(inner) : inner(value);
  });
}
