/**
 * Which names a server of the mesh may be called by (MCP transports §security). A page of somebody
 * else that has its own host name point at this machine (DNS rebinding) sends that name along; a page
 * of somebody else that calls the server by its right name sends its own origin along.
 *
 * @module
 */
import { urlHost } from "./host_text.ts";

/** Looks at a request's `Host` and `Origin`: `undefined` lets it through, else what is wrong with it. */
export type HostGuard = (request: Pick<Request, "headers" | "url">) => string | undefined;

/** Names that always mean this machine. */
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];
/** An address is no name that anybody could have pointed elsewhere. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;
/** Spellings that are remembered: callers keep sending the same few names, ports included. */
const MOST_KNOWN = 256;

/**
 * A guard.
 *
 * @param names Host names, without port, that are let in besides this machine's own; `*` lets
 * everything in.
 * @param options.anyHost Whether a `Host` may be any name, but not an `Origin`. Default `false`.
 */
export function hostGuard(
  names: readonly string[],
  { anyHost = false }: { readonly anyHost?: boolean } = {},
): HostGuard {
  if (names.includes("*")) return () => undefined;
  const own = new Set([...LOCAL, ...names.map((name) => urlHost(name.toLowerCase()))]);
  const hosts = new Known((name) => own.has(name) || ADDRESS.test(name));
  const origins = new Known((name) => own.has(name));
  return (request) => {
    if (!anyHost) {
      const host = hostOf(request);
      if (!hosts.lets(host)) return refusal("Host", host);
    }
    const origin = request.headers.get("origin");
    if (origin !== null && !origins.lets(origin)) return refusal("Origin", origin);
    return undefined;
  };
}

/** A rule over names, with what it let in remembered by its spelling. */
class Known {
  readonly #rule: (name: string) => boolean;
  readonly #known = new Set<string>();

  constructor(rule: (name: string) => boolean) {
    this.#rule = rule;
  }

  lets(text: string): boolean {
    if (this.#known.has(text)) return true;
    if (!this.#rule(hostName(text))) return false;
    if (this.#known.size < MOST_KNOWN) this.#known.add(text);
    return true;
  }
}

/** What a request is addressed to. */
function hostOf({ headers, url }: Pick<Request, "headers" | "url">): string {
  // One that never was on a wire has no Host header; its URL says the same.
  return headers.get("host") ?? new URL(url).host;
}

/** The host name of `host:port` or `scheme://host:port`, in lower case. */
function hostName(text: string): string {
  return text.toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\//, "").replace(/:\d*$/, "");
}

function refusal(header: string, value: string): string {
  return `${header} ${
    JSON.stringify(value)
  } is not allowed here; add its host name to MCP_MESH_ALLOWED_HOSTS if it is yours`;
}
