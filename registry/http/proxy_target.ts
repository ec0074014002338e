/**
 * What `/proxy/{host:port}/mcp…` points at. Pure.
 *
 * @module
 */
import { plainHost } from "../../runtime/base/host_text.ts";
import type { Entry } from "../directory/entry.ts";

/** A target as written, or why it is none. */
export type ProxyTarget =
  | {
    readonly host: string;
    readonly port: number;
    readonly address: string;
    readonly path: string;
  }
  | { readonly fault: string };

const PREFIX = "/proxy/";

/** Layers of percent-encoding that are taken off; each costs a pass over the path. */
const LAYERS_MAX = 8;

/**
 * Reads the target out of a request's address. The path is looked at as it was sent: a parsed URL
 * would already have followed its `..` segments.
 */
export function proxyTarget(url: string): ProxyTarget {
  const raw = url.slice(url.indexOf(PREFIX) + PREFIX.length).replace(/[?#].*$/s, "");
  const decoded = decodedFully(raw);
  if (decoded === undefined || decoded.split(/[/\\]/).includes("..")) {
    return {
      fault:
        "the target path must not contain '..' segments, broken percent-encoding or more than " +
        `${LAYERS_MAX} layers of it`,
    };
  }
  const slash = raw.indexOf("/");
  if (slash === -1) {
    return {
      fault: "Invalid target format: missing path. Expected format: {host}:{port}/mcp/{path}",
    };
  }
  const address = decodeURIComponent(raw.slice(0, slash));
  const path = raw.slice(slash + 1);
  if (path !== "mcp" && !path.startsWith("mcp/")) {
    return { fault: "Only /mcp/* paths are allowed for proxying" };
  }
  const colon = address.lastIndexOf(":");
  const host = colon === -1 ? address : address.slice(0, colon);
  return { host, port: colon === -1 ? 0 : Number(address.slice(colon + 1)), address, path };
}

/**
 * The registered agent a target means: its host, id or name and its port. Dead agents count too,
 * after living ones, so that a caller learns how they fail.
 */
export function targetAgent(
  entries: readonly Entry[],
  { host, port }: { host: string; port: number },
): Entry | undefined {
  const asked = spelled(host);
  const named = entries.filter(({ record }) =>
    record.host !== "" && record.port !== 0 && record.port === port &&
    ([record.id, record.name].includes(host) || spelled(record.host) === asked)
  );
  return named.find(({ status }) => status === "healthy") ?? named[0];
}

/** Returns a host in the one spelling that URLs have, whether an IPv6 address has brackets or not. */
function spelled(host: string): string {
  return plainHost(host) ?? host;
}

/**
 * The text with every layer of percent-encoding taken off; `undefined` when one is broken or there
 * are too many.
 */
function decodedFully(text: string): string | undefined {
  try {
    let before = text;
    for (let layer = 0; layer <= LAYERS_MAX; layer++) {
      const after = decodeURIComponent(before);
      if (after === before) return after;
      before = after;
    }
    return undefined;
  } catch {
    return undefined;
  }
}
